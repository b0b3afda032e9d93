/** Roles: create, read, change, delete, list, tag. */

import { uniqueId } from '../../../framework/access-key-id.ts';
import { changeCount } from '../account/counts.ts';
import { commit } from '../commit.ts';
import { measuredDocument } from '../documents.ts';
import { alreadyExists, deleteConflict, quotaExceeded } from '../errors.ts';
import { flushUses, forgetUses } from '../last-accessed/uses.ts';
import { limits } from '../limits.ts';
import { page, tablePage } from '../pagination.ts';
import { awsPolicies } from '../policies/aws-managed.ts';
import { requireBoundary } from '../policies/boundary.ts';
import type { Operation } from '../sdk.ts';
import { attachments, fold, inlinePolicies, instanceProfiles, roles, type Role } from '../tables.ts';
import { mergedTags, newTags, withoutTags } from '../tags.ts';
import { lastUseOf, listedRole, requireChangeableRole, requireRole, shownRole } from './role.ts';
import { namedPrincipals, requirePrincipals } from './trusted-principals.ts';

/** Checks a trust policy; gives the users and roles that it names. */
function checkedTrust(document: string): string[] {
  if (measuredDocument(document, 'trust') > limits.trustPolicyCharactersMax) {
    throw quotaExceeded('ACLSizePerRole', limits.trustPolicyCharactersMax);
  }
  return namedPrincipals(document);
}

export const CreateRole: Operation<'CreateRole'> = async (request, input) => {
  const aws = await awsPolicies();
  const trusted = checkedTrust(input.AssumeRolePolicyDocument);
  const role: Role = {
    account: request.account,
    name: input.RoleName,
    id: uniqueId('AROA', request.random),
    path: input.Path ?? '/',
    createdAt: request.now,
    trustPolicy: input.AssumeRolePolicyDocument,
    ...(input.Description !== undefined && { description: input.Description }),
    maxSessionSeconds: input.MaxSessionDuration ?? limits.maxSessionSecondsDefault,
    ...(input.PermissionsBoundary !== undefined && { boundary: input.PermissionsBoundary }),
    tags: newTags(input.Tags),
  };
  await commit(request, async (tx) => {
    if (await roles.get(tx, role.account, fold(role.name))) throw alreadyExists(`Role with name ${role.name} already exists.`);
    await requirePrincipals(tx, role.account, trusted);
    if (role.boundary !== undefined) await requireBoundary(tx, role.account, role.boundary, aws);
    await changeCount(tx, request, 'roles', 1, limits.rolesPerAccount, 'RolesPerAccount');
    await roles.put(tx, role);
  });
  // AWS's answer leaves the default out: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
  const { MaxSessionDuration, ...shown } = shownRole(role);
  return { Role: input.MaxSessionDuration === undefined ? shown : { ...shown, MaxSessionDuration } };
};

export const GetRole: Operation<'GetRole'> = async (request, input) => {
  await flushUses(request.store);
  return request.store.read(async (tx) => {
    const role = await requireRole(tx, request.account, input.RoleName);
    return { Role: { ...shownRole(role), RoleLastUsed: await lastUseOf(tx, role) } };
  });
};

export const ListRoles: Operation<'ListRoles'> = async (request, input) => {
  const prefix = input.PathPrefix ?? '/';
  const { rows, ...more } = await request.store.read((tx) =>
    tablePage(tx, roles, [request.account], input, (role) => role.path.startsWith(prefix)),
  );
  return { Roles: rows.map(listedRole), ...more };
};

export const UpdateRole: Operation<'UpdateRole'> = async (request, input) => {
  await commit(request, async (tx) => {
    const role = await requireChangeableRole(tx, request.account, input.RoleName);
    await roles.put(
      tx,
      withDescription({ ...role, maxSessionSeconds: input.MaxSessionDuration ?? role.maxSessionSeconds }, input.Description),
    );
  });
  return {};
};

export const UpdateRoleDescription: Operation<'UpdateRoleDescription'> = async (request, input) => {
  const role = await commit(request, async (tx) => {
    const role = withDescription(await requireChangeableRole(tx, request.account, input.RoleName), input.Description);
    await roles.put(tx, role);
    return role;
  });
  return { Role: shownRole(role) };
};

/** An empty description takes the old one away. */
function withDescription(role: Role, description: string | undefined): Role {
  if (description === undefined) return role;
  const { description: _, ...rest } = role;
  return description === '' ? rest : { ...rest, description };
}

export const UpdateAssumeRolePolicy: Operation<'UpdateAssumeRolePolicy'> = async (request, input) => {
  const trusted = checkedTrust(input.PolicyDocument);
  await commit(request, async (tx) => {
    const role = await requireChangeableRole(tx, request.account, input.RoleName);
    await requirePrincipals(tx, role.account, trusted);
    await roles.put(tx, { ...role, trustPolicy: input.PolicyDocument });
  });
  return {};
};

export const DeleteRole: Operation<'DeleteRole'> = async (request, input) => {
  await commit(request, async (tx) => {
    const role = await requireChangeableRole(tx, request.account, input.RoleName);
    const own = [role.account, role.id];
    if ((await instanceProfiles.scanIndex(tx, 'byRole', own, { limit: 1 })).length > 0)
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    if ((await attachments.scan(tx, own, { limit: 1 })).length > 0)
      throw deleteConflict('Cannot delete entity, must detach all policies first.');
    if ((await inlinePolicies.scan(tx, own, { limit: 1 })).length > 0)
      throw deleteConflict('Cannot delete entity, must delete policies first.');
    await roles.delete(tx, role.account, fold(role.name));
    await forgetUses(tx, role);
    await changeCount(tx, request, 'roles', -1);
  });
  return {};
};

export const TagRole: Operation<'TagRole'> = async (request, input) => {
  await commit(request, async (tx) => {
    const role = await requireChangeableRole(tx, request.account, input.RoleName);
    await roles.put(tx, { ...role, tags: mergedTags(role.tags, input.Tags) });
  });
  return {};
};

export const UntagRole: Operation<'UntagRole'> = async (request, input) => {
  await commit(request, async (tx) => {
    const role = await requireChangeableRole(tx, request.account, input.RoleName);
    await roles.put(tx, { ...role, tags: withoutTags(role.tags, input.TagKeys) });
  });
  return {};
};

export const ListRoleTags: Operation<'ListRoleTags'> = async (request, input) => {
  const role = await request.store.read((tx) => requireRole(tx, request.account, input.RoleName));
  const { items, ...more } = page(role.tags, input, (tag) => tag.Key);
  return { Tags: items, ...more };
};

export const PutRolePermissionsBoundary: Operation<'PutRolePermissionsBoundary'> = async (request, input) => {
  const aws = await awsPolicies();
  await commit(request, async (tx) => {
    const role = await requireChangeableRole(tx, request.account, input.RoleName);
    await requireBoundary(tx, request.account, input.PermissionsBoundary, aws);
    await roles.put(tx, { ...role, boundary: input.PermissionsBoundary });
  });
  return {};
};

export const DeleteRolePermissionsBoundary: Operation<'DeleteRolePermissionsBoundary'> = async (request, input) => {
  await commit(request, async (tx) => {
    const { boundary, ...role } = await requireChangeableRole(tx, request.account, input.RoleName);
    if (boundary !== undefined) await roles.put(tx, role);
  });
  return {};
};
