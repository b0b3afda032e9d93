/** Who pays for a call: the bucket's owner, or who makes it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { accessDenied } from '../errors.ts';
import type { Bucket } from '../tables.ts';

/** Whether the caller pays for this call rather than the bucket's owner. */
export function requesterIsCharged(request: ServiceRequest, bucket: Bucket): boolean {
  return bucket.requesterPays === true && request.principal.account !== bucket.account && request.principal.type !== 'Service';
}

/** Whom bytes of a bucket are charged to. */
export function payerOf(request: ServiceRequest, bucket: Bucket): string {
  return requesterIsCharged(request, bucket) ? request.principal.account : bucket.account;
}

/** Throws AccessDenied for strangers who do not say that they pay, and for those of whom nobody knows who they are. */
export function checkPayer(request: ServiceRequest, bucket: Bucket): void {
  if (bucket.requesterPays === undefined || !requesterIsCharged(request, bucket) || request.internal) return;
  const { http } = request;
  const agreed = http?.headers['x-amz-request-payer'] ?? new URLSearchParams(http?.rawQuery ?? '').get('x-amz-request-payer') ?? undefined;
  if (agreed?.toLowerCase() !== 'requester' || request.principal.type === 'Anonymous') throw accessDenied();
}
