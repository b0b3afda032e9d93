/** STS: temporary credentials for users, roles and outside identities. */

import { unsigned, type Authorizer } from '../../framework/authorization.ts';
import { defineService } from '../../framework/service.ts';
import { sealingKeys } from '../../framework/session-token.ts';
import { DecodeAuthorizationMessage, GetAccessKeyInfo, GetCallerIdentity } from './caller.ts';
import { AssumeRole } from './roles/assume-role.ts';
import { assumeRolePermissions } from './roles/permissions.ts';
import type { StsSdk } from './sdk.ts';
import { federationTokenPermissions, GetFederationToken } from './sessions/get-federation-token.ts';
import { GetSessionToken, refuseUserSessions } from './sessions/get-session-token.ts';
import { AssumeRoleWithWebIdentity } from './web-identity/assume-role-with-web-identity.ts';

/** Actions on no resource. */
const onAll =
  (action: string): Authorizer<unknown> =>
  (request) => {
    refuseUserSessions(request, action);
    return [{ action: `sts:${action}`, resource: '*' }];
  };

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
    DecodeAuthorizationMessage: onAll('DecodeAuthorizationMessage'),
    GetAccessKeyInfo: onAll('GetAccessKeyInfo'),
    GetCallerIdentity: () => [],
    GetFederationToken: federationTokenPermissions,
    GetSessionToken: () => [],
  },
  tables: [sealingKeys],
});
