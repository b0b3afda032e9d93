/** Access by the tags of a bucket: https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html */

import { isControl } from '../control.ts';
import { malformedXml, tagsByControl } from '../errors.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Operation } from '../sdk.ts';
import { buckets, type Bucket } from '../tables.ts';
import { lookUp, requireBucket } from './lookup.ts';

export const GetBucketAbac: Operation<'GetBucketAbac'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  return { AbacStatus: { Status: bucket.abac ? 'Enabled' : 'Disabled' } };
};

export const PutBucketAbac: Operation<'PutBucketAbac'> = async (request, input) => {
  const status = input.AbacStatus.Status;
  if (status !== 'Enabled' && status !== 'Disabled') throw malformedXml();
  await request.store.write(async (tx) => {
    const { abac: _old, ...bucket } = await requireBucket(tx, input.Bucket);
    await buckets.put(tx, { ...bucket, ...(status === 'Enabled' && { abac: true as const }) });
  });
  return {};
};

/** Tags that give access are given by TagResource alone, which asks for permissions of its own. */
export function checkTagged(request: ServiceRequest, bucket: Bucket): void {
  if (bucket.abac && !isControl(request.principal)) throw tagsByControl();
}
