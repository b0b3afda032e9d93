/** Block Public Access of a bucket: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */

import { blockOf, configurationOf } from '../../../framework/s3-access/public-access-block.ts';
import { noSuchConfiguration } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { buckets } from '../tables.ts';
import { lookUp, requireBucket } from './lookup.ts';

export const GetPublicAccessBlock: Operation<'GetPublicAccessBlock'> = async (request, input) => {
  const block = (await lookUp(request, input.Bucket)).bucket.publicAccessBlock;
  if (!block)
    throw noSuchConfiguration('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found', input.Bucket);
  return { PublicAccessBlockConfiguration: configurationOf(block) };
};

export const PutPublicAccessBlock: Operation<'PutPublicAccessBlock'> = async (request, input) => {
  const publicAccessBlock = blockOf(input.PublicAccessBlockConfiguration);
  await request.store.write(async (tx) => buckets.put(tx, { ...(await requireBucket(tx, input.Bucket)), publicAccessBlock }));
  return {};
};

export const DeletePublicAccessBlock: Operation<'DeletePublicAccessBlock'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { publicAccessBlock: _gone, ...bucket } = await requireBucket(tx, input.Bucket);
    await buckets.put(tx, bucket);
  });
  return {};
};
