/** STS: temporary credentials for users, roles and outside identities. */

import { unsigned } from '../../framework/authorization.ts';
import { defineService } from '../../framework/service.ts';
import { sealingKeys } from '../../framework/session-token.ts';
import { DecodeAuthorizationMessage, GetAccessKeyInfo, GetCallerIdentity } from './caller.ts';
import { AssumeRole } from './roles/assume-role.ts';
import { assumeRolePermissions } from './roles/permissions.ts';
import type { StsSdk } from './sdk.ts';
import { federationTokenPermissions, GetFederationToken } from './sessions/get-federation-token.ts';
import { GetSessionToken } from './sessions/get-session-token.ts';
import { AssumeRoleWithWebIdentity } from './web-identity/assume-role-with-web-identity.ts';

export const service = defineService<StsSdk>({
  name: 'sts',
  operations: {
    AssumeRole,
    AssumeRoleWithWebIdentity,
    DecodeAuthorizationMessage,
    GetAccessKeyInfo,
    GetCallerIdentity,
    GetFederationToken,
    GetSessionToken,
  },
  authorize: {
    AssumeRole: assumeRolePermissions,
    AssumeRoleWithWebIdentity: unsigned,
    DecodeAuthorizationMessage: () => [{ action: 'sts:DecodeAuthorizationMessage', resource: '*' }],
    GetAccessKeyInfo: () => [{ action: 'sts:GetAccessKeyInfo', resource: '*' }],
    GetCallerIdentity: () => [],
    GetFederationToken: federationTokenPermissions,
    GetSessionToken: () => [],
  },
  tables: [sealingKeys],
});
