/** Block Public Access of an account: https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html */

import { accountPublicAccessBlocks } from '../../../framework/account-public-access.ts';
import { noPublicAccessBlock } from '../errors.ts';
import type { Operation } from '../sdk.ts';

export const GetPublicAccessBlock: Operation<'GetPublicAccessBlock'> = async (request) => {
  const block = await request.store.read((tx) => accountPublicAccessBlocks.get(tx, request.account));
  if (!block) throw noPublicAccessBlock(request.account);
  return {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: block.blockPublicAcls,
      IgnorePublicAcls: block.ignorePublicAcls,
      BlockPublicPolicy: block.blockPublicPolicy,
      RestrictPublicBuckets: block.restrictPublicBuckets,
    },
  };
};

export const PutPublicAccessBlock: Operation<'PutPublicAccessBlock'> = async (request, input) => {
  const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } = input.PublicAccessBlockConfiguration;
  await request.store.write((tx) =>
    accountPublicAccessBlocks.put(tx, {
      account: request.account,
      blockPublicAcls: BlockPublicAcls ?? false,
      ignorePublicAcls: IgnorePublicAcls ?? false,
      blockPublicPolicy: BlockPublicPolicy ?? false,
      restrictPublicBuckets: RestrictPublicBuckets ?? false,
    }),
  );
  return {};
};

export const DeletePublicAccessBlock: Operation<'DeletePublicAccessBlock'> = async (request) => {
  await request.store.write((tx) => accountPublicAccessBlocks.delete(tx, request.account));
  return {};
};
