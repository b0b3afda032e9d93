/** A role: how it is named, found and shown. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */

import { arn } from '../../../framework/arn.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { dateOf } from '../dates.ts';
import { encodeDocument } from '../documents.ts';
import { noRole, protectedRole } from '../errors.ts';
import { boundaryMember } from '../policies/boundary.ts';
import { fold, roles, serviceUses, type Role } from '../tables.ts';
import { tagsMember } from '../tags.ts';

export function roleArn(role: { account: string; path: string; name: string }): string {
  return arn('iam', '', role.account, `role${role.path}${role.name}`);
}

/** Throws NoSuchEntity. */
export async function requireRole(tx: ReadTransaction, account: string, name: string): Promise<Role> {
  const role = await roles.get(tx, account, fold(name));
  if (!role) throw noRole(name);
  return role;
}

/** As `requireRole`, and throws UnmodifiableEntity for a role that belongs to a service. */
export async function requireChangeableRole(tx: ReadTransaction, account: string, name: string): Promise<Role> {
  const role = await requireRole(tx, account, name);
  if (role.linkedService !== undefined) throw protectedRole(role.name, role.linkedService);
  return role;
}

export async function roleById(tx: ReadTransaction, account: string, id: string): Promise<Role | undefined> {
  return (await roles.scanIndex(tx, 'byId', [account, id], { limit: 1 }))[0]?.row;
}

/** A role as lists show it: without tags, boundary and last use. */
export function listedRole(role: Role) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: roleArn(role),
    CreateDate: dateOf(role.createdAt),
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

export function shownRole(role: Role) {
  return { ...listedRole(role), ...boundaryMember(role.boundary), ...tagsMember(role.tags) };
}

export type LastUse = { LastUsedDate?: Date; Region?: string };

/** When a role's sessions last called anything; empty when never. */
export async function lastUseOf(tx: ReadTransaction, role: Role): Promise<LastUse> {
  const uses = (await serviceUses.scan(tx, [role.account, role.id])).map(({ row }) => row);
  const last = uses.reduce<(typeof uses)[number] | undefined>((latest, use) => (latest && latest.at >= use.at ? latest : use), undefined);
  return last ? { LastUsedDate: dateOf(last.at), Region: last.region } : {};
}
