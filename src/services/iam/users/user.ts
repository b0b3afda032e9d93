/** A user: how it is named, found and shown. https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html */

import { arn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { dateOf } from '../dates.ts';
import { noUser, userNameNeeded } from '../errors.ts';
import { boundaryMember } from '../policies/boundary.ts';
import { fold, users, type User } from '../tables.ts';

export function userArn(user: { account: string; path: string; name: string }): string {
  return arn('iam', '', user.account, `user${user.path}${user.name}`);
}

/** Throws NoSuchEntity. */
export async function requireUser(tx: ReadTransaction, account: string, name: string): Promise<User> {
  const user = await users.get(tx, account, fold(name));
  if (!user) throw noUser(name);
  return user;
}

export async function userById(tx: ReadTransaction, account: string, id: string): Promise<User | undefined> {
  return (await users.scanIndex(tx, 'byId', [account, id], { limit: 1 }))[0]?.row;
}

/** The user that an operation means: the named one, or the caller's own; undefined stands for the root user. Throws ValidationError for sessions of roles. */
export function meantUser(request: ServiceRequest, name: string | undefined): string | undefined {
  if (name !== undefined) return name;
  if (request.principal.type === 'User') return request.principal.name;
  if (request.principal.type === 'Root') return undefined;
  throw userNameNeeded();
}

/** Whose credentials are meant: a user's or the root user's. */
export type CredentialOwner = { id: string; name: string; arn: string };

/** As `meantUser`, found. Throws NoSuchEntity. */
export async function requireCredentialOwner(
  tx: ReadTransaction,
  request: ServiceRequest,
  name: string | undefined,
): Promise<CredentialOwner> {
  const meant = meantUser(request, name);
  if (meant === undefined) return { id: request.account, name: '<root_account>', arn: arn('iam', '', request.account, 'root') };
  const user = await requireUser(tx, request.account, meant);
  return { id: user.id, name: user.name, arn: userArn(user) };
}

export type UserView = { Path: string; UserName: string; UserId: string; Arn: string; CreateDate: Date; PasswordLastUsed?: Date };

/** A user as lists show it. */
export function listedUser(user: User): UserView {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: userArn(user),
    CreateDate: dateOf(user.createdAt),
    ...(user.passwordLastUsedAt !== undefined && { PasswordLastUsed: dateOf(user.passwordLastUsedAt) }),
  };
}

/** A user in full, with boundary and tags. */
export function shownUser(user: User) {
  return { ...listedUser(user), ...boundaryMember(user.boundary), ...(user.tags.length > 0 && { Tags: user.tags }) };
}
