/** Groups and who is in them. */

import { uniqueId } from '../../../framework/access-key-id.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { changeCount } from '../account/counts.ts';
import { commit } from '../commit.ts';
import { alreadyExists, deleteConflict, quotaExceeded } from '../errors.ts';
import { limits } from '../limits.ts';
import { indexRows, page, tablePage } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { attachments, fold, groups, inlinePolicies, memberships, users, type Group, type User } from '../tables.ts';
import { listedUser, requireUser } from '../users/user.ts';
import { groupById, requireGroup, shownGroup } from './group.ts';

export const CreateGroup: Operation<'CreateGroup'> = async (request, input) => {
  const group: Group = {
    account: request.account,
    name: input.GroupName,
    id: uniqueId('AGPA', request.random),
    path: input.Path ?? '/',
    createdAt: request.now,
  };
  await commit(request, async (tx) => {
    if (await groups.get(tx, group.account, fold(group.name))) throw alreadyExists(`Group with name ${group.name} already exists.`);
    await changeCount(tx, request, 'groups', 1, limits.groupsPerAccount, 'GroupsPerAccount');
    await groups.put(tx, group);
  });
  return { Group: shownGroup(group) };
};

export const GetGroup: Operation<'GetGroup'> = async (request, input) => {
  const { group, members } = await request.store.read(async (tx) => {
    const group = await requireGroup(tx, request.account, input.GroupName);
    return { group, members: await membersOf(tx, group) };
  });
  const { items, ...more } = page(members, input, (user) => fold(user.name));
  return { Group: shownGroup(group), Users: items.map(listedUser), ...more };
};

async function membersOf(tx: ReadTransaction, group: Group): Promise<User[]> {
  const members: User[] = [];
  for (const { row } of await memberships.scan(tx, [group.account, group.id])) {
    const [found] = await users.scanIndex(tx, 'byId', [group.account, row.userId], { limit: 1 });
    if (found) members.push(found.row);
  }
  return members;
}

export const ListGroups: Operation<'ListGroups'> = async (request, input) => {
  const prefix = input.PathPrefix ?? '/';
  const { rows, ...more } = await request.store.read((tx) =>
    tablePage(tx, groups, [request.account], input, (group) => group.path.startsWith(prefix)),
  );
  return { Groups: rows.map(shownGroup), ...more };
};

export const ListGroupsForUser: Operation<'ListGroupsForUser'> = async (request, input) => {
  const found = await request.store.read(async (tx) => groupsOfUser(tx, await requireUser(tx, request.account, input.UserName)));
  const { items, ...more } = page(found, input, (group) => fold(group.name));
  return { Groups: items.map(shownGroup), ...more };
};

/** The groups that a user is in. */
export async function groupsOfUser(tx: ReadTransaction, user: { account: string; id: string }): Promise<Group[]> {
  const found: Group[] = [];
  for (const { groupId } of await indexRows(tx, memberships, 'byUser', [user.account, user.id])) {
    const group = await groupById(tx, user.account, groupId);
    if (group) found.push(group);
  }
  return found;
}

export const UpdateGroup: Operation<'UpdateGroup'> = async (request, input) => {
  await commit(request, async (tx) => {
    const group = await requireGroup(tx, request.account, input.GroupName);
    const name = input.NewGroupName ?? group.name;
    if (fold(name) !== fold(group.name)) {
      if (await groups.get(tx, group.account, fold(name))) throw alreadyExists(`Group with name ${name} already exists.`);
      await groups.delete(tx, group.account, fold(group.name));
    }
    await groups.put(tx, { ...group, name, path: input.NewPath ?? group.path });
  });
  return {};
};

export const DeleteGroup: Operation<'DeleteGroup'> = async (request, input) => {
  await commit(request, async (tx) => {
    const group = await requireGroup(tx, request.account, input.GroupName);
    const own = [group.account, group.id];
    if ((await memberships.scan(tx, own, { limit: 1 })).length > 0)
      throw deleteConflict('Cannot delete entity, must remove users from group first.');
    if ((await attachments.scan(tx, own, { limit: 1 })).length > 0)
      throw deleteConflict('Cannot delete entity, must detach all policies first.');
    if ((await inlinePolicies.scan(tx, own, { limit: 1 })).length > 0)
      throw deleteConflict('Cannot delete entity, must delete policies first.');
    await groups.delete(tx, group.account, fold(group.name));
    await changeCount(tx, request, 'groups', -1);
  });
  return {};
};

export const AddUserToGroup: Operation<'AddUserToGroup'> = async (request, input) => {
  await commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, input.UserName);
    const group = await requireGroup(tx, request.account, input.GroupName);
    if (await memberships.get(tx, group.account, group.id, user.id)) return;
    const others = await memberships.scanIndex(tx, 'byUser', [user.account, user.id]);
    if (others.length >= limits.groupsPerUser) throw quotaExceeded('GroupsPerUser', limits.groupsPerUser);
    await memberships.put(tx, { account: group.account, groupId: group.id, userId: user.id });
  });
  return {};
};

export const RemoveUserFromGroup: Operation<'RemoveUserFromGroup'> = async (request, input) => {
  await commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, input.UserName);
    const group = await requireGroup(tx, request.account, input.GroupName);
    await memberships.delete(tx, group.account, group.id, user.id);
  });
  return {};
};
