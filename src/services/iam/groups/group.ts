/** A group: how it is named, found and shown. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Group.html */

import { arn } from '../../../framework/arn.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { dateOf } from '../dates.ts';
import { noGroup } from '../errors.ts';
import { fold, groups, type Group } from '../tables.ts';

export function groupArn(group: { account: string; path: string; name: string }): string {
  return arn('iam', '', group.account, `group${group.path}${group.name}`);
}

/** Throws NoSuchEntity. */
export async function requireGroup(tx: ReadTransaction, account: string, name: string): Promise<Group> {
  const group = await groups.get(tx, account, fold(name));
  if (!group) throw noGroup(name);
  return group;
}

export async function groupById(tx: ReadTransaction, account: string, id: string): Promise<Group | undefined> {
  return (await groups.scanIndex(tx, 'byId', [account, id], { limit: 1 }))[0]?.row;
}

export function shownGroup(group: Group) {
  return { Path: group.path, GroupName: group.name, GroupId: group.id, Arn: groupArn(group), CreateDate: dateOf(group.createdAt) };
}
