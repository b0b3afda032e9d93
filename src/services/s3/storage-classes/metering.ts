/** What storage classes cost besides the hours: retrieval, and the rest of the shortest stay of what goes too soon. */

import type { Usage } from '../../../framework/meter.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { dayMilliseconds, hourMilliseconds } from '../limits.ts';
import type { Bucket, ObjectRecord } from '../tables.ts';
import { settleHours } from './settlement.ts';
import { classOf, inClassSince, storageClasses } from './storage-class.ts';

const retrievalClasses: readonly string[] = ['STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR'];

/** Bytes that were read from a class where reading costs. */
export function retrieval(object: ObjectRecord, bytes: number): Usage | undefined {
  const name = classOf(object);
  if (!retrievalClasses.includes(name)) return undefined;
  return { usageType: `Retrieval-${storageClasses[name].billed}`, quantity: bytes, unit: 'Bytes', resource: bucketArn(object.bucket) };
}

/** What is still to be paid for an object that leaves its class before its shortest stay is over. */
export function earlyDeletion(object: ObjectRecord, now: number): Usage | undefined {
  const { daysMin, billed } = storageClasses[classOf(object)];
  const left = inClassSince(object) + daysMin * dayMilliseconds - now;
  if (daysMin === 0 || left <= 0) return undefined;
  return {
    usageType: `EarlyDelete-${billed}`,
    quantity: object.size * Math.ceil(left / hourMilliseconds),
    unit: 'ByteHours',
    resource: bucketArn(object.bucket),
  };
}

/** Meters, for the owner of the bucket, that and the last hours, once it is committed that the object is no more. */
export async function meterGone(request: ServiceRequest, bucket: Bucket, gone: ObjectRecord | undefined): Promise<void> {
  if (!gone) return;
  const usage = earlyDeletion(gone, request.now);
  if (usage) request.use({ ...usage, account: bucket.account });
  await settleHours(request, bucket, gone, request.now);
}
