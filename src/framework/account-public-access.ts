/** Block Public Access of whole accounts: S3 Control writes it, S3 obeys it. */

import { table } from '../store/table.ts';

export type AccountPublicAccessBlock = {
  account: string;
  blockPublicAcls: boolean;
  ignorePublicAcls: boolean;
  blockPublicPolicy: boolean;
  restrictPublicBuckets: boolean;
};

export const accountPublicAccessBlocks = table<AccountPublicAccessBlock>('framework/account-public-access-blocks', {
  key: ({ account }) => [account],
});
