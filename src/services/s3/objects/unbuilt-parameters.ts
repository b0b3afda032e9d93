/** Parameters that change what S3 does and are not built: refused by name, never ignored. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';

const unbuilt = [
  'ObjectLockEventHold',
  'ObjectLockEventHoldDurationDays',
  'ObjectLockEventHoldDurationYears',
  'WriteOffsetBytes',
  // These two are for directory buckets: in others AWS answers 501 too.
  'IfMatchLastModifiedTime',
  'IfMatchSize',
] as const;

/** Throws NotImplemented (501) for the first parameter that is not built. */
export function refuseUnbuilt(request: ServiceRequest, input: object): void {
  const given = input as Readonly<Record<string, unknown>>;
  for (const name of unbuilt) if (given[name] !== undefined) refuse(request, name);
}

function refuse(request: ServiceRequest, parameter: string): never {
  throw notImplemented(`s3:${request.operation} with ${parameter}`);
}
