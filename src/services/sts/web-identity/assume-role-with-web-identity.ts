/** AssumeRoleWithWebIdentity: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */

import { AwsError, notImplemented } from '../../../framework/aws-error.ts';
import type { ConditionContext } from '../../../framework/authorization.ts';
import type { FederatedIdentity } from '../../../framework/policy/principals.ts';
import type { Session } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { requestTagContext, resourceTagContext, type Tag } from '../../../framework/tags.ts';
import { asSts } from '../as-sts.ts';
import { checkConstraints } from '../constraints.ts';
import { accessDenied, invalidIdentityToken } from '../errors.ts';
import { assumedRole, roleSeconds, sessionTimes } from '../roles/assume-role.ts';
import { trustCheck } from '../roles/permissions.ts';
import { roleOf, type Role } from '../roles/role.ts';
import type { Input, Operation } from '../sdk.ts';
import { mintCredentials } from '../sessions/credentials.ts';
import { packedPolicySize, sessionPolicies } from '../sessions/session-policies.ts';
import { tagRecord } from '../sessions/session-tags.ts';
import { claimedTags, type ClaimedTags } from './claims.ts';
import { readToken, verifyToken, type WebIdentity } from './token.ts';

export const AssumeRoleWithWebIdentity: Operation<'AssumeRoleWithWebIdentity'> = async (request, input) => {
  checkConstraints('AssumeRoleWithWebIdentity', input);
  if (input.ProviderId !== undefined) throw notImplemented('sts:AssumeRoleWithWebIdentity with OAuth 2.0 access tokens (ProviderId)');
  const identity = readToken(input.WebIdentityToken);
  const role = await roleOf(request, input.RoleArn);
  if (!role) throw notAuthorized();
  const provider = await requireProvider(request, role.account, identity);
  await verifyToken(request, input.WebIdentityToken, identity);
  const tags = claimedTags(identity.claims);
  await requireTrust(request, input, { role, provider, identity, tags });
  return startSession(request, input, { role, provider, identity, tags });
};

type Federation = { role: Role; /** The provider's ARN. */ provider: string; identity: WebIdentity; tags: ClaimedTags };

function notAuthorized(): AwsError {
  return accessDenied('Not authorized to perform sts:AssumeRoleWithWebIdentity');
}

/** The provider that the role's account has made for the token's issuer. Throws InvalidIdentityToken. */
async function requireProvider(request: ServiceRequest, account: string, { issuer, audience }: WebIdentity): Promise<string> {
  const arn = `arn:aws:iam::${account}:oidc-provider/${withoutScheme(issuer)}`;
  const provider = await asSts(request, account)
    .iam('GetOpenIDConnectProvider', { OpenIDConnectProviderArn: arn })
    .catch((error: unknown) => {
      if (error instanceof AwsError && error.code === 'NoSuchEntity')
        throw invalidIdentityToken(`No OpenIDConnect provider found in your account for ${issuer}`);
      throw error;
    });
  if (!provider.ClientIDList?.includes(audience)) throw invalidIdentityToken('Incorrect token audience');
  return arn;
}

function withoutScheme(issuer: string): string {
  return issuer.replace(/^https?:\/\//, '');
}

/** The keys under which trust policies see the token: `token.example.com:sub`. */
function federatedContext({ issuer, subject, audience, claims }: WebIdentity): Record<string, string> {
  const name = withoutScheme(issuer);
  return {
    [`${name}:sub`]: subject,
    [`${name}:aud`]: audience,
    ...(Array.isArray(claims.aud) && typeof claims['azp'] === 'string' && { [`${name}:oaud`]: String(claims.aud[0]) }),
    ...(typeof claims['email'] === 'string' && { [`${name}:email`]: claims['email'] }),
  };
}

/** The role's trust policy alone decides: the caller has no account here. */
async function requireTrust(
  request: ServiceRequest,
  input: Input<'AssumeRoleWithWebIdentity'>,
  { role, provider, identity, tags }: Federation,
): Promise<void> {
  const context: ConditionContext = {
    ...federatedContext(identity),
    ...resourceTagContext(role.tags, 'iam'),
    ...requestTagContext(tags.tags),
    ...(tags.transitiveKeys.length > 0 && { 'sts:TransitiveTagKeys': tags.transitiveKeys }),
    ...(tags.sourceIdentity !== undefined && { 'sts:SourceIdentity': tags.sourceIdentity }),
    'sts:RoleSessionName': input.RoleSessionName,
  };
  const actions = [
    'sts:AssumeRoleWithWebIdentity',
    ...(tags.tags.length > 0 ? ['sts:TagSession'] : []),
    ...(tags.sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
  const caller: FederatedIdentity = { type: 'Federated', account: 'anonymous', arn: provider, id: identity.subject, provider };
  for (const action of actions) {
    if (!(await request.permits(trustCheck(action, role.arn, role, context), caller))) throw notAuthorized();
  }
}

async function startSession(
  request: ServiceRequest,
  input: Input<'AssumeRoleWithWebIdentity'>,
  { role, provider, identity, tags }: Federation,
) {
  const policies = await sessionPolicies(request, role.account, input);
  const packed = packedPolicySize(policies, tags.tags);
  const session: Session = {
    ...policies,
    ...sessionTimes(request, roleSeconds(role, input.DurationSeconds, false)),
    ...sessionOf(tags.tags, tags),
    federatedProvider: provider,
    federatedContext: federatedContext(identity),
  };
  const assumed = assumedRole(role, input.RoleSessionName, session);
  return {
    Credentials: await mintCredentials(request, assumed, session.expiresAt),
    AssumedRoleUser: { AssumedRoleId: assumed.id, Arn: assumed.arn },
    SubjectFromWebIdentityToken: identity.subject,
    Audience: identity.audience,
    Provider: identity.issuer,
    ...(packed !== undefined && { PackedPolicySize: packed }),
    ...(tags.sourceIdentity !== undefined && { SourceIdentity: tags.sourceIdentity }),
  };
}

function sessionOf(tags: readonly Tag[], { transitiveKeys, sourceIdentity }: ClaimedTags): Partial<Session> {
  return {
    ...(tags.length > 0 && { tags: tagRecord(tags) }),
    ...(transitiveKeys.length > 0 && { transitiveTagKeys: transitiveKeys }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  };
}
