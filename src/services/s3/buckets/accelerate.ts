/** Transfer acceleration: https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html. One machine has no edge to be near to. */

import { invalidRequest, malformedXml } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { buckets } from '../tables.ts';
import { lookUp, requireBucket } from './lookup.ts';

export const GetBucketAccelerateConfiguration: Operation<'GetBucketAccelerateConfiguration'> = async (request, input) => {
  const { accelerate } = (await lookUp(request, input.Bucket)).bucket;
  return accelerate ? { Status: accelerate } : {};
};

export const PutBucketAccelerateConfiguration: Operation<'PutBucketAccelerateConfiguration'> = async (request, input) => {
  const { Status } = input.AccelerateConfiguration;
  if (input.Bucket.includes('.'))
    throw invalidRequest('S3 Transfer Acceleration is not supported for buckets with periods (.) in their names');
  if (Status !== 'Enabled' && Status !== 'Suspended') throw malformedXml();
  await request.store.write(async (tx) => buckets.put(tx, { ...(await requireBucket(tx, input.Bucket)), accelerate: Status }));
  return {};
};
