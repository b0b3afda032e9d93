/** Parameters that change what S3 does and are not built: refused by name, never ignored. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidArgument } from '../errors.ts';

const unbuilt = [
  'WebsiteRedirectLocation',
  'ObjectLockEventHold',
  'ObjectLockEventHoldDurationDays',
  'ObjectLockEventHoldDurationYears',
  'WriteOffsetBytes',
  // These two are for directory buckets: in others AWS answers 501 too.
  'IfMatchLastModifiedTime',
  'IfMatchSize',
] as const;

const storageClasses = new Set([
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
  'REDUCED_REDUNDANCY',
  'OUTPOSTS',
  'SNOW',
  'EXPRESS_ONEZONE',
  'FSX_OPENZFS',
  'FSX_ONTAP',
]);

/** Throws NotImplemented (501) for the first parameter that is not built. */
export function refuseUnbuilt(request: ServiceRequest, input: object): void {
  const given = input as Readonly<Record<string, unknown>>;
  for (const name of unbuilt) if (given[name] !== undefined) refuse(request, name);
  const storageClass = given['StorageClass'];
  if (storageClass !== undefined && storageClass !== 'STANDARD') {
    if (!storageClasses.has(String(storageClass)))
      throw invalidArgument('The storage class you specified is not valid', 'x-amz-storage-class', storageClass);
    refuse(request, `StorageClass ${String(storageClass)}`);
  }
}

function refuse(request: ServiceRequest, parameter: string): never {
  throw notImplemented(`s3:${request.operation} with ${parameter}`);
}
