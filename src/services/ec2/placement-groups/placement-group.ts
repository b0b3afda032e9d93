/** Placement groups: the record, and what a launch into one must fit. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-groups.html */

import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { refusal } from '../errors.ts';
import { instances, type Instance } from '../instances/instance.ts';
import { requireResource, resourceType, type Place } from '../resource.ts';

export type PlacementGroup = {
  account: string;
  region: string;
  id: string;
  name: string;
  strategy: 'cluster' | 'spread' | 'partition';
  /** Of a partition group. */
  partitions?: number;
  /** Of a spread group. */
  spreadLevel?: 'rack';
  tags?: Tag[];
};

export const placementGroups = table<PlacementGroup, 'name'>('ec2/placement-groups', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { name: (row) => [row.account, row.region, row.name] },
  unique: ['name'],
});

export const placementGroupType = resourceType('placement-group', 'pg', placementGroups, [
  'InvalidPlacementGroup.Unknown',
  (id: string) => `The Placement Group '${id}' is unknown.`,
]);

/** By name or by id. Throws InvalidPlacementGroup.Unknown. */
export async function requirePlacementGroup(
  tx: ReadTransaction,
  place: Place,
  { name, id }: { name?: string | undefined; id?: string | undefined },
): Promise<PlacementGroup> {
  if (id) return requireResource(tx, place, placementGroupType, id);
  const found = name ? await placementGroups.find(tx, 'name', place.account, place.region, name) : undefined;
  if (!found) throw refusal('InvalidPlacementGroup.Unknown')(`The Placement Group '${name}' is unknown.`);
  return found;
}

/** The instances in a group that are not terminated. */
export async function membersOf(tx: ReadTransaction, { account, region, name }: PlacementGroup): Promise<Instance[]> {
  const members: Instance[] = [];
  for (const { row } of await instances.scan(tx, [account, region]))
    if (row.placementGroup === name && row.state !== 'terminated') members.push(row);
  return members;
}
