/** Versions of managed policies: up to five, one of them the default. */

import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { encodeDocument } from '../documents.ts';
import { deleteConflict, limitExceeded, noPolicyVersion } from '../errors.ts';
import { changeCount } from '../account/counts.ts';
import { limits } from '../limits.ts';
import { page } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { policies, policyVersions, type ManagedPolicy, type PolicyVersion } from '../tables.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { awsPolicies, awsPolicyDocument, type AwsPolicy } from './aws-managed.ts';
import { checkManagedDocument, refuseAwsPolicy } from './operations.ts';
import { requirePolicy, shownVersion } from './policy.ts';

async function requireVersion(tx: ReadTransaction, policy: ManagedPolicy, arn: string, versionId: string): Promise<PolicyVersion> {
  const number = Number(versionId.slice(1));
  const version = Number.isSafeInteger(number) ? await policyVersions.get(tx, policy.account, policy.id, number) : undefined;
  if (!version) throw noPolicyVersion(arn, versionId);
  return version;
}

export const CreatePolicyVersion: Operation<'CreatePolicyVersion'> = async (request, input) => {
  await refuseAwsPolicy(input.PolicyArn);
  checkManagedDocument(input.PolicyDocument);
  const { version, defaultVersion } = await commit(request, async (tx) => {
    const policy = await requirePolicy(tx, request.account, input.PolicyArn);
    if ((await policyVersions.scan(tx, [policy.account, policy.id])).length >= limits.versionsPerPolicy) {
      throw limitExceeded(
        `A managed policy can have up to ${limits.versionsPerPolicy} versions. Before you create a new version, you must delete an existing version.`,
      );
    }
    const number = policy.lastVersion + 1;
    const version = { account: policy.account, policyId: policy.id, number, document: input.PolicyDocument, createdAt: request.now };
    const defaultVersion = input.SetAsDefault ? number : policy.defaultVersion;
    await policyVersions.put(tx, version);
    await changeCount(tx, request, 'policyVersions', 1);
    await policies.put(tx, { ...policy, lastVersion: number, defaultVersion, updatedAt: request.now });
    return { version, defaultVersion };
  });
  return { PolicyVersion: shownVersion(version, defaultVersion) };
};

export const GetPolicyVersion: Operation<'GetPolicyVersion'> = async (request, input) => {
  const managed = (await awsPolicies()).get(input.PolicyArn);
  if (managed)
    return { PolicyVersion: { Document: encodeDocument(await awsPolicyDocument(managed)), ...shownAwsVersion(managed, input.VersionId) } };
  return request.store.read(async (tx) => {
    const policy = await requirePolicy(tx, request.account, input.PolicyArn);
    return { PolicyVersion: shownVersion(await requireVersion(tx, policy, input.PolicyArn, input.VersionId), policy.defaultVersion, true) };
  });
};

/** Of the policies that AWS manages only the default version is held. */
function shownAwsVersion(policy: AwsPolicy, versionId = `v${policy.version}`) {
  if (versionId !== `v${policy.version}`) throw noPolicyVersion(policy.arn, versionId);
  return { VersionId: versionId, IsDefaultVersion: true, CreateDate: dateOf(policy.updatedAt) };
}

export const ListPolicyVersions: Operation<'ListPolicyVersions'> = async (request, input) => {
  const managed = (await awsPolicies()).get(input.PolicyArn);
  if (managed) return { Versions: [shownAwsVersion(managed)], IsTruncated: false };
  return request.store.read(async (tx) => {
    const policy = await requirePolicy(tx, request.account, input.PolicyArn);
    const rows = (await policyVersions.scan(tx, [policy.account, policy.id])).map(({ row }) => row);
    // Newest first, as AWS lists them.
    const { items, ...more } = page(rows, input, (version) => (2 ** 31 - version.number).toString().padStart(10, '0'));
    return { Versions: items.map((version) => shownVersion(version, policy.defaultVersion)), ...more };
  });
};

export const SetDefaultPolicyVersion: Operation<'SetDefaultPolicyVersion'> = async (request, input) => {
  await refuseAwsPolicy(input.PolicyArn);
  await commit(request, async (tx) => {
    const policy = await requirePolicy(tx, request.account, input.PolicyArn);
    const version = await requireVersion(tx, policy, input.PolicyArn, input.VersionId);
    await policies.put(tx, { ...policy, defaultVersion: version.number, updatedAt: request.now });
  });
  return {};
};

export const DeletePolicyVersion: Operation<'DeletePolicyVersion'> = async (request, input) => {
  await refuseAwsPolicy(input.PolicyArn);
  await commit(request, async (tx) => {
    const policy = await requirePolicy(tx, request.account, input.PolicyArn);
    const version = await requireVersion(tx, policy, input.PolicyArn, input.VersionId);
    if (version.number === policy.defaultVersion) throw deleteConflict('Cannot delete the default version of a policy.');
    await policyVersions.delete(tx, policy.account, policy.id, version.number);
    await policies.put(tx, { ...policy, updatedAt: request.now });
    await changeCount(tx, request, 'policyVersions', -1);
  });
  return {};
};
