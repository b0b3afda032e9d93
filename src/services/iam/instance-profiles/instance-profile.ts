/** An instance profile: the sleeve in which EC2 hands a role to a machine. https://docs.aws.amazon.com/IAM/latest/APIReference/API_InstanceProfile.html */

import { arn } from '../../../framework/arn.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { dateOf } from '../dates.ts';
import { noInstanceProfile } from '../errors.ts';
import { listedRole, roleById } from '../roles/role.ts';
import { fold, instanceProfiles, type InstanceProfile } from '../tables.ts';
import { tagsMember } from '../tags.ts';

export function instanceProfileArn(profile: { account: string; path: string; name: string }): string {
  return arn('iam', '', profile.account, `instance-profile${profile.path}${profile.name}`);
}

/** Throws NoSuchEntity. */
export async function requireInstanceProfile(tx: ReadTransaction, account: string, name: string): Promise<InstanceProfile> {
  const profile = await instanceProfiles.get(tx, account, fold(name));
  if (!profile) throw noInstanceProfile(name);
  return profile;
}

export async function shownInstanceProfile(tx: ReadTransaction, profile: InstanceProfile) {
  const role = profile.roleId === undefined ? undefined : await roleById(tx, profile.account, profile.roleId);
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: instanceProfileArn(profile),
    CreateDate: dateOf(profile.createdAt),
    Roles: role ? [listedRole(role)] : [],
    ...tagsMember(profile.tags),
  };
}
