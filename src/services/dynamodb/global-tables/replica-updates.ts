/** UpdateTable with ReplicaUpdates: replicas are added, changed and taken away. */

import type { CreateReplicationGroupMemberAction, ReplicaGlobalSecondaryIndex, ReplicationGroupUpdate } from '@aws-sdk/client-dynamodb';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { addFault, checkEnum, checkLength, checkRange, type Faults } from '../constraints.ts';
import { resourceInUse, resourceNotFound, validationException } from '../errors.ts';
import type { Input } from '../sdk.ts';
import { removeTable } from '../tables/removal.ts';
import { tables } from '../tables.ts';
import { globalIndexes, type TableRecord } from '../tables/table.ts';
import { isMember, type Member, type Overrides } from './global-table.ts';
import { addPeerReplica, addReplica, becomeMember, forgetPeerReplica, tellOthers, type Means } from './membership.ts';
import { notify } from './peers/notices.ts';
import { applyOverrides } from './settings.ts';

type Change = Input<'UpdateTable'>;
/** Creating and changing a replica say the same of it. */
type Asked = CreateReplicationGroupMemberAction;

export function replicaUpdatesForm(faults: Faults, updates: readonly ReplicationGroupUpdate[] | undefined): void {
  if (!updates) return;
  checkLength(faults, 'replicaUpdates', updates, 1, Infinity);
  for (const [at, { Create: create, Update: update, Delete: remove }] of updates.entries()) {
    for (const [kind, one] of Object.entries({ create, update, delete: remove })) {
      if (!one) continue;
      const path = `replicaUpdates.${at + 1}.member.${kind}`;
      if (one.RegionName === undefined) addFault(faults, `${path}.regionName`, undefined, 'Member must not be null');
      if (kind !== 'delete') replicaForm(faults, path, one as Asked);
    }
  }
}

function replicaForm(faults: Faults, path: string, asked: Asked): void {
  checkEnum(faults, `${path}.tableClassOverride`, asked.TableClassOverride, ['STANDARD', 'STANDARD_INFREQUENT_ACCESS']);
  const read = asked.ProvisionedThroughputOverride?.ReadCapacityUnits;
  checkRange(faults, `${path}.provisionedThroughputOverride.readCapacityUnits`, read, 1);
  checkLength(faults, `${path}.globalSecondaryIndexes`, asked.GlobalSecondaryIndexes, 1, Infinity);
}

export function refuseUnbuiltReplicas(input: Change): void {
  if (input.MultiRegionConsistency === 'STRONG') throw notImplemented('dynamodb:UpdateTable with MultiRegionConsistency STRONG');
  for (const name of ['GlobalTableWitnessUpdates', 'GlobalTableSettingsReplicationMode'] as const)
    if (input[name] !== undefined) throw notImplemented(`dynamodb:UpdateTable with ${name}`);
  for (const { Create: create, Update: update, Disassociate: other } of input.ReplicaUpdates ?? []) {
    if (other) throw notImplemented('dynamodb:UpdateTable with Disassociate');
    if ((create ?? update)?.KMSMasterKeyId !== undefined) throw notImplemented('dynamodb:UpdateTable with KMSMasterKeyId');
  }
  if (input.MultiRegionConsistency !== undefined && !input.ReplicaUpdates?.some(({ Create: create }) => create))
    throw validationException('MultiRegionConsistency can only be specified when a global table is created');
}

/** Gives the table with its replicas as they are now, to be put by the caller. */
export async function updateReplicas(tx: WriteTransaction, table: TableRecord, input: Change, means: Means): Promise<TableRecord> {
  if (table.global?.legacy && input.ReplicaUpdates)
    throw validationException(`ReplicaUpdates are not supported for a global table of version 2017.11.29: ${table.name}`);
  let changed = table;
  const seen = new Set<string>();
  for (const { Create: create, Update: update, Delete: remove } of input.ReplicaUpdates ?? []) {
    const kinds = [create, update, remove].filter((one) => one !== undefined);
    if (kinds.length !== 1) throw validationException('Exactly one of Create, Update and Delete must be specified for each replica update');
    const region = kinds[0]!.RegionName!;
    if (seen.has(region)) throw validationException(`Only one update for each replica is allowed: ${region}`);
    seen.add(region);
    checkRegion(region);
    if (create) changed = await createReplica(tx, changed, create, means);
    else if (update) changed = await changeReplica(tx, changed, update, means);
    else changed = await deleteReplica(tx, changed, region, means);
  }
  return changed;
}

function checkRegion(region: string): void {
  if (!/^[a-z]{2}(-[a-z]+)+-\d+$/.test(region)) throw validationException(`Invalid region name: ${region}`);
}

