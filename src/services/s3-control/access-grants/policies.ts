/** The policy of an instance, by which other accounts get at it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-cross-accounts.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { checkedPolicy, parseStored, resourceKind } from '../../../framework/s3-access/policy.ts';
import { requirePrincipals } from '../../../framework/s3-access/policy-principals.ts';
import { noGrantsPolicy } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { instanceArn } from './arns.ts';
import { requireInstance } from './instance.ts';
import { grantsPolicies, type GrantsPolicy, type Place } from './tables.ts';

export const PutAccessGrantsInstanceResourcePolicy: Operation<'PutAccessGrantsInstanceResourcePolicy'> = async (request, input) => {
  if (input.Organization !== undefined) throw notImplemented('s3-control:PutAccessGrantsInstanceResourcePolicy with Organization');
  const { account, region, now: created } = request;
  const { Policy: text } = input;
  await request.store.read((tx) => requireInstance(tx, request));
  const own = instanceArn(request);
  // Its locations and grants lie below the instance, and take the same actions.
  const document = checkedPolicy(text, (resource) => (resourceKind(own, `${own}/`, resource) === undefined ? undefined : 'any'));
  await requirePrincipals(request, account, document);
  const policy: GrantsPolicy = { account, region, created, text };
  await request.store.write(async (tx) => {
    await requireInstance(tx, request);
    await grantsPolicies.put(tx, policy);
  });
  return shown(policy);
};

export const GetAccessGrantsInstanceResourcePolicy: Operation<'GetAccessGrantsInstanceResourcePolicy'> = async (request) => {
  const { account, region } = request;
  const policy = await request.store.read(async (tx) => {
    await requireInstance(tx, request);
    return grantsPolicies.get(tx, account, region);
  });
  if (!policy) throw noGrantsPolicy();
  return shown(policy);
};

export const DeleteAccessGrantsInstanceResourcePolicy: Operation<'DeleteAccessGrantsInstanceResourcePolicy'> = async (request) => {
  await request.store.write(async (tx) => {
    await requireInstance(tx, request);
    await grantsPolicies.delete(tx, request.account, request.region);
  });
  return {};
};

/** What the policy of an instance says; undefined where it has none. */
export async function instancePolicy(
  { store }: Pick<ServiceRequest, 'store'>,
  { account, region }: Place,
): Promise<{ name: string; document: PolicyDocument } | undefined> {
  const policy = await store.read((tx) => grantsPolicies.get(tx, account, region));
  return policy && { name: instanceArn(policy), document: parseStored(policy.text) };
}

function shown({ text, created }: GrantsPolicy) {
  return { Policy: text, CreatedAt: new Date(created) };
}
