/** KMS: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { standingUse } from '../../framework/standing-use.ts';
import * as aliasOperations from './aliases/operations.ts';
import { authorize } from './authorize.ts';
import * as dataKeys from './cryptography/data-keys.ts';
import { Decrypt, Encrypt, GenerateRandom, ReEncrypt } from './cryptography/encryption.ts';
import { GenerateMac, VerifyMac } from './cryptography/macs.ts';
import { DeriveSharedSecret, GetPublicKey, Sign, Verify } from './cryptography/signatures.ts';
import { CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant } from './grants/operations.ts';
import { GetKeyPolicy, ListKeyPolicies, PutKeyPolicy } from './key-policies/operations.ts';
import { CreateKey } from './keys/create.ts';
import { keeper } from './keys/keeper.ts';
import * as keyOperations from './keys/operations.ts';
import * as rotation from './materials/rotation.ts';
import type { Kms } from './sdk.ts';
import * as tagging from './tagging/operations.ts';
import { standing } from './keys/standing.ts';
import { tables } from './tables.ts';

const { CreateAlias, DeleteAlias, ListAliases, UpdateAlias } = aliasOperations;

export const service = defineService<Kms>({
  name: 'kms',
  callUsage: ({ resource }) => (resource.startsWith('arn:') && !resource.includes('*') ? { resource } : {}),
  tables: [...tables, standingUse],
  operations: {
    CreateKey,
    ...keyOperations,
    ...{ CreateAlias, DeleteAlias, ListAliases, UpdateAlias },
    ...{ GetKeyPolicy, ListKeyPolicies, PutKeyPolicy },
    ...{ CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant },
    ...rotation,
    ...tagging,
    ...{ Decrypt, Encrypt, GenerateRandom, ReEncrypt },
    ...dataKeys,
    ...{ GenerateMac, VerifyMac },
    ...{ DeriveSharedSecret, GetPublicKey, Sign, Verify },
  },
  authorize,
  reconcilers: [keeper, standing],
});
