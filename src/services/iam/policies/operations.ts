/** Managed policies: create, read, delete, list, tag. */

import { uniqueId } from '../../../framework/access-key-id.ts';
import { changeCount } from '../account/counts.ts';
import { commit } from '../commit.ts';
import { measuredDocument } from '../documents.ts';
import { alreadyExists, deleteConflict, invalidInput, quotaExceeded } from '../errors.ts';
import { limits } from '../limits.ts';
import { page } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { fold, policies, policyVersions, type ManagedPolicy } from '../tables.ts';
import { mergedTags, newTags, tagsMember, withoutTags } from '../tags.ts';
import { usageOf } from './attachments.ts';
import { awsPolicies, type AwsPolicy } from './aws-managed.ts';
import { listedPolicy, policyArn, requirePolicy, shownAwsPolicy, shownPolicy } from './policy.ts';

const unused = { attached: 0, asBoundary: 0 };

/** Throws MalformedPolicyDocument or LimitExceeded. */
export function checkManagedDocument(document: string): void {
  if (measuredDocument(document, 'identity') > limits.managedPolicyCharactersMax)
    throw quotaExceeded('PolicySize', limits.managedPolicyCharactersMax);
}

export const CreatePolicy: Operation<'CreatePolicy'> = async (request, input) => {
  checkManagedDocument(input.PolicyDocument);
  const policy: ManagedPolicy = {
    account: request.account,
    name: input.PolicyName,
    id: uniqueId('ANPA', request.random),
    path: input.Path ?? '/',
    createdAt: request.now,
    updatedAt: request.now,
    ...(input.Description !== undefined && { description: input.Description }),
    tags: newTags(input.Tags),
    defaultVersion: 1,
    lastVersion: 1,
  };
  await commit(request, async (tx) => {
    if (await policies.get(tx, policy.account, fold(policy.name)))
      throw alreadyExists(`A policy called ${policy.name} already exists. Duplicate names are not allowed.`);
    await changeCount(tx, request, 'policies', 1, limits.policiesPerAccount, 'PoliciesPerAccount');
    await changeCount(tx, request, 'policyVersions', 1);
    await policies.put(tx, policy);
    await policyVersions.put(tx, {
      account: policy.account,
      policyId: policy.id,
      number: 1,
      document: input.PolicyDocument,
      createdAt: request.now,
    });
  });
  // AWS shows the description in GetPolicy only.
  return { Policy: { ...listedPolicy(policy, unused), ...tagsMember(policy.tags) } };
};

export const GetPolicy: Operation<'GetPolicy'> = async (request, input) => {
  const managed = (await awsPolicies()).get(input.PolicyArn);
  return request.store.read(async (tx) => {
    if (managed) return { Policy: shownAwsPolicy(managed, await usageOf(tx, request.account, managed.arn)) };
    const policy = await requirePolicy(tx, request.account, input.PolicyArn);
    return { Policy: shownPolicy(policy, await usageOf(tx, request.account, input.PolicyArn)) };
  });
};

export const DeletePolicy: Operation<'DeletePolicy'> = async (request, input) => {
  await refuseAwsPolicy(input.PolicyArn);
  await commit(request, async (tx) => {
    const policy = await requirePolicy(tx, request.account, input.PolicyArn);
    const usage = await usageOf(tx, request.account, input.PolicyArn);
    if (usage.attached + usage.asBoundary > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
    const versions = await policyVersions.scan(tx, [policy.account, policy.id]);
    if (versions.length > 1) {
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    }
    await policyVersions.delete(tx, policy.account, policy.id, policy.defaultVersion);
    await policies.delete(tx, policy.account, fold(policy.name));
    await changeCount(tx, request, 'policies', -1);
    await changeCount(tx, request, 'policyVersions', -1);
  });
  return {};
};

/** Throws InvalidInput: what AWS manages nobody else may change. */
export async function refuseAwsPolicy(text: string): Promise<void> {
  if ((await awsPolicies()).has(text)) throw invalidInput(`Cannot perform operation on an AWS managed policy: ${text}`);
}

type Listed = { key: string; local: ManagedPolicy } | { key: string; aws: AwsPolicy };

export const ListPolicies: Operation<'ListPolicies'> = async (request, input) => {
  const scope = input.Scope ?? 'All';
  const prefix = input.PathPrefix ?? '/';
  const aws = scope === 'Local' ? [] : [...(await awsPolicies()).values()];
  return request.store.read(async (tx) => {
    const local = scope === 'AWS' ? [] : (await policies.scan(tx, [request.account])).map(({ row }) => row);
    const candidates: Listed[] = [
      ...local.filter((policy) => policy.path.startsWith(prefix)).map((policy) => ({ key: `0/${fold(policy.name)}`, local: policy })),
      ...aws.filter((policy) => policy.path.startsWith(prefix)).map((policy) => ({ key: `1/${policy.name}`, aws: policy })),
    ];
    const wanted: Listed[] = [];
    for (const listed of candidates) {
      const usage = input.OnlyAttached || input.PolicyUsageFilter ? await usageOf(tx, request.account, arnOf(listed)) : undefined;
      const used =
        input.PolicyUsageFilter === 'PermissionsBoundary'
          ? usage?.asBoundary
          : input.PolicyUsageFilter === 'PermissionsPolicy'
            ? usage?.attached
            : (usage?.attached ?? 0) + (usage?.asBoundary ?? 0);
      if (!usage || used) wanted.push(listed);
    }
    const { items, ...more } = page(wanted, input, ({ key }) => key);
    const Policies = [];
    for (const item of items) {
      const usage = await usageOf(tx, request.account, arnOf(item));
      Policies.push('aws' in item ? shownAwsPolicy(item.aws, usage) : listedPolicy(item.local, usage));
    }
    return { Policies, ...more };
  });
};

function arnOf(listed: Listed): string {
  return 'aws' in listed ? listed.aws.arn : policyArn(listed.local);
}

export const TagPolicy: Operation<'TagPolicy'> = async (request, input) => {
  await refuseAwsPolicy(input.PolicyArn);
  await commit(request, async (tx) => {
    const policy = await requirePolicy(tx, request.account, input.PolicyArn);
    await policies.put(tx, { ...policy, tags: mergedTags(policy.tags, input.Tags) });
  });
  return {};
};

export const UntagPolicy: Operation<'UntagPolicy'> = async (request, input) => {
  await refuseAwsPolicy(input.PolicyArn);
  await commit(request, async (tx) => {
    const policy = await requirePolicy(tx, request.account, input.PolicyArn);
    await policies.put(tx, { ...policy, tags: withoutTags(policy.tags, input.TagKeys) });
  });
  return {};
};

export const ListPolicyTags: Operation<'ListPolicyTags'> = async (request, input) => {
  if ((await awsPolicies()).has(input.PolicyArn)) return { Tags: [], IsTruncated: false };
  const policy = await request.store.read((tx) => requirePolicy(tx, request.account, input.PolicyArn));
  const { items, ...more } = page(policy.tags, input, (tag) => tag.Key);
  return { Tags: items, ...more };
};
