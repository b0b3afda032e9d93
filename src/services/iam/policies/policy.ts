/** A managed policy: how it is named, found and shown. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html */

import { arn, parseArn } from '../../../framework/arn.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { dateOf } from '../dates.ts';
import { encodeDocument } from '../documents.ts';
import { invalidInput, noPolicy } from '../errors.ts';
import { fold, policies, policyVersions, type ManagedPolicy, type PolicyVersion } from '../tables.ts';
import { tagsMember } from '../tags.ts';
import type { AwsPolicy } from './aws-managed.ts';

export function policyArn(policy: { account: string; path: string; name: string }): string {
  return arn('iam', '', policy.account, `policy${policy.path}${policy.name}`);
}

/** The name at the end of a policy's ARN. Throws InvalidInput when the text is no ARN of a policy. */
export function policyNameOf(text: string): { account: string; name: string } {
  const parsed = parseArn(text);
  if (!parsed || parsed.service !== 'iam' || !parsed.resource.startsWith('policy/')) throw invalidInput(`ARN ${text} is not valid.`);
  return { account: parsed.account, name: parsed.resource.slice(parsed.resource.lastIndexOf('/') + 1) };
}

/** A policy of this account by its ARN, path and all. */
export async function findPolicy(tx: ReadTransaction, account: string, text: string): Promise<ManagedPolicy | undefined> {
  const parsed = policyNameOf(text);
  if (parsed.account !== account) return undefined;
  const policy = await policies.get(tx, account, fold(parsed.name));
  return policy && policyArn(policy) === text ? policy : undefined;
}

/** Throws NoSuchEntity. */
export async function requirePolicy(tx: ReadTransaction, account: string, text: string): Promise<ManagedPolicy> {
  const policy = await findPolicy(tx, account, text);
  if (!policy) throw noPolicy(text);
  return policy;
}

export async function defaultDocument(tx: ReadTransaction, policy: ManagedPolicy): Promise<PolicyVersion> {
  return (await policyVersions.get(tx, policy.account, policy.id, policy.defaultVersion))!;
}

export type Usage = { attached: number; asBoundary: number };

/** A policy as lists show it: without description and tags. */
export function listedPolicy(policy: ManagedPolicy, usage: Usage) {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policyArn(policy),
    Path: policy.path,
    DefaultVersionId: `v${policy.defaultVersion}`,
    AttachmentCount: usage.attached,
    PermissionsBoundaryUsageCount: usage.asBoundary,
    IsAttachable: true,
    CreateDate: dateOf(policy.createdAt),
    UpdateDate: dateOf(policy.updatedAt),
  };
}

export function shownPolicy(policy: ManagedPolicy, usage: Usage) {
  return {
    ...listedPolicy(policy, usage),
    ...(policy.description !== undefined && { Description: policy.description }),
    ...tagsMember(policy.tags),
  };
}

export function shownAwsPolicy(policy: AwsPolicy, usage: Usage) {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: `v${policy.version}`,
    AttachmentCount: usage.attached,
    PermissionsBoundaryUsageCount: usage.asBoundary,
    IsAttachable: true,
    CreateDate: dateOf(policy.createdAt),
    UpdateDate: dateOf(policy.updatedAt),
  };
}

/** A version as lists show it; `withDocument` for GetPolicyVersion. */
export function shownVersion(version: PolicyVersion, defaultVersion: number, withDocument = false) {
  return {
    ...(withDocument && { Document: encodeDocument(version.document) }),
    VersionId: `v${version.number}`,
    IsDefaultVersion: version.number === defaultVersion,
    CreateDate: dateOf(version.createdAt),
  };
}
