/** Block Public Access of an account: https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html */

import { accountPublicAccessBlocks, blockOf, configurationOf } from '../../../framework/s3-access/public-access-block.ts';
import { noPublicAccessBlock } from '../errors.ts';
import type { Operation } from '../sdk.ts';

export const GetPublicAccessBlock: Operation<'GetPublicAccessBlock'> = async (request) => {
  const block = await request.store.read((tx) => accountPublicAccessBlocks.get(tx, request.account));
  if (!block) throw noPublicAccessBlock(request.account);
  return { PublicAccessBlockConfiguration: configurationOf(block) };
};

export const PutPublicAccessBlock: Operation<'PutPublicAccessBlock'> = async (request, input) => {
  await request.store.write((tx) =>
    accountPublicAccessBlocks.put(tx, {
      account: request.account,
      ...blockOf(input.PublicAccessBlockConfiguration),
    }),
  );
  return {};
};

export const DeletePublicAccessBlock: Operation<'DeletePublicAccessBlock'> = async (request) => {
  await request.store.write((tx) => accountPublicAccessBlocks.delete(tx, request.account));
  return {};
};
