/** Prefix lists: the record, and those of AWS itself. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

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
