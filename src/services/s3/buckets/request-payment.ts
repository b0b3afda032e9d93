/** Requester Pays: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html */

import { malformedXml } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { buckets } from '../tables.ts';
import { lookUp, requireBucket } from './lookup.ts';

export const GetBucketRequestPayment: Operation<'GetBucketRequestPayment'> = async (request, input) => {
  const { requesterPays } = (await lookUp(request, input.Bucket)).bucket;
  return { Payer: requesterPays ? 'Requester' : 'BucketOwner' };
};

export const PutBucketRequestPayment: Operation<'PutBucketRequestPayment'> = async (request, input) => {
  const { Payer } = input.RequestPaymentConfiguration;
  if (Payer !== 'Requester' && Payer !== 'BucketOwner') throw malformedXml();
  await request.store.write(async (tx) => {
    const { requesterPays: _old, ...bucket } = await requireBucket(tx, input.Bucket);
    await buckets.put(tx, Payer === 'Requester' ? { ...bucket, requesterPays: true } : bucket);
  });
  return {};
};
