/**
 * Settings that members share: a change of one of them goes to all.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
 */

import type { WriteTransaction } from '../../../store/store.ts';
import type { Input } from '../sdk.ts';
import { clearances, tables } from '../tables.ts';
import { globalIndexes, localIndexes, type TableIndex, type TableRecord, type Throughput } from '../tables/table.ts';
import { replicaOf, spaceFrom, type Member, type SettingsGroup, type SettingsVersions } from './global-table.ts';
import { membersOf, onDemandRead, type Means } from './membership.ts';
import { notifyPeers } from './peers/notices.ts';

/** Brings the other members to the table's shared settings, and lets them tell of its own. To be called after the table was put. */
export async function synchronise(
  tx: WriteTransaction,
  table: Member,
  groups: readonly SettingsGroup[],
  { seed, now }: Means,
): Promise<void> {
  const changed = nextVersions(table, groups, now);
  await tables.put(tx, { ...table, global: { ...table.global, changed } });
  for (const other of await membersOf(tx, table)) {
    const next = await mirror(tx, other, table, seed);
    next.global = { ...next.global, changed };
    next.global.replicas = next.global.replicas.map((one) => (one.region === table.region ? replicaOf(table) : one));
    await tables.put(tx, next);
  }
  await notifyPeers(tx, table, 'table');
}

/** Later than every change that the table has heard of. */
function nextVersions({ region, global }: Member, groups: readonly SettingsGroup[], now: number): SettingsVersions {
  const next = { ...global.changed };
  for (const group of groups) next[group] = { time: Math.max(now, (next[group]?.time ?? 0) + 1), region };
  return next;
}

/** What an UpdateTable changes of what is shared. */
export function groupsOf(input: Input<'UpdateTable'>): SettingsGroup[] {
  const groups: SettingsGroup[] = [];
  if (input.ReplicaUpdates) groups.push('members');
  if (input.GlobalSecondaryIndexUpdates || input.BillingMode) groups.push('indexes');
  if (input.BillingMode || input.ProvisionedThroughput || input.OnDemandThroughput || input.WarmThroughput) groups.push('capacity');
  return groups;
}

/** Another member with the table's shared settings, to be put by the caller; what it has no index for any more is cleared. */
export async function mirror(tx: WriteTransaction, other: Member, table: Member, seed: string): Promise<Member> {
  for (const index of globalIndexes(other)) {
    if (table.indexes.some(({ name }) => name === index.name)) continue;
    await clearances.put(tx, { account: other.account, region: other.region, space: index.space });
  }
  return mirrored(other, table, seed);
}

/** Always shared: capacity mode, write capacity, indexes, time to live. Shared unless a replica has its own: read capacity. */
function mirrored(other: Member, table: Member, seed: string): Member {
  const { overrides } = other.global;
  const { payPerRequestSince: _, timeToLive: __, timeToLiveChanged: ___, onDemand: ____, ...kept } = other;
  const { billing, attributes, payPerRequestSince, timeToLive, timeToLiveChanged, onDemand, warm } = table;
  const follows = table.global.overrides.read === undefined;
  const limits = onDemand && { ...onDemand, ...onDemandRead(overrides.onDemandRead) };
  return {
    ...kept,
    billing,
    attributes,
    ...(table.billingTold && { billingTold: true }),
    ...(payPerRequestSince !== undefined && { payPerRequestSince }),
    ...(timeToLive !== undefined && { timeToLive }),
    ...(timeToLiveChanged !== undefined && { timeToLiveChanged }),
    ...(limits && { onDemand: limits }),
    ...(warm && { warm }),
    throughput: shared(other.throughput, table.throughput, overrides.read, follows),
    indexes: [...localIndexes(other), ...globalIndexes(table).map((index) => mirroredIndex(other, index, seed))],
  };
}

function mirroredIndex(other: Member, index: TableIndex, seed: string): TableIndex {
  const present = other.indexes.find(({ name }) => name === index.name);
  const read = other.global.overrides.indexes?.find(({ name }) => name === index.name)?.read;
  if (!present) {
    const { throughput, ...rest } = index;
    const units = throughput && { throughput: { ...throughput, read: read ?? throughput.read } };
    return { ...rest, ...units, space: spaceFrom(seed, other.region, 'index', index.name), status: 'CREATING' };
  }
  return {
    ...present,
    ...(index.warm && { warm: index.warm }),
    ...(index.throughput && { throughput: shared(present.throughput, index.throughput, read, true) }),
  };
}

function shared(own: Throughput | undefined, source: Throughput, override: number | undefined, follows: boolean): Throughput {
  const before = own ?? source;
  const read = source.write === 0 && source.read === 0 ? 0 : (override ?? (follows ? source.read : before.read));
  if (before.read === read && before.write === source.write) return before;
  const { increased, decreased, decreases } = source;
  return {
    read,
    write: source.write,
    decreases,
    ...(increased !== undefined && { increased }),
    ...(decreased !== undefined && { decreased }),
  };
}

/** A replica's own settings, as ReplicaUpdates gives them, take effect in its table. */
export function applyOverrides(table: Member, tableClass: string | undefined, now: number): Member {
  const { overrides } = table.global;
  const ownClass = tableClass !== undefined && tableClass !== table.tableClass && { tableClass, tableClassChanged: now };
  const limits = overrides.onDemandRead !== undefined && { onDemand: { ...table.onDemand, ...onDemandRead(overrides.onDemandRead) } };
  return {
    ...table,
    ...ownClass,
    ...limits,
    throughput: { ...table.throughput, read: provisioned(table, overrides.read ?? table.throughput.read) },
    indexes: table.indexes.map((index) => {
      const read = overrides.indexes?.find(({ name }) => name === index.name)?.read;
      return index.throughput && read !== undefined
        ? { ...index, throughput: { ...index.throughput, read: provisioned(table, read) } }
        : index;
    }),
  };
}

const provisioned = ({ billing }: TableRecord, units: number): number => (billing === 'PROVISIONED' ? units : 0);
