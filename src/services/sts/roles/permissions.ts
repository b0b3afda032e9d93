/** What the caller of AssumeRole must be allowed: by its own policies, and by the role's trust policy. */

import type { Authorizer, Check, ConditionContext } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { requestTagContext, resourceTagContext } from '../../../framework/tags.ts';
import { checkConstraints } from '../constraints.ts';
import { rootMayNotAssumeRoles, sessionMayNotCall } from '../errors.ts';
import { requireMfa } from '../sessions/mfa.ts';
import { sessionTags } from '../sessions/session-tags.ts';
import type { Input } from '../sdk.ts';
import { roleOf, type Role } from './role.ts';

/**
 * sts:AssumeRole, with sts:TagSession when tags are passed or inherited and sts:SetSourceIdentity when one is set.
 * A role that is not there is denied like one that does not trust the caller.
 */
export const assumeRolePermissions: Authorizer<Input<'AssumeRole'>> = async (request, input) => {
  checkConstraints('AssumeRole', input);
  if (request.principal.type === 'Root') throw rootMayNotAssumeRoles();
  if (request.principal.type === 'FederatedUser') throw sessionMayNotCall('AssumeRole');
  const tags = sessionTags(input, request.principal);
  const role = await roleOf(request, input.RoleArn);
  const mfa = await requireMfa(request, input);
  const sourceIdentity = sourceIdentityOf(request, input);
  const context: ConditionContext = {
    ...(role && resourceTagContext(role.tags, 'iam')),
    ...requestTagContext(tags.passed),
    'sts:RoleSessionName': input.RoleSessionName,
    ...(input.ExternalId !== undefined && { 'sts:ExternalId': input.ExternalId }),
    ...(sourceIdentity !== undefined && { 'sts:SourceIdentity': sourceIdentity }),
    ...(tags.transitiveKeys.length > 0 && { 'sts:TransitiveTagKeys': tags.transitiveKeys }),
    ...(mfa && { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '0' }),
  };
  const actions = [
    'sts:AssumeRole',
    ...(tags.all.length > 0 ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
  return actions.map((action) => trustCheck(action, input.RoleArn, role, context));
};

/** A source identity stays with a person through every role: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html */
export function sourceIdentityOf(request: ServiceRequest, input: { SourceIdentity?: string | undefined }): string | undefined {
  const { principal } = request;
  return ('session' in principal ? principal.session?.sourceIdentity : undefined) ?? input.SourceIdentity;
}

/** One action on a role, decided by its trust policy and, unless that names the caller itself, by the caller's policies too. */
export function trustCheck(action: string, arn: string, role: Role | undefined, context: ConditionContext): Check {
  return {
    action,
    resource: arn,
    resourceAccount: role?.account ?? arn.split(':')[4]!,
    resourcePolicyRequired: true,
    ...(role && { resourcePolicy: { name: arn, document: role.trustPolicy } }),
    context,
  };
}
