/** GetFederationToken: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */

import type { Authorizer } from '../../../framework/authorization.ts';
import type { FederatedUser, Session } from '../../../framework/principal.ts';
import { requestTagContext } from '../../../framework/tags.ts';
import { checkConstraints } from '../constraints.ts';
import { accessDenied } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { sessionTimes } from '../roles/assume-role.ts';
import { mintCredentials } from './credentials.ts';
import { requireLongTerm, userSeconds } from './get-session-token.ts';
import { packedPolicySize, sessionPolicies } from './session-policies.ts';
import { sessionTags, tagRecord } from './session-tags.ts';

export const federationTokenPermissions: Authorizer<Input<'GetFederationToken'>> = (request, input) => {
  checkConstraints('GetFederationToken', input);
  requireLongTerm(request, 'GetFederationToken');
  const { passed } = sessionTags(input, request.principal);
  const resource = federatedArn(request.account, input.Name);
  const context = requestTagContext(passed);
  return ['sts:GetFederationToken', ...(passed.length > 0 ? ['sts:TagSession'] : [])].map((action) => ({ action, resource, context }));
};

/** Without session policies a federated user may do nothing but what resource policies grant to it by name. */
const allowsNothing = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"*","Resource":"*"}}';

export const GetFederationToken: Operation<'GetFederationToken'> = async (request, input) => {
  const { principal, account } = request;
  if (principal.type !== 'User' && principal.type !== 'Root')
    throw accessDenied('Only an IAM user or the root user can call GetFederationToken.');
  const { passed } = sessionTags(input, principal);
  const policies = await sessionPolicies(request, account, input);
  const packed = packedPolicySize(policies, passed);
  const narrowed = policies.policy !== undefined || policies.policyArns !== undefined;
  const session: Session = {
    ...(narrowed ? policies : { policy: allowsNothing }),
    ...sessionTimes(request, userSeconds(principal, input.DurationSeconds)),
    ...(passed.length > 0 && { tags: tagRecord(passed) }),
  };
  const user: FederatedUser = {
    type: 'FederatedUser',
    account,
    arn: federatedArn(account, input.Name),
    id: `${account}:${input.Name}`,
    issuerArn: principal.arn,
    session,
  };
  return {
    Credentials: await mintCredentials(request, user, session.expiresAt),
    FederatedUser: { FederatedUserId: user.id, Arn: user.arn },
    PackedPolicySize: packed ?? 0,
  };
};

function federatedArn(account: string, name: string): string {
  return `arn:aws:sts::${account}:federated-user/${name}`;
}
