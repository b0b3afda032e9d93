/** Placement groups: create, describe, delete. */

import { invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { newId, requireResource, resourceArn, resourcesIn } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { membersOf, placementGroups, placementGroupType, requirePlacementGroup, type PlacementGroup } from './placement-group.ts';

const nameCharactersMax = 255;
const partitionsMax = 7;

const groupOf = (row: PlacementGroup) => ({
  ...{ GroupId: row.id, GroupName: row.name, State: 'available' as const, Strategy: row.strategy },
  ...(row.partitions !== undefined && { PartitionCount: row.partitions }),
  ...(row.spreadLevel !== undefined && { SpreadLevel: row.spreadLevel }),
  GroupArn: resourceArn(placementGroupType, row, row.name),
  ...tagSet(row),
});

type Shape = Pick<PlacementGroup, 'name' | 'strategy' | 'partitions' | 'spreadLevel'>;

function checked(input: Input<'CreatePlacementGroup'>): Shape {
  const { GroupName: name, Strategy: strategy = 'cluster', PartitionCount: partitions = 0, SpreadLevel: level = 'rack' } = input;
  if (!name) throw missingParameter('GroupName');
  if (name.length > nameCharactersMax || !/^[\u0020-\u007e]+$/.test(name))
    throw invalidParameterValue(
      `Value (${name}) for parameter groupName is invalid. Up to ${nameCharactersMax} ASCII characters are allowed.`,
    );
  if (strategy !== 'cluster' && strategy !== 'spread' && strategy !== 'partition')
    throw invalidParameterValue(`Value (${String(strategy)}) for parameter strategy is invalid.`);
  if (partitions !== 0 && strategy !== 'partition')
    throw invalidParameterCombination(`PartitionCount can only be specified with the partition strategy, not with ${strategy}.`);
  if (!Number.isInteger(partitions) || partitions < 0 || partitions > partitionsMax)
    throw invalidParameterValue(
      `Value (${partitions}) for parameter partitionCount is invalid. It must be between 1 and ${partitionsMax}.`,
    );
  if (input.SpreadLevel !== undefined && strategy !== 'spread')
    throw invalidParameterCombination(`SpreadLevel can only be specified with the spread strategy, not with ${strategy}.`);
  // Hosts are those of an Outpost.
  if (level !== 'rack') throw notBuilt('CreatePlacementGroup', `SpreadLevel ${level}`);
  return {
    ...{ name, strategy },
    ...(strategy === 'partition' && { partitions: partitions || 2 }),
    ...(strategy === 'spread' && { spreadLevel: level }),
  };
}

export const CreatePlacementGroup: Operation<'CreatePlacementGroup'> = async (request, input) => {
  if (input.LinkedGroupId !== undefined) throw notBuilt('CreatePlacementGroup', 'LinkedGroupId');
  const shape = checked(input);
  const { account, region } = request;
  const row: PlacementGroup = {
    ...{ account, region, id: newId(request.random, 'pg'), ...shape },
    ...kept(tagsFor(input.TagSpecifications, 'placement-group')),
  };
  await request.store.write(async (tx) => {
    if (await placementGroups.find(tx, 'name', account, region, row.name))
      throw refusal('InvalidPlacementGroup.Duplicate')(`The Placement Group '${row.name}' already exists.`);
    await placementGroups.put(tx, row);
  });
  return { PlacementGroup: groupOf(row) };
};

const filters: Filters<PlacementGroup> = {
  'group-arn': (row) => resourceArn(placementGroupType, row, row.name),
  'group-name': (row) => row.name,
  'spread-level': (row) => row.spreadLevel,
  state: () => 'available',
  strategy: (row) => row.strategy,
};

export const DescribePlacementGroups: Operation<'DescribePlacementGroups'> = async (request, input) => {
  const fits = compileFilters(input.Filters, filters);
  const rows = await request.store.read(async (tx) => {
    const named: PlacementGroup[] = [];
    for (const name of input.GroupNames ?? []) named.push(await requirePlacementGroup(tx, request, { name }));
    for (const id of input.GroupIds ?? []) named.push(await requireResource(tx, request, placementGroupType, id));
    if (input.GroupNames?.length || input.GroupIds?.length) return named;
    return resourcesIn(tx, request, placementGroupType);
  });
  return { PlacementGroups: rows.filter(fits).map(groupOf) };
};

export const DeletePlacementGroup: Operation<'DeletePlacementGroup'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requirePlacementGroup(tx, request, { name: input.GroupName });
    if ((await membersOf(tx, row)).length > 0)
      throw refusal('InvalidPlacementGroup.InUse')(`The placement group '${row.name}' is in use and may not be deleted.`);
    await placementGroups.delete(tx, row.account, row.region, row.id);
  });
  return {};
};
