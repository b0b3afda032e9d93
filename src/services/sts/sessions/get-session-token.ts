/** GetSessionToken: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */

import type { Principal, Session } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { checkConstraints } from '../constraints.ts';
import { accessDenied, sessionMayNotCall } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { sessionTimes } from '../roles/assume-role.ts';
import { mintCredentials } from './credentials.ts';
import { requireMfa } from './mfa.ts';

export const GetSessionToken: Operation<'GetSessionToken'> = async (request, input) => {
  checkConstraints('GetSessionToken', input);
  requireLongTerm(request, 'GetSessionToken');
  const { principal } = request;
  if (principal.type !== 'User' && principal.type !== 'Root')
    throw accessDenied('Only an IAM user or the root user can call GetSessionToken.');
  const mfaAuthenticated = await requireMfa(request, input);
  const session: Session = {
    ...sessionTimes(request, userSeconds(principal, input.DurationSeconds)),
    ...(mfaAuthenticated && { mfaAuthenticated }),
  };
  return {
    Credentials: await mintCredentials(request, principal.type === 'User' ? { ...principal, session } : principal, session.expiresAt),
  };
};

/** Throws AccessDenied for a caller with temporary credentials. */
export function requireLongTerm(request: ServiceRequest, operation: string): void {
  if (request.principal.type === 'AssumedRole') throw sessionMayNotCall(operation);
  refuseUserSessions(request, operation);
}

/**
 * Sessions of users may call nothing of STS but AssumeRole and GetCallerIdentity, federated ones only the latter.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
 */
export function refuseUserSessions({ principal, accessKeyId }: ServiceRequest, operation: string): void {
  if (principal.type === 'User' && principal.session?.console && operation !== 'GetSessionToken') return;
  const ofUser = principal.type === 'User' || principal.type === 'Root';
  if (principal.type === 'FederatedUser' || (ofUser && accessKeyId?.startsWith('ASIA'))) throw sessionMayNotCall(operation);
}

/** Sessions of the root user last an hour at most; asking for more is no error. */
export function userSeconds(principal: Principal, asked: number | undefined): number {
  const seconds = asked ?? limits.sessionTokenSecondsDefault;
  return principal.type === 'Root' ? Math.min(seconds, limits.rootSessionSecondsMax) : seconds;
}
