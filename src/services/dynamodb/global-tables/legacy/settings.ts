/** DescribeGlobalTableSettings and UpdateGlobalTableSettings: each replica of version 2017.11.29 has its own, which are told and changed at once. */

import type { ReplicaSettingsDescription, ReplicaSettingsUpdate } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../../framework/request.ts';
import { validationException } from '../../errors.ts';
import { changeScaling, checkScaling, scalingIn, scalingOf } from '../../replica-auto-scaling/settings.ts';
import type { Input, Operation } from '../../sdk.ts';
import { describe } from '../../tables/description.ts';
import { globalIndexes, type TableIndex, type Throughput } from '../../tables/table.ts';
import { requireGroup, type LegacyMember } from './group.ts';

type Change = Input<'UpdateGlobalTableSettings'>;

export const DescribeGlobalTableSettings: Operation<'DescribeGlobalTableSettings'> = async (request, input) =>
  tell(request, input.GlobalTableName!);

async function tell(request: ServiceRequest, name: string) {
  const group = await request.store.read((tx) => requireGroup(tx, request.account, name));
  return { GlobalTableName: name, ReplicaSettings: await Promise.all(group.map((member) => tellMember(request, member))) };
}

async function tellMember(request: ServiceRequest, member: LegacyMember): Promise<ReplicaSettingsDescription> {
  const indexes = globalIndexes(member);
  const names = indexes.map(({ name }) => name);
  const of = await scalingOf(scalingIn(request, member.region), member.name, names);
  const { BillingModeSummary: billing, TableClassSummary: tableClass } = describe(member);
  return {
    RegionName: member.region,
    ReplicaStatus: 'ACTIVE',
    ...(billing && { ReplicaBillingModeSummary: billing }),
    ReplicaProvisionedReadCapacityUnits: member.throughput.read,
    ReplicaProvisionedReadCapacityAutoScalingSettings: of({ kind: 'Read' }),
    ReplicaProvisionedWriteCapacityUnits: member.throughput.write,
    ReplicaProvisionedWriteCapacityAutoScalingSettings: of({ kind: 'Write' }),
    ...(indexes.length > 0 && {
      ReplicaGlobalSecondaryIndexSettings: indexes.map(({ name, status, throughput }) => ({
        IndexName: name,
        IndexStatus: status ?? 'ACTIVE',
        ProvisionedReadCapacityUnits: throughput?.read ?? 0,
        ProvisionedReadCapacityAutoScalingSettings: of({ index: name, kind: 'Read' }),
        ProvisionedWriteCapacityUnits: throughput?.write ?? 0,
        ProvisionedWriteCapacityAutoScalingSettings: of({ index: name, kind: 'Write' }),
      })),
    }),
    ...(tableClass && { ReplicaTableClassSummary: tableClass }),
  };
}

export const UpdateGlobalTableSettings: Operation<'UpdateGlobalTableSettings'> = async (request, input) => {
  const name = input.GlobalTableName!;
  const group = await request.store.read((tx) => requireGroup(tx, request.account, name));
  checkChange(group, input);
  for (const member of group) await changeTable(request, member, input);
  for (const member of group) await changeMemberScaling(request, member, input);
  return tell(request, name);
};

/** Throws ReplicaNotFoundException, IndexNotFoundException and ValidationException before anything is changed. */
function checkChange(group: readonly LegacyMember[], input: Change): void {
  const { GlobalTableGlobalSecondaryIndexSettingsUpdate: indexes = [], ReplicaSettingsUpdate: replicas = [] } = input;
  const says = [
    ...[input.GlobalTableBillingMode, input.GlobalTableProvisionedWriteCapacityUnits],
    ...[input.GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate, ...indexes, ...replicas],
  ];
  if (says.every((one) => one === undefined)) throw validationException('At least one setting of the global table must be specified');
  for (const { RegionName: region } of replicas)
    if (!group.some((member) => member.region === region))
      throw new AwsError(
        'ReplicaNotFoundException',
        `Replica not found: global table ${input.GlobalTableName} has none in region ${region}`,
      );
  const known = globalIndexes(group[0]!);
  const ofReplicas = replicas.flatMap(({ ReplicaGlobalSecondaryIndexSettingsUpdate: own = [] }) => own);
  for (const { IndexName: index } of [...indexes, ...ofReplicas])
    if (!known.some(({ name }) => name === index)) throw new AwsError('IndexNotFoundException', `Index not found: ${index}`);
  checkScaling(input.GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate);
  for (const one of indexes) checkScaling(one.ProvisionedWriteCapacityAutoScalingSettingsUpdate);
  for (const one of replicas) checkScaling(one.ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate);
  for (const one of ofReplicas) checkScaling(one.ProvisionedReadCapacityAutoScalingSettingsUpdate);
}

