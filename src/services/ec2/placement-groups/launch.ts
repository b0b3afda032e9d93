/** A launch into a placement group: which group it is, whether the instances fit, and on which partitions they land. */

import type { ReadTransaction } from '../../../store/store.ts';
import { invalidParameterCombination, invalidParameterValue, refusal } from '../errors.ts';
import type { InstanceType } from '../instance-types/instance-type.ts';
import type { Place } from '../resource.ts';
import type { Input } from '../sdk.ts';
import { membersOf, requirePlacementGroup } from './placement-group.ts';

type Placement = NonNullable<Input<'RunInstances'>['Placement']>;

export type GroupPlan = {
  name: string;
  /** For each instance of the launch, in its order; absent for groups without partitions. */
  partitions?: number[];
};

/** Racks that a zone has for one spread group. */
const instancesPerZoneMax = 7;

/**
 * Throws InvalidPlacementGroup.Unknown, and InsufficientInstanceCapacity or InvalidParameterValue for what the group's strategy forbids.
 * @param most how many instances there will be at most; a spread group may leave room for fewer, but not for less than `least`.
 */
export async function planGroup(
  tx: ReadTransaction,
  place: Place,
  { GroupName: name, GroupId: id, PartitionNumber: partition }: Placement,
  { zone, type, least, most }: { zone: string; type: InstanceType; least: number; most: number },
): Promise<{ group?: GroupPlan; count: number }> {
  if (!name && !id) {
    if (partition) throw invalidParameterCombination('A partition number can only be specified with a partition placement group.');
    return { count: most };
  }
  if (name && id) throw invalidParameterCombination('Specify either the placement group name or its ID, but not both.');
  const row = await requirePlacementGroup(tx, place, { name, id });
  if (partition && row.strategy !== 'partition')
    throw invalidParameterCombination('A partition number can only be specified with a partition placement group.');
  const members = await membersOf(tx, row);
  if (row.strategy === 'cluster') {
    if (type.family.burstable)
      throw invalidParameterCombination(
        `Cluster placement groups are not supported by the '${type.name}' instance type. Specify a supported instance type or change the placement group strategy, and try again.`,
      );
    if (members.some((one) => one.zone !== zone))
      throw invalidParameterValue(
        `The instances of the cluster placement group '${row.name}' are in another Availability Zone than '${zone}'.`,
      );
    return { group: { name: row.name }, count: most };
  }
  if (row.strategy === 'spread') {
    const room = instancesPerZoneMax - members.filter((one) => one.zone === zone).length;
    if (room < least)
      throw refusal('InsufficientInstanceCapacity')(
        `We currently do not have sufficient capacity to launch all of the additional requested instances into Placement Group '${row.name}'. You may be able to satisfy your full request by using fewer instances or a different instance type.`,
      );
    return { group: { name: row.name }, count: Math.min(most, room) };
  }
  if (partition && partition > row.partitions!)
    throw invalidParameterValue(
      `Value (${partition}) for parameter partitionNumber is invalid. The placement group has ${row.partitions} partitions.`,
    );
  const held = Array.from({ length: row.partitions! }, (_, at) => members.filter((one) => one.partition === at + 1).length);
  return { group: { name: row.name, partitions: partition ? Array<number>(most).fill(partition) : evenly(held, most) }, count: most };
}

/** Each instance goes where the fewest are. */
function evenly(held: number[], count: number): number[] {
  return Array.from({ length: count }, () => {
    const at = held.indexOf(Math.min(...held));
    held[at]!++;
    return at + 1;
  });
}
