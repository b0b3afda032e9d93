/** Managed policies attached to users, groups and roles, and who has which. */

import { parseArn } from '../../../framework/arn.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { commit } from '../commit.ts';
import { noAttachablePolicy, noPolicy, quotaExceeded, validationError } from '../errors.ts';
import { ownerById, ownerQuotas, requireChangeableOwner, requireOwner } from '../owners.ts';
import { indexRows, page, tablePage, type PageInput } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { attachments, fold, roles, users, type OwnerKind } from '../tables.ts';
import { awsPolicies } from './aws-managed.ts';
import { findPolicy, policyNameOf, requirePolicy, type Usage } from './policy.ts';

/** Throws ValidationError for what is no ARN at all, InvalidInput for one of something else than a policy. */
function requireArn(text: string): void {
  if (!parseArn(text)) throw validationError('Invalid ARN:  Could not be parsed!');
  policyNameOf(text);
}

async function attach(request: ServiceRequest, kind: OwnerKind, name: string, policyArn: string): Promise<{}> {
  requireArn(policyArn);
  const aws = await awsPolicies();
  const managed = aws.get(policyArn);
  await commit(request, async (tx) => {
    const owner = await requireChangeableOwner(tx, request.account, kind, name);
    if (managed?.path === '/aws-service-role/')
      throw new AwsError('PolicyNotAttachable', 'Cannot attach a Service Role Policy to a Customer Role.');
    if (!managed && !(await findPolicy(tx, request.account, policyArn))) throw noAttachablePolicy(policyArn);
    const own = await attachments.scan(tx, [owner.account, owner.id]);
    if (own.some(({ row }) => row.policyArn === policyArn)) return;
    const quota = ownerQuotas[kind];
    if (own.length >= quota.attached) throw quotaExceeded(quota.attachedName, quota.attached);
    await attachments.put(tx, { account: owner.account, ownerId: owner.id, ownerKind: kind, policyArn });
  });
  return {};
}

async function detach(request: ServiceRequest, kind: OwnerKind, name: string, policyArn: string): Promise<{}> {
  requireArn(policyArn);
  await commit(request, async (tx) => {
    const owner = await requireChangeableOwner(tx, request.account, kind, name);
    if (!(await attachments.get(tx, owner.account, owner.id, policyArn))) throw noPolicy(policyArn);
    await attachments.delete(tx, owner.account, owner.id, policyArn);
  });
  return {};
}

async function list(request: ServiceRequest, kind: OwnerKind, name: string, input: PageInput & { PathPrefix?: string }) {
  const prefix = input.PathPrefix ?? '/';
  const { rows, ...more } = await request.store.read(async (tx) => {
    const owner = await requireOwner(tx, request.account, kind, name);
    return tablePage(tx, attachments, [owner.account, owner.id], input, (row) => pathOf(row.policyArn).startsWith(prefix));
  });
  return { AttachedPolicies: rows.map((row) => ({ PolicyName: policyNameOf(row.policyArn).name, PolicyArn: row.policyArn })), ...more };
}

/** `/a/b/` of `arn:aws:iam::ACCOUNT:policy/a/b/name`. */
function pathOf(policyArn: string): string {
  return policyArn.slice(policyArn.indexOf('/'), policyArn.lastIndexOf('/') + 1);
}

/** All managed policies of one owner, as GetAccountAuthorizationDetails shows them. */
export async function attachedPolicyList(tx: ReadTransaction, owner: { account: string; id: string }) {
  const rows = await attachments.scan(tx, [owner.account, owner.id]);
  return rows.map(({ row }) => ({ PolicyName: policyNameOf(row.policyArn).name, PolicyArn: row.policyArn }));
}

/** How often a policy is attached, and how often it bounds a user or role. */
export async function usageOf(tx: ReadTransaction, account: string, policyArn: string): Promise<Usage> {
  const attached = await attachments.scanIndex(tx, 'byPolicy', [account, policyArn]);
  const bounded = [
    await users.scanIndex(tx, 'byBoundary', [account, policyArn]),
    await roles.scanIndex(tx, 'byBoundary', [account, policyArn]),
  ];
  return { attached: attached.length, asBoundary: bounded[0]!.length + bounded[1]!.length };
}

type Entity = { kind: OwnerKind; name: string; id: string; path: string };

async function entitiesOf(tx: ReadTransaction, account: string, policyArn: string, usage: string | undefined): Promise<Entity[]> {
  const found: Entity[] = [];
  if (usage !== 'PermissionsBoundary') {
    for (const row of await indexRows(tx, attachments, 'byPolicy', [account, policyArn])) {
      const owner = await ownerById(tx, account, row.ownerKind, row.ownerId);
      if (owner) found.push(owner);
    }
  }
  if (usage !== 'PermissionsPolicy') {
    for (const user of await indexRows(tx, users, 'byBoundary', [account, policyArn])) found.push({ ...user, kind: 'user' });
    for (const role of await indexRows(tx, roles, 'byBoundary', [account, policyArn])) found.push({ ...role, kind: 'role' });
  }
  return [...new Map(found.map((entity) => [entity.id, entity])).values()];
}

export const ListEntitiesForPolicy: Operation<'ListEntitiesForPolicy'> = async (request, input) => {
  const aws = await awsPolicies();
  const entities = await request.store.read(async (tx) => {
    if (!aws.has(input.PolicyArn)) await requirePolicy(tx, request.account, input.PolicyArn);
    return entitiesOf(tx, request.account, input.PolicyArn, input.PolicyUsageFilter);
  });
  const kept = entities.filter(
    (entity) => (!input.EntityFilter || fold(input.EntityFilter) === entity.kind) && entity.path.startsWith(input.PathPrefix ?? '/'),
  );
  const { items, ...more } = page(kept, input, (entity) => `${entity.kind}/${fold(entity.name)}`);
  const ofKind = (kind: OwnerKind) => items.filter((entity) => entity.kind === kind);
  return {
    PolicyGroups: ofKind('group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
    PolicyUsers: ofKind('user').map(({ name, id }) => ({ UserName: name, UserId: id })),
    PolicyRoles: ofKind('role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
    ...more,
  };
};

export const AttachUserPolicy: Operation<'AttachUserPolicy'> = (request, input) => attach(request, 'user', input.UserName, input.PolicyArn);
export const AttachGroupPolicy: Operation<'AttachGroupPolicy'> = (request, input) =>
  attach(request, 'group', input.GroupName, input.PolicyArn);
export const AttachRolePolicy: Operation<'AttachRolePolicy'> = (request, input) => attach(request, 'role', input.RoleName, input.PolicyArn);
export const DetachUserPolicy: Operation<'DetachUserPolicy'> = (request, input) => detach(request, 'user', input.UserName, input.PolicyArn);
export const DetachGroupPolicy: Operation<'DetachGroupPolicy'> = (request, input) =>
  detach(request, 'group', input.GroupName, input.PolicyArn);
export const DetachRolePolicy: Operation<'DetachRolePolicy'> = (request, input) => detach(request, 'role', input.RoleName, input.PolicyArn);
export const ListAttachedUserPolicies: Operation<'ListAttachedUserPolicies'> = (request, input) =>
  list(request, 'user', input.UserName, input);
export const ListAttachedGroupPolicies: Operation<'ListAttachedGroupPolicies'> = (request, input) =>
  list(request, 'group', input.GroupName, input);
export const ListAttachedRolePolicies: Operation<'ListAttachedRolePolicies'> = (request, input) =>
  list(request, 'role', input.RoleName, input);
