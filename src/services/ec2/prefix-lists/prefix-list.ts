/** Prefix lists: the record, and those of AWS itself. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { requireResource, resourceType, type Place } from '../resource.ts';
import { managedPrefixLists } from '../vpc-endpoints/services.ts';

export type PrefixList = {
  account: string;
  region: string;
  id: string;
  name: string;
  family: 'IPv4' | 'IPv6';
  entriesMax: number;
  version: number;
  entries: { cidr: string; description?: string }[];
  tags?: Tag[];
};

export const prefixLists = table<PrefixList>('ec2/prefix-lists', { key: (row) => [row.account, row.region, row.id] });
export const prefixListType = resourceType('prefix-list', 'pl', prefixLists, ['InvalidPrefixListID.NotFound', 'The prefix list ID']);

/** One of the account's, or of AWS. Throws InvalidPrefixListID.NotFound. */
export async function requirePrefixList(tx: ReadTransaction, place: Place, id: string): Promise<PrefixList> {
  return managedPrefixLists(place).find((list) => list.id === id) ?? requireResource(tx, place, prefixListType, id);
}
