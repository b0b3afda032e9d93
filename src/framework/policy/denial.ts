/** The sentences of AWS for a denied call. */

import type { Check } from '../authorization.ts';
import type { Decision, Layer } from './evaluate.ts';
import type { Actor } from './principals.ts';

const explicitly: Record<Layer, string> = {
  identity: 'an identity-based policy',
  resource: 'a resource-based policy',
  trust: 'the role trust policy',
  boundary: 'a permissions boundary',
  session: 'a session policy',
  serviceControl: 'a service control policy',
  resourceControl: 'a resource control policy',
  endpoint: 'a VPC endpoint policy',
};

const implicitly: Record<Layer, string> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  trust: 'role trust policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  serviceControl: 'service control policy',
  resourceControl: 'resource control policy',
  endpoint: 'VPC endpoint policy',
};

/**
 * Why a call was denied, in AWS's words: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 * S3 puts the resource in quotes; it and EC2 name it only where the action knows one. Within an account a denying policy that has an
 * ARN is named: https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns
 */
export function denialMessage(principal: Actor, check: Pick<Check, 'action' | 'resource' | 'resourceAccount'>, decision: Decision): string {
  const sameAccount = (check.resourceAccount ?? principal.account) === principal.account;
  const reason = reasonOf(check.action, decision) + (sameAccount ? denyingPolicy(decision) : '');
  return `User: ${principal.arn || 'anonymous'} is not authorized to perform: ${check.action}${onResource(check)}${reason}`;
}

function onResource({ action, resource }: Pick<Check, 'action' | 'resource'>): string {
  const service = action.slice(0, action.indexOf(':'));
  if (/^(?:\*|arn:aws:s3:::\*)$/.test(resource) && (service === 's3' || service === 'ec2')) return '';
  return service === 's3' ? ` on resource: "${resource}"` : ` on resource: ${resource}`;
}

function reasonOf(action: string, { effect, layer }: Decision): string {
  if (!layer || effect === 'allow') return '';
  return effect === 'explicitDeny'
    ? ` with an explicit deny in ${explicitly[layer]}`
    : ` because no ${implicitly[layer]} allows the ${action} action`;
}

/** Inline and resource policies have no ARN of their own. */
function denyingPolicy({ effect, layer, matched }: Decision): string {
  const name = matched[0]?.policy;
  return effect === 'explicitDeny' && layer !== 'resource' && layer !== 'trust' && name?.startsWith('arn:') ? `: ${name}` : '';
}
