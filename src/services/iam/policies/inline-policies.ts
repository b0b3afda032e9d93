/** Policies that are part of one user, group or role. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { policyLength } from '../../../framework/policy/parse.ts';
import { commit } from '../commit.ts';
import { encodeDocument, measuredDocument } from '../documents.ts';
import { limitExceeded, noInlinePolicy } from '../errors.ts';
import { ownerQuotas, requireChangeableOwner, requireOwner } from '../owners.ts';
import { tablePage, type PageInput } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { inlinePolicies, type OwnerKind } from '../tables.ts';

type Named = { PolicyName: string };

async function put(request: ServiceRequest, kind: OwnerKind, name: string, policy: Named & { PolicyDocument: string }): Promise<{}> {
  const size = measuredDocument(policy.PolicyDocument, 'identity');
  await commit(request, async (tx) => {
    const owner = await requireChangeableOwner(tx, request.account, kind, name);
    const others = (await inlinePolicies.scan(tx, [owner.account, owner.id])).filter(({ row }) => row.name !== policy.PolicyName);
    const total = others.reduce((sum, { row }) => sum + policyLength(row.document), size);
    const max = ownerQuotas[kind].inlineCharacters;
    if (total > max) throw limitExceeded(`Maximum policy size of ${max} bytes exceeded for ${kind} ${owner.name}`);
    await inlinePolicies.put(tx, {
      account: owner.account,
      ownerId: owner.id,
      ownerKind: kind,
      name: policy.PolicyName,
      document: policy.PolicyDocument,
    });
  });
  return {};
}

function get(
  request: ServiceRequest,
  kind: OwnerKind,
  name: string,
  policyName: string,
): Promise<{ owner: string; PolicyName: string; PolicyDocument: string }> {
  return request.store.read(async (tx) => {
    const owner = await requireOwner(tx, request.account, kind, name);
    const policy = await inlinePolicies.get(tx, owner.account, owner.id, policyName);
    if (!policy) throw noInlinePolicy(kind, policyName);
    return { owner: owner.name, PolicyName: policy.name, PolicyDocument: encodeDocument(policy.document) };
  });
}

async function remove(request: ServiceRequest, kind: OwnerKind, name: string, policyName: string): Promise<{}> {
  await commit(request, async (tx) => {
    const owner = await requireChangeableOwner(tx, request.account, kind, name);
    if (!(await inlinePolicies.get(tx, owner.account, owner.id, policyName))) throw noInlinePolicy(kind, policyName);
    await inlinePolicies.delete(tx, owner.account, owner.id, policyName);
  });
  return {};
}

async function list(request: ServiceRequest, kind: OwnerKind, name: string, input: PageInput) {
  const { rows, ...more } = await request.store.read(async (tx) => {
    const owner = await requireOwner(tx, request.account, kind, name);
    return tablePage(tx, inlinePolicies, [owner.account, owner.id], input);
  });
  return { PolicyNames: rows.map((row) => row.name), ...more };
}

/** All inline policies of one owner, as GetAccountAuthorizationDetails shows them. */
export async function inlinePolicyList(tx: ReadTransaction, owner: { account: string; id: string }) {
  const rows = await inlinePolicies.scan(tx, [owner.account, owner.id]);
  return rows.map(({ row }) => ({ PolicyName: row.name, PolicyDocument: encodeDocument(row.document) }));
}

export const PutUserPolicy: Operation<'PutUserPolicy'> = (request, input) => put(request, 'user', input.UserName, input);
export const PutGroupPolicy: Operation<'PutGroupPolicy'> = (request, input) => put(request, 'group', input.GroupName, input);
export const PutRolePolicy: Operation<'PutRolePolicy'> = (request, input) => put(request, 'role', input.RoleName, input);

export const GetUserPolicy: Operation<'GetUserPolicy'> = async (request, input) => {
  const { owner, ...policy } = await get(request, 'user', input.UserName, input.PolicyName);
  return { UserName: owner, ...policy };
};
export const GetGroupPolicy: Operation<'GetGroupPolicy'> = async (request, input) => {
  const { owner, ...policy } = await get(request, 'group', input.GroupName, input.PolicyName);
  return { GroupName: owner, ...policy };
};
export const GetRolePolicy: Operation<'GetRolePolicy'> = async (request, input) => {
  const { owner, ...policy } = await get(request, 'role', input.RoleName, input.PolicyName);
  return { RoleName: owner, ...policy };
};

export const DeleteUserPolicy: Operation<'DeleteUserPolicy'> = (request, input) =>
  remove(request, 'user', input.UserName, input.PolicyName);
export const DeleteGroupPolicy: Operation<'DeleteGroupPolicy'> = (request, input) =>
  remove(request, 'group', input.GroupName, input.PolicyName);
export const DeleteRolePolicy: Operation<'DeleteRolePolicy'> = (request, input) =>
  remove(request, 'role', input.RoleName, input.PolicyName);

export const ListUserPolicies: Operation<'ListUserPolicies'> = (request, input) => list(request, 'user', input.UserName, input);
export const ListGroupPolicies: Operation<'ListGroupPolicies'> = (request, input) => list(request, 'group', input.GroupName, input);
export const ListRolePolicies: Operation<'ListRolePolicies'> = (request, input) => list(request, 'role', input.RoleName, input);
