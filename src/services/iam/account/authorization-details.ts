/** GetAccountAuthorizationDetails: every user, group, role and policy of an account with what binds them, in pages. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { groupsOfUser } from '../groups/operations.ts';
import { shownGroup } from '../groups/group.ts';
import { shownInstanceProfile } from '../instance-profiles/instance-profile.ts';
import { flushUses } from '../last-accessed/uses.ts';
import { indexRows, page } from '../pagination.ts';
import { attachedPolicyList, usageOf } from '../policies/attachments.ts';
import { awsPolicies, awsPolicyDocument, type AwsPolicy } from '../policies/aws-managed.ts';
import { boundaryMember } from '../policies/boundary.ts';
import { inlinePolicyList } from '../policies/inline-policies.ts';
import { policyArn, shownAwsPolicy, shownPolicy, shownVersion } from '../policies/policy.ts';
import { dateOf } from '../dates.ts';
import { encodeDocument } from '../documents.ts';
import { lastUseOf, listedRole } from '../roles/role.ts';
import type { Operation } from '../sdk.ts';
import {
  attachments,
  fold,
  groups,
  instanceProfiles,
  policies,
  policyVersions,
  roles,
  users,
  type Group,
  type ManagedPolicy,
  type Role,
  type User,
} from '../tables.ts';
import { listedUser } from '../users/user.ts';

type Entry = { key: string } & ({ user: User } | { group: Group } | { role: Role } | { policy: ManagedPolicy } | { aws: AwsPolicy });

export const GetAccountAuthorizationDetails: Operation<'GetAccountAuthorizationDetails'> = async (request, input) => {
  const aws = await awsPolicies();
  await flushUses(request.store);
  const wanted = new Set<string>(input.Filter?.length ? input.Filter : ['User', 'Group', 'Role', 'LocalManagedPolicy', 'AWSManagedPolicy']);
  const { items, ...more } = page(await entriesOf(request, wanted, aws), input, ({ key }) => key);
  const documents = new Map<string, string>();
  for (const item of items) if ('aws' in item) documents.set(item.aws.arn, await awsPolicyDocument(item.aws));
  return request.store.read(async (tx) => {
    const UserDetailList = [];
    const GroupDetailList = [];
    const RoleDetailList = [];
    const Policies = [];
    for (const item of items) {
      if ('user' in item) UserDetailList.push(await userDetail(tx, item.user));
      else if ('group' in item) GroupDetailList.push(await groupDetail(tx, item.group));
      else if ('role' in item) RoleDetailList.push(await roleDetail(tx, item.role));
      else if ('policy' in item) Policies.push(await policyDetail(tx, item.policy));
      else Policies.push(await awsPolicyDetail(tx, request.account, item.aws, documents.get(item.aws.arn)!));
    }
    return { UserDetailList, GroupDetailList, RoleDetailList, Policies, ...more };
  });
};

/** Everything that is asked for, in the order in which pages give it. */
function entriesOf(request: ServiceRequest, wanted: ReadonlySet<string>, aws: ReadonlyMap<string, AwsPolicy>): Promise<Entry[]> {
  const own = [request.account];
  return request.store.read(async (tx) => {
    const entries: Entry[] = [];
    if (wanted.has('User')) for (const { row } of await users.scan(tx, own)) entries.push({ key: `0/${fold(row.name)}`, user: row });
    if (wanted.has('Group')) for (const { row } of await groups.scan(tx, own)) entries.push({ key: `1/${fold(row.name)}`, group: row });
    if (wanted.has('Role')) for (const { row } of await roles.scan(tx, own)) entries.push({ key: `2/${fold(row.name)}`, role: row });
    if (wanted.has('LocalManagedPolicy'))
      for (const { row } of await policies.scan(tx, own)) entries.push({ key: `3/${fold(row.name)}`, policy: row });
    if (wanted.has('AWSManagedPolicy')) {
      const used = new Set((await attachments.scan(tx, own)).map(({ row }) => row.policyArn));
      for (const policy of aws.values()) if (used.has(policy.arn)) entries.push({ key: `4/${policy.name}`, aws: policy });
    }
    return entries;
  });
}

async function userDetail(tx: ReadTransaction, user: User) {
  const groupList = (await groupsOfUser(tx, user)).map((group) => group.name);
  return {
    ...listedUser(user),
    ...boundaryMember(user.boundary),
    UserPolicyList: await inlinePolicyList(tx, user),
    GroupList: groupList,
    AttachedManagedPolicies: await attachedPolicyList(tx, user),
    Tags: user.tags,
  };
}

async function groupDetail(tx: ReadTransaction, group: Group) {
  return {
    ...shownGroup(group),
    GroupPolicyList: await inlinePolicyList(tx, group),
    AttachedManagedPolicies: await attachedPolicyList(tx, group),
  };
}

async function roleDetail(tx: ReadTransaction, role: Role) {
  const InstanceProfileList = [];
  for (const profile of await indexRows(tx, instanceProfiles, 'byRole', [role.account, role.id]))
    InstanceProfileList.push(await shownInstanceProfile(tx, profile));
  const { Description: _, MaxSessionDuration: __, ...shown } = { Description: undefined, ...listedRole(role) };
  return {
    ...shown,
    ...boundaryMember(role.boundary),
    InstanceProfileList,
    RolePolicyList: await inlinePolicyList(tx, role),
    AttachedManagedPolicies: await attachedPolicyList(tx, role),
    Tags: role.tags,
    RoleLastUsed: await lastUseOf(tx, role),
  };
}

async function policyDetail(tx: ReadTransaction, policy: ManagedPolicy) {
  const versions = (await policyVersions.scan(tx, [policy.account, policy.id])).map(({ row }) =>
    shownVersion(row, policy.defaultVersion, true),
  );
  const { Tags: _, ...shown } = { Tags: undefined, ...shownPolicy(policy, await usageOf(tx, policy.account, policyArn(policy))) };
  return { ...shown, PolicyVersionList: versions.reverse() };
}

async function awsPolicyDetail(tx: ReadTransaction, account: string, policy: AwsPolicy, document: string) {
  const version = {
    Document: encodeDocument(document),
    VersionId: `v${policy.version}`,
    IsDefaultVersion: true,
    CreateDate: dateOf(policy.updatedAt),
  };
  return { ...shownAwsPolicy(policy, await usageOf(tx, account, policy.arn)), PolicyVersionList: [version] };
}