async function createReplica(tx: WriteTransaction, table: TableRecord, asked: Asked, means: Means): Promise<Member> {
  const region = asked.RegionName!;
  if (table.restoring || table.global?.filling) throw resourceInUse(`Table is being created: ${table.name}`);
  if (region === table.region)
    throw validationException(`Cannot add, delete, or update the local region through ReplicaUpdates: ${region}`);
  if (table.vectors?.length) throw notImplemented('dynamodb:UpdateTable with ReplicaUpdates of a table with vector indexes');
  const isKnown = table.global?.replicas.some((one) => one.region === region);
  if (isKnown || (await tables.get(tx, table.account, region, table.name))) throw existsAlready(table);
  const isPeers = means.peers?.has(region);
  const source = await becomeMember(tx, table, means);
  const tableClass = asked.TableClassOverride;
  const overrides = overridesOf(table, asked, {});
  const made = { region, overrides, ...(tableClass !== undefined && { tableClass }) };
  return isPeers ? addPeerReplica(tx, source, made, means) : addReplica(tx, source, made, means);
}

const existsAlready = ({ name }: TableRecord): Error =>
  validationException(
    `Failed to create a the new replica of table with name: '${name}' because one or more replicas already existed as tables.`,
  );

/** The overrides of a replica after a change that names some of them. Throws ValidationException. */
function overridesOf(table: TableRecord, asked: Asked, before: Overrides): Overrides {
  const read = asked.ProvisionedThroughputOverride?.ReadCapacityUnits ?? before.read;
  if (asked.ProvisionedThroughputOverride && table.billing === 'PAY_PER_REQUEST')
    throw validationException('ProvisionedThroughputOverride cannot be specified when BillingMode is PAY_PER_REQUEST');
  const onDemandRead = asked.OnDemandThroughputOverride?.MaxReadRequestUnits ?? before.onDemandRead;
  const indexes = new Map(before.indexes?.map((one) => [one.name, one]));
  for (const given of asked.GlobalSecondaryIndexes ?? []) indexes.set(given.IndexName!, indexOverride(table, given));
  return {
    ...(read !== undefined && { read }),
    ...(onDemandRead !== undefined && { onDemandRead }),
    ...(indexes.size > 0 && { indexes: [...indexes.values()] }),
  };
}

function indexOverride(table: TableRecord, given: ReplicaGlobalSecondaryIndex): NonNullable<Overrides['indexes']>[number] {
  const name = given.IndexName!;
  if (!globalIndexes(table).some((index) => index.name === name))
    throw validationException(`Global secondary index does not exist on the table: ${name}`);
  const read = given.ProvisionedThroughputOverride?.ReadCapacityUnits;
  const onDemandRead = given.OnDemandThroughputOverride?.MaxReadRequestUnits;
  return { name, ...(read !== undefined && { read }), ...(onDemandRead !== undefined && { onDemandRead }) };
}

async function changeReplica(tx: WriteTransaction, table: TableRecord, asked: Asked, { now }: Means): Promise<TableRecord> {
  const replica = table.region === asked.RegionName ? table : await replicaIn(tx, table, asked.RegionName!);
  if (!isMember(replica)) throw noReplica(table, asked.RegionName!);
  replica.global.overrides = overridesOf(table, asked, replica.global.overrides);
  const next = applyOverrides(replica, asked.TableClassOverride, now);
  await tables.put(tx, next);
  await tellOthers(tx, next);
  return (await tables.get(tx, table.account, table.region, table.name))!;
}

async function deleteReplica(tx: WriteTransaction, table: TableRecord, region: string, { now }: Means): Promise<TableRecord> {
  if (region === table.region)
    throw validationException(`Cannot add, delete, or update the local region through ReplicaUpdates: ${region}`);
  await tables.put(tx, table);
  if (isMember(table) && table.global.replicas.some((one) => one.region === region && one.peer)) {
    await forgetPeerReplica(tx, table, region);
    await notify(tx, table, region, { kind: 'delete' });
  } else await removeTable(tx, await replicaIn(tx, table, region), now);
  return (await tables.get(tx, table.account, table.region, table.name))!;
}

async function replicaIn(tx: WriteTransaction, table: TableRecord, region: string): Promise<Member> {
  const isKnown = table.global?.replicas.some((one) => one.region === region);
  const replica = isKnown ? await tables.get(tx, table.account, region, table.name) : undefined;
  if (!isMember(replica)) throw noReplica(table, region);
  return replica;
}

const noReplica = ({ name }: TableRecord, region: string): Error =>
  resourceNotFound(`Requested resource not found: Replica of table ${name} in region ${region} not found`);
