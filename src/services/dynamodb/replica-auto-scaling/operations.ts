/** DescribeTableReplicaAutoScaling and UpdateTableReplicaAutoScaling: how all replicas of a table scale, told and changed at once. */

import type { AutoScalingSettingsUpdate, ReplicaAutoScalingDescription, TableAutoScalingDescription } from '@aws-sdk/client-dynamodb';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { resourceNotFound, validationException } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { describe } from '../tables/description.ts';
import { placeOf, requireNamedTable, type TablePlace } from '../tables/lookup.ts';
import { tables } from '../tables.ts';
import { globalIndexes, type TableRecord } from '../tables/table.ts';
import { changeScaling, checkScaling, scalingIn, scalingOf, type ScaledCapacity } from './settings.ts';

export const DescribeTableReplicaAutoScaling: Operation<'DescribeTableReplicaAutoScaling'> = async (request, input) => {
  const { table, members } = await membersAt(request, placeOf(request, input.TableName!));
  return { TableAutoScalingDescription: await tell(request, table, members) };
};

/** The table and all members of it that lie in this cloud; a table without replicas is its only member. */
async function membersAt({ store }: ServiceRequest, place: TablePlace): Promise<{ table: TableRecord; members: TableRecord[] }> {
  return store.read(async (tx) => {
    const table = await requireNamedTable(tx, place);
    const members = [table];
    for (const { region } of table.global?.replicas ?? []) {
      const other = await tables.get(tx, place.account, region, place.name);
      if (other) members.push(other);
    }
    return { table, members };
  });
}

async function tell(request: ServiceRequest, table: TableRecord, members: readonly TableRecord[]): Promise<TableAutoScalingDescription> {
  const elsewhere = (table.global?.replicas ?? []).filter(({ region }) => !members.some((member) => member.region === region));
  return {
    TableName: table.name,
    TableStatus: describe(table).TableStatus,
    Replicas: [
      ...(await Promise.all(members.map((member) => tellMember(request, member)))),
      ...elsewhere.map(({ region, status }) => ({ RegionName: region, ReplicaStatus: status })),
    ],
  };
}

async function tellMember(request: ServiceRequest, member: TableRecord): Promise<ReplicaAutoScalingDescription> {
  const indexes = globalIndexes(member);
  const names = indexes.map(({ name }) => name);
  const of = await scalingOf(scalingIn(request, member.region), member.name, names);
  return {
    RegionName: member.region,
    ReplicaStatus: member.global?.filling ? 'CREATING' : 'ACTIVE',
    ReplicaProvisionedReadCapacityAutoScalingSettings: of({ kind: 'Read' }),
    ReplicaProvisionedWriteCapacityAutoScalingSettings: of({ kind: 'Write' }),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map(({ name, status }) => ({
        IndexName: name,
        IndexStatus: status ?? 'ACTIVE',
        ProvisionedReadCapacityAutoScalingSettings: of({ index: name, kind: 'Read' }),
        ProvisionedWriteCapacityAutoScalingSettings: of({ index: name, kind: 'Write' }),
      })),
    }),
  };
}

type Wanted = { region: string; capacity: ScaledCapacity; update: AutoScalingSettingsUpdate };

/** Writes scale in all regions alike, reads in each by itself. */
export const UpdateTableReplicaAutoScaling: Operation<'UpdateTableReplicaAutoScaling'> = async (request, input) => {
  const { table, members } = await membersAt(request, placeOf(request, input.TableName!));
  if (table.billing === 'PAY_PER_REQUEST')
    throw validationException('Auto scaling settings cannot be changed for a table in PAY_PER_REQUEST billing mode');
  const wanted = [...wantedWrites(table, members, input), ...wantedReads(table, members, input)];
  if (wanted.length === 0)
    throw validationException(
      'At least one of ProvisionedWriteCapacityAutoScalingUpdate, GlobalSecondaryIndexUpdates or ReplicaUpdates is required',
    );
  for (const { update } of wanted) checkScaling(update);
  for (const { region, capacity, update } of wanted) await changeScaling(scalingIn(request, region), capacity, update);
  return { TableAutoScalingDescription: await tell(request, table, members) };
};

type Change = Input<'UpdateTableReplicaAutoScaling'>;

function wantedWrites(table: TableRecord, members: readonly TableRecord[], input: Change): Wanted[] {
  const { name } = table;
  const { ProvisionedWriteCapacityAutoScalingUpdate: own, GlobalSecondaryIndexUpdates: indexes = [] } = input;
  return members.flatMap(({ region }) => [
    ...(own ? [{ region, capacity: { table: name, kind: 'Write' as const }, update: own }] : []),
    ...indexes.flatMap(({ IndexName, ProvisionedWriteCapacityAutoScalingUpdate: update }) => {
      const index = requireIndex(table, IndexName);
      return update ? [{ region, capacity: { table: name, index, kind: 'Write' as const }, update }] : [];
    }),
  ]);
}

function wantedReads(table: TableRecord, members: readonly TableRecord[], input: Change): Wanted[] {
  const { name } = table;
  return (input.ReplicaUpdates ?? []).flatMap((given) => {
    const region = requireRegion(table, members, given.RegionName!);
    const { ReplicaProvisionedReadCapacityAutoScalingUpdate: own, ReplicaGlobalSecondaryIndexUpdates: indexes = [] } = given;
    return [
      ...(own ? [{ region, capacity: { table: name, kind: 'Read' as const }, update: own }] : []),
      ...indexes.flatMap(({ IndexName, ProvisionedReadCapacityAutoScalingUpdate: update }) => {
        const index = requireIndex(table, IndexName);
        return update ? [{ region, capacity: { table: name, index, kind: 'Read' as const }, update }] : [];
      }),
    ];
  });
}

function requireIndex(table: TableRecord, name: string | undefined): string {
  if (name === undefined || !globalIndexes(table).some((index) => index.name === name))
    throw resourceNotFound(`Requested resource not found: Index: ${name} not found`);
  return name;
}

function requireRegion(table: TableRecord, members: readonly TableRecord[], region: string): string {
  if (members.some((member) => member.region === region)) return region;
  if (table.global?.replicas.some((one) => one.region === region && one.peer))
    throw notImplemented('dynamodb:UpdateTableReplicaAutoScaling with ReplicaUpdates of a replica in another Haneul');
  throw resourceNotFound(`Requested resource not found: Replica of table ${table.name} in region ${region} not found`);
}
