/** Users: create, read, rename, delete, list, tag. */

import { uniqueId } from '../../../framework/access-key-id.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { changeCount } from '../account/counts.ts';
import { loadAccount } from '../account/account.ts';
import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { alreadyExists, deleteConflict } from '../errors.ts';
import { forgetUses } from '../last-accessed/uses.ts';
import { limits } from '../limits.ts';
import { page, tablePage } from '../pagination.ts';
import { requireBoundary } from '../policies/boundary.ts';
import { awsPolicies } from '../policies/aws-managed.ts';
import type { Operation } from '../sdk.ts';
import {
  accessKeys,
  attachments,
  fold,
  inlinePolicies,
  loginProfiles,
  memberships,
  mfaDevices,
  serviceCredentials,
  signingCertificates,
  sshPublicKeys,
  users,
  type User,
} from '../tables.ts';
import { mergedTags, newTags, withoutTags } from '../tags.ts';
import { listedUser, meantUser, requireUser, shownUser } from './user.ts';

export const CreateUser: Operation<'CreateUser'> = async (request, input) => {
  const aws = await awsPolicies();
  const user: User = {
    account: request.account,
    name: input.UserName,
    id: uniqueId('AIDA', request.random),
    path: input.Path ?? '/',
    createdAt: request.now,
    tags: newTags(input.Tags),
    ...(input.PermissionsBoundary !== undefined && { boundary: input.PermissionsBoundary }),
  };
  await commit(request, async (tx) => {
    if (await users.get(tx, user.account, fold(user.name))) throw alreadyExists(`User with name ${user.name} already exists.`);
    if (user.boundary !== undefined) await requireBoundary(tx, user.account, user.boundary, aws);
    await changeCount(tx, request, 'users', 1, limits.usersPerAccount, 'UsersPerAccount');
    await users.put(tx, user);
  });
  return { User: shownUser(user) };
};

export const GetUser: Operation<'GetUser'> = async (request, input) => {
  const name = meantUser(request, input.UserName);
  if (name === undefined) return { User: await rootAsUser(request) };
  return { User: shownUser(await request.store.read((tx) => requireUser(tx, request.account, name))) };
};

async function rootAsUser(request: ServiceRequest) {
  const account = await request.store.read((tx) => loadAccount(tx, request));
  return {
    Path: '/',
    UserName: account.alias,
    UserId: request.account,
    Arn: `arn:aws:iam::${request.account}:root`,
    CreateDate: dateOf(account.createdAt),
  };
}

export const ListUsers: Operation<'ListUsers'> = async (request, input) => {
  const prefix = input.PathPrefix ?? '/';
  const { rows, ...more } = await request.store.read((tx) =>
    tablePage(tx, users, [request.account], input, (user) => user.path.startsWith(prefix)),
  );
  return { Users: rows.map(listedUser), ...more };
};

export const UpdateUser: Operation<'UpdateUser'> = async (request, input) => {
  await commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, input.UserName);
    const name = input.NewUserName ?? user.name;
    if (fold(name) !== fold(user.name)) {
      if (await users.get(tx, user.account, fold(name))) throw alreadyExists(`User with name ${name} already exists.`);
      await users.delete(tx, user.account, fold(user.name));
    }
    await users.put(tx, { ...user, name, path: input.NewPath ?? user.path });
  });
  return {};
};

export const DeleteUser: Operation<'DeleteUser'> = async (request, input) => {
  await commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, input.UserName);
    await refuseWhileInUse(tx, user);
    await users.delete(tx, user.account, fold(user.name));
    await forgetUses(tx, user);
    await changeCount(tx, request, 'users', -1);
  });
  return {};
};

/** AWS names the first kind of thing that stands in the way. */
async function refuseWhileInUse(tx: ReadTransaction, user: User): Promise<void> {
  const own = [user.account, user.id];
  if ((await memberships.scanIndex(tx, 'byUser', own, { limit: 1 })).length > 0)
    throw deleteConflict('Cannot delete entity, must remove users from group first.');
  if ((await attachments.scan(tx, own, { limit: 1 })).length > 0)
    throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if ((await inlinePolicies.scan(tx, own, { limit: 1 })).length > 0)
    throw deleteConflict('Cannot delete entity, must delete policies first.');
  if ((await accessKeys.scan(tx, own, { limit: 1 })).length > 0)
    throw deleteConflict('Cannot delete entity, must delete access keys first.');
  if (await loginProfiles.get(tx, user.account, user.id)) throw deleteConflict('Cannot delete entity, must delete login profile first.');
  if ((await mfaDevices.scanIndex(tx, 'byUser', own, { limit: 1 })).length > 0)
    throw deleteConflict('Cannot delete entity, must delete MFA device first.');
  if ((await signingCertificates.scan(tx, own, { limit: 1 })).length > 0)
    throw deleteConflict('Cannot delete entity, must delete signing certificates first.');
  if ((await sshPublicKeys.scan(tx, own, { limit: 1 })).length > 0)
    throw deleteConflict('Cannot delete entity, must delete public keys first.');
  if ((await serviceCredentials.scan(tx, own, { limit: 1 })).length > 0)
    throw deleteConflict('Cannot delete entity, must remove referenced objects first.');
}

export const TagUser: Operation<'TagUser'> = async (request, input) => {
  await commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, input.UserName);
    await users.put(tx, { ...user, tags: mergedTags(user.tags, input.Tags) });
  });
  return {};
};

export const UntagUser: Operation<'UntagUser'> = async (request, input) => {
  await commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, input.UserName);
    await users.put(tx, { ...user, tags: withoutTags(user.tags, input.TagKeys) });
  });
  return {};
};

export const ListUserTags: Operation<'ListUserTags'> = async (request, input) => {
  const user = await request.store.read((tx) => requireUser(tx, request.account, input.UserName));
  const { items, ...more } = page(user.tags, input, (tag) => tag.Key);
  return { Tags: items, ...more };
};

export const PutUserPermissionsBoundary: Operation<'PutUserPermissionsBoundary'> = async (request, input) => {
  const aws = await awsPolicies();
  await commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, input.UserName);
    await requireBoundary(tx, request.account, input.PermissionsBoundary, aws);
    await users.put(tx, { ...user, boundary: input.PermissionsBoundary });
  });
  return {};
};

export const DeleteUserPermissionsBoundary: Operation<'DeleteUserPermissionsBoundary'> = async (request, input) => {
  await commit(request, async (tx) => {
    const { boundary, ...user } = await requireUser(tx, request.account, input.UserName);
    if (boundary !== undefined) await users.put(tx, user);
  });
  return {};
};
