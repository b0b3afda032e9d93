/** Block Public Access: what a block is, and those of whole accounts, which S3 Control writes and S3 obeys. */

import { table } from '../../store/table.ts';

export type PublicAccessBlock = {
  blockPublicAcls: boolean;
  ignorePublicAcls: boolean;
  blockPublicPolicy: boolean;
  restrictPublicBuckets: boolean;
};

/** New buckets and access points block all public access: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export const everythingBlocked: PublicAccessBlock = {
  blockPublicAcls: true,
  ignorePublicAcls: true,
  blockPublicPolicy: true,
  restrictPublicBuckets: true,
};

export type AccountPublicAccessBlock = PublicAccessBlock & { account: string };

/** As both services write it on the wire; what a caller leaves out is off. */
type Configuration = { [Name in keyof PublicAccessBlock as Capitalize<Name>]?: boolean | undefined };

export function blockOf(given: Configuration): PublicAccessBlock {
  return {
    blockPublicAcls: given.BlockPublicAcls ?? false,
    ignorePublicAcls: given.IgnorePublicAcls ?? false,
    blockPublicPolicy: given.BlockPublicPolicy ?? false,
    restrictPublicBuckets: given.RestrictPublicBuckets ?? false,
  };
}

export function configurationOf(block: PublicAccessBlock): Required<Configuration> {
  return {
    BlockPublicAcls: block.blockPublicAcls,
    IgnorePublicAcls: block.ignorePublicAcls,
    BlockPublicPolicy: block.blockPublicPolicy,
    RestrictPublicBuckets: block.restrictPublicBuckets,
  };
}

/** What several block together: each setting is on where one has it on. */
export function together(one: PublicAccessBlock | undefined, other: PublicAccessBlock | undefined): PublicAccessBlock | undefined {
  if (!one || !other) return one ?? other;
  return {
    blockPublicAcls: one.blockPublicAcls || other.blockPublicAcls,
    ignorePublicAcls: one.ignorePublicAcls || other.ignorePublicAcls,
    blockPublicPolicy: one.blockPublicPolicy || other.blockPublicPolicy,
    restrictPublicBuckets: one.restrictPublicBuckets || other.restrictPublicBuckets,
  };
}

export const accountPublicAccessBlocks = table<AccountPublicAccessBlock>('framework/account-public-access-blocks', {
  key: ({ account }) => [account],
});
