/** Instance profiles and the one role in each. */

import { uniqueId } from '../../../framework/access-key-id.ts';
import { changeCount } from '../account/counts.ts';
import { commit } from '../commit.ts';
import { alreadyExists, deleteConflict, noRole, quotaExceeded } from '../errors.ts';
import { limits } from '../limits.ts';
import { indexRows, page, tablePage } from '../pagination.ts';
import { requireChangeableRole, requireRole } from '../roles/role.ts';
import type { Operation } from '../sdk.ts';
import { fold, instanceProfiles, type InstanceProfile } from '../tables.ts';
import { mergedTags, newTags, withoutTags } from '../tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { requireInstanceProfile, shownInstanceProfile } from './instance-profile.ts';

export const CreateInstanceProfile: Operation<'CreateInstanceProfile'> = async (request, input) => {
  const profile: InstanceProfile = {
    account: request.account,
    name: input.InstanceProfileName,
    id: uniqueId('AIPA', request.random),
    path: input.Path ?? '/',
    createdAt: request.now,
    tags: newTags(input.Tags),
  };
  return commit(request, async (tx) => {
    if (await instanceProfiles.get(tx, profile.account, fold(profile.name)))
      throw alreadyExists(`Instance Profile ${profile.name} already exists.`);
    await changeCount(tx, request, 'instanceProfiles', 1, limits.instanceProfilesPerAccount, 'InstanceProfilesPerAccount');
    await instanceProfiles.put(tx, profile);
    return { InstanceProfile: await shownInstanceProfile(tx, profile) };
  });
};

export const GetInstanceProfile: Operation<'GetInstanceProfile'> = (request, input) =>
  request.store.read(async (tx) => ({
    InstanceProfile: await shownInstanceProfile(tx, await requireInstanceProfile(tx, request.account, input.InstanceProfileName)),
  }));

async function shownAll(tx: ReadTransaction, profiles: readonly InstanceProfile[]) {
  const shown = [];
  for (const { tags: _, ...profile } of profiles) shown.push(await shownInstanceProfile(tx, { ...profile, tags: [] }));
  return shown;
}

export const ListInstanceProfiles: Operation<'ListInstanceProfiles'> = (request, input) => {
  const prefix = input.PathPrefix ?? '/';
  return request.store.read(async (tx) => {
    const { rows, ...more } = await tablePage(tx, instanceProfiles, [request.account], input, (profile) => profile.path.startsWith(prefix));
    return { InstanceProfiles: await shownAll(tx, rows), ...more };
  });
};

export const ListInstanceProfilesForRole: Operation<'ListInstanceProfilesForRole'> = (request, input) =>
  request.store.read(async (tx) => {
    const role = await requireRole(tx, request.account, input.RoleName);
    const { items, ...more } = page(await indexRows(tx, instanceProfiles, 'byRole', [role.account, role.id]), input, (profile) =>
      fold(profile.name),
    );
    return { InstanceProfiles: await shownAll(tx, items), ...more };
  });

export const DeleteInstanceProfile: Operation<'DeleteInstanceProfile'> = async (request, input) => {
  await commit(request, async (tx) => {
    const profile = await requireInstanceProfile(tx, request.account, input.InstanceProfileName);
    if (profile.roleId !== undefined) throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    await instanceProfiles.delete(tx, profile.account, fold(profile.name));
    await changeCount(tx, request, 'instanceProfiles', -1);
  });
  return {};
};

export const AddRoleToInstanceProfile: Operation<'AddRoleToInstanceProfile'> = async (request, input) => {
  await commit(request, async (tx) => {
    const profile = await requireInstanceProfile(tx, request.account, input.InstanceProfileName);
    const role = await requireChangeableRole(tx, request.account, input.RoleName);
    if (profile.roleId !== undefined) throw quotaExceeded('InstanceSessionsPerInstanceProfile', limits.rolesPerInstanceProfile);
    await instanceProfiles.put(tx, { ...profile, roleId: role.id });
  });
  return {};
};

export const RemoveRoleFromInstanceProfile: Operation<'RemoveRoleFromInstanceProfile'> = async (request, input) => {
  await commit(request, async (tx) => {
    const { roleId, ...profile } = await requireInstanceProfile(tx, request.account, input.InstanceProfileName);
    const role = await requireChangeableRole(tx, request.account, input.RoleName);
    if (roleId !== role.id) throw noRole(input.RoleName);
    await instanceProfiles.put(tx, profile);
  });
  return {};
};

export const TagInstanceProfile: Operation<'TagInstanceProfile'> = async (request, input) => {
  await commit(request, async (tx) => {
    const profile = await requireInstanceProfile(tx, request.account, input.InstanceProfileName);
    await instanceProfiles.put(tx, { ...profile, tags: mergedTags(profile.tags, input.Tags) });
  });
  return {};
};

export const UntagInstanceProfile: Operation<'UntagInstanceProfile'> = async (request, input) => {
  await commit(request, async (tx) => {
    const profile = await requireInstanceProfile(tx, request.account, input.InstanceProfileName);
    await instanceProfiles.put(tx, { ...profile, tags: withoutTags(profile.tags, input.TagKeys) });
  });
  return {};
};

export const ListInstanceProfileTags: Operation<'ListInstanceProfileTags'> = async (request, input) => {
  const profile = await request.store.read((tx) => requireInstanceProfile(tx, request.account, input.InstanceProfileName));
  const { items, ...more } = page(profile.tags, input, (tag) => tag.Key);
  return { Tags: items, ...more };
};
