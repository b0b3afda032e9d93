/** Users, groups and roles alike, as what policies are attached to. */

import type { ReadTransaction } from '../../store/store.ts';
import { protectedRole } from './errors.ts';
import { groupById, requireGroup } from './groups/group.ts';
import { limits } from './limits.ts';
import { requireRole, roleById } from './roles/role.ts';
import type { OwnerKind } from './tables.ts';
import { requireUser, userById } from './users/user.ts';

export type Owner = { kind: OwnerKind; account: string; id: string; name: string; path: string; linkedService?: string };

const finders = { user: requireUser, group: requireGroup, role: requireRole };
const findersById = { user: userById, group: groupById, role: roleById };

/** Throws NoSuchEntity. */
export async function requireOwner(tx: ReadTransaction, account: string, kind: OwnerKind, name: string): Promise<Owner> {
  return { kind, ...(await finders[kind](tx, account, name)) };
}

/** As `requireOwner`, and throws UnmodifiableEntity for a role that belongs to a service. */
export async function requireChangeableOwner(tx: ReadTransaction, account: string, kind: OwnerKind, name: string): Promise<Owner> {
  const owner = await requireOwner(tx, account, kind, name);
  if (owner.linkedService !== undefined) throw protectedRole(owner.name, owner.linkedService);
  return owner;
}

export async function ownerById(tx: ReadTransaction, account: string, kind: OwnerKind, id: string): Promise<Owner | undefined> {
  const row = await findersById[kind](tx, account, id);
  return row && { kind, ...row };
}

/** AWS's names and values of the quotas of each kind. */
export const ownerQuotas = {
  user: { attached: limits.attachedPoliciesPerUser, attachedName: 'PoliciesPerUser', inlineCharacters: limits.userPolicyCharactersMax },
  group: { attached: limits.attachedPoliciesPerGroup, attachedName: 'PoliciesPerGroup', inlineCharacters: limits.groupPolicyCharactersMax },
  role: { attached: limits.attachedPoliciesPerRole, attachedName: 'PoliciesPerRole', inlineCharacters: limits.rolePolicyCharactersMax },
} as const;