const replicaUpdate = ({ ReplicaSettingsUpdate: replicas }: Change, { region }: LegacyMember): ReplicaSettingsUpdate | undefined =>
  replicas?.find(({ RegionName }) => RegionName === region);

/** The member's table is changed as UpdateTable changes it, in the caller's name. */
async function changeTable(request: ServiceRequest, member: LegacyMember, input: Change): Promise<void> {
  const { account, region, name, billing } = member;
  const own = replicaUpdate(input, member);
  const BillingMode = input.GlobalTableBillingMode ?? billing;
  const isProvisioned = BillingMode === 'PROVISIONED';
  const throughput = isProvisioned
    ? changed(member.throughput, own?.ReplicaProvisionedReadCapacityUnits, input.GlobalTableProvisionedWriteCapacityUnits)
    : undefined;
  const indexes = isProvisioned ? globalIndexes(member).flatMap((index) => changedIndex(index, own, input)) : [];
  const change = {
    ...(BillingMode !== billing && { BillingMode }),
    ...(throughput && { ProvisionedThroughput: throughput }),
    ...(indexes.length > 0 && { GlobalSecondaryIndexUpdates: indexes }),
    ...(own?.ReplicaTableClass !== undefined && { TableClass: own.ReplicaTableClass }),
  };
  if (Object.keys(change).length === 0) return;
  await request.awsAs(request.principal, { account, region }).dynamodb('UpdateTable', { TableName: name, ...change });
}

/** Undefined where nothing changes, which UpdateTable refuses. */
function changed(before: Throughput, read = before.read, write = before.write) {
  if (read === before.read && write === before.write) return undefined;
  return { ReadCapacityUnits: read, WriteCapacityUnits: write };
}

function changedIndex({ name, throughput }: TableIndex, own: ReplicaSettingsUpdate | undefined, input: Change) {
  const reads = own?.ReplicaGlobalSecondaryIndexSettingsUpdate?.find(({ IndexName }) => IndexName === name);
  const writes = input.GlobalTableGlobalSecondaryIndexSettingsUpdate?.find(({ IndexName }) => IndexName === name);
  const before = throughput ?? { read: 0, write: 0, decreases: 0 };
  const next = changed(before, reads?.ProvisionedReadCapacityUnits, writes?.ProvisionedWriteCapacityUnits);
  return next ? [{ Update: { IndexName: name, ProvisionedThroughput: next } }] : [];
}

async function changeMemberScaling(request: ServiceRequest, member: LegacyMember, input: Change): Promise<void> {
  const scaling = scalingIn(request, member.region);
  const table = member.name;
  const own = replicaUpdate(input, member);
  const writes = input.GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate;
  const reads = own?.ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate;
  if (writes) await changeScaling(scaling, { table, kind: 'Write' }, writes);
  if (reads) await changeScaling(scaling, { table, kind: 'Read' }, reads);
  for (const { IndexName: index, ...one } of input.GlobalTableGlobalSecondaryIndexSettingsUpdate ?? []) {
    const update = one.ProvisionedWriteCapacityAutoScalingSettingsUpdate;
    if (update) await changeScaling(scaling, { table, index, kind: 'Write' }, update);
  }
  for (const { IndexName: index, ...one } of own?.ReplicaGlobalSecondaryIndexSettingsUpdate ?? []) {
    const update = one.ProvisionedReadCapacityAutoScalingSettingsUpdate;
    if (update) await changeScaling(scaling, { table, index, kind: 'Read' }, update);
  }
}
