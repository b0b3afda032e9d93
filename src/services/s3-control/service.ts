/** S3 Control: what concerns S3 in a whole account. What is not listed here answers NotImplemented. */

import { accountPublicAccessBlocks } from '../../framework/account-public-access.ts';
import { defineService } from '../../framework/service.ts';
import { onAccount } from './permissions.ts';
import { DeletePublicAccessBlock, GetPublicAccessBlock, PutPublicAccessBlock } from './public-access-block/operations.ts';
import type { S3Control } from './sdk.ts';

export const service = defineService<S3Control>({
  name: 's3-control',
  tables: [accountPublicAccessBlocks],
  operations: { DeletePublicAccessBlock, GetPublicAccessBlock, PutPublicAccessBlock },
  authorize: {
    DeletePublicAccessBlock: onAccount('s3:PutAccountPublicAccessBlock'),
    GetPublicAccessBlock: onAccount('s3:GetAccountPublicAccessBlock'),
    PutPublicAccessBlock: onAccount('s3:PutAccountPublicAccessBlock'),
  },
});
