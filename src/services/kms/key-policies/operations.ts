/** Key policies: get, put, list. A key has one, and it is called `default`. */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { constraint, malformedPolicy, notFound } from '../errors.ts';
import { keyArn, requireKept } from '../keys/key.ts';
import { lookUp, requireKey } from '../keys/lookup.ts';
import type { Operation } from '../sdk.ts';
import { keyPolicies, keys, type Key } from '../tables.ts';
import { checkedPolicy } from './policy.ts';

export const GetKeyPolicy: Operation<'GetKeyPolicy'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  requirePolicyName(input.PolicyName);
  const policy = await request.store.read((tx) => keyPolicies.get(tx, key.account, key.region, key.id));
  return { Policy: policy!.text, PolicyName: 'default' };
};

export const ListKeyPolicies: Operation<'ListKeyPolicies'> = async (request, input) => {
  await lookUp(request, input.KeyId);
  return { PolicyNames: ['default'], Truncated: false };
};

export const PutKeyPolicy: Operation<'PutKeyPolicy'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  requirePolicyName(input.PolicyName);
  await requireNoLockout(request, key, input.Policy, input.BypassPolicyLockoutSafetyCheck);
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const present = await requireKey(tx, key);
    requireKept(present);
    await keyPolicies.put(tx, { account: key.account, region: key.region, key: key.id, text: input.Policy, revision });
    await keys.put(tx, { ...present, policy: revision });
  });
  return {};
};

function requirePolicyName(name: string | undefined): void {
  if (name === undefined || name === 'default') return;
  if (!/^\w{1,128}$/.test(name)) throw constraint('policyName', name, 'satisfy regular expression pattern: [\\w]+');
  throw notFound('No such policy exists');
}

/**
 * A policy that its own author could not put again is refused.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
 */
export async function requireNoLockout(
  request: ServiceRequest,
  key: Pick<Key, 'account' | 'region' | 'id'>,
  policy: string,
  bypass: boolean | undefined,
): Promise<void> {
  const document = checkedPolicy(policy);
  if (bypass) return;
  const check: Check = {
    action: 'kms:PutKeyPolicy',
    resource: keyArn(key),
    resourceAccount: key.account,
    resourcePolicy: { name: keyArn(key), document },
    resourcePolicyRequired: true,
    context: { 'kms:CallerAccount': request.principal.account },
  };
  if (!(await request.permits(check)))
    throw malformedPolicy('The new key policy will not allow you to update the key policy in the future.');
}
