/** AssumeRole: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { AssumedRole, Session } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { validationError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { mintCredentials } from '../sessions/credentials.ts';
import { requireMfa } from '../sessions/mfa.ts';
import { packedPolicySize, sessionPolicies } from '../sessions/session-policies.ts';
import { sessionTags, tagRecord } from '../sessions/session-tags.ts';
import { sourceIdentityOf } from './permissions.ts';
import { roleOf, type Role } from './role.ts';

export const AssumeRole: Operation<'AssumeRole'> = async (request, input) => {
  if (input.ProvidedContexts?.length) throw notImplemented('sts:AssumeRole ProvidedContexts');
  const role = (await roleOf(request, input.RoleArn))!;
  const { principal } = request;
  const chained = principal.type === 'AssumedRole';
  const seconds = roleSeconds(role, input.DurationSeconds, chained);
  const sourceIdentity = sourceIdentityOf(request, input);
  if (input.SourceIdentity !== undefined && input.SourceIdentity !== sourceIdentity)
    throw validationError('The source identity of the calling session cannot be changed.');
  const tags = sessionTags(input, principal);
  const policies = await sessionPolicies(request, role.account, input);
  const packed = packedPolicySize(policies, tags.passed);
  const mfaAuthenticated = await requireMfa(request, input);
  const session: Session = {
    ...policies,
    ...sessionTimes(request, seconds),
    ...(tags.all.length > 0 && { tags: tagRecord(tags.all) }),
    ...(tags.transitiveKeys.length > 0 && { transitiveTagKeys: tags.transitiveKeys }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    ...(mfaAuthenticated && { mfaAuthenticated }),
    ...(chained && { chained }),
  };
  const assumed = assumedRole(role, input.RoleSessionName, session);
  return {
    Credentials: await mintCredentials(request, assumed, session.expiresAt),
    AssumedRoleUser: { AssumedRoleId: assumed.id, Arn: assumed.arn },
    ...(packed !== undefined && { PackedPolicySize: packed }),
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  };
};

/** How long a session of a role may last, in seconds. Throws ValidationError. */
export function roleSeconds(role: Role, asked: number | undefined, chained: boolean): number {
  const seconds = asked ?? limits.roleSecondsDefault;
  if (chained && seconds > limits.chainedSecondsMax)
    throw validationError('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.');
  if (seconds > role.sessionSecondsMax)
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  return seconds;
}

/** Whole seconds, as `Expiration` shows them. */
export function sessionTimes(request: ServiceRequest, seconds: number): { issuedAt: number; expiresAt: number } {
  const issuedAt = Math.floor(request.now / 1000) * 1000;
  return { issuedAt, expiresAt: issuedAt + seconds * 1000 };
}

export function assumedRole(role: Role, sessionName: string, session: Session): AssumedRole {
  return {
    type: 'AssumedRole',
    account: role.account,
    arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
    id: `${role.id}:${sessionName}`,
    roleArn: role.arn,
    roleName: role.name,
    sessionName,
    session,
  };
}
