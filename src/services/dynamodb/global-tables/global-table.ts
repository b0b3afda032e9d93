/**
 * Global tables of version 2019.11.21: what a table knows of its replicas in other regions, and what can be said of them without the store.
 * Every member keeps a journal of the changes that began with it, and a version beside each item: its moment and region. A reconciler carries
 * what the journal names to every other member, which takes it when its version is later than what it has: the last writer wins.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
 */

import { hash } from 'node:crypto';
import type { ReplicaDescription, ReplicaStatus } from '@aws-sdk/client-dynamodb';
import { globalIndexes, tableArn, type TableRecord } from '../tables/table.ts';

export const globalTableVersion = '2019.11.21';

/** Settings of one replica that stand apart from those that all share; indexes by their names. */
export type Overrides = {
  read?: number;
  onDemandRead?: number;
  indexes?: { name: string; read?: number; onDemandRead?: number }[];
};

/** Another member, as this one tells of it. */
export type Replica = {
  region: string;
  status: ReplicaStatus;
  overrides: Overrides;
  tableClass?: string;
  tableClassChanged?: number;
  /** It lies in another Haneul (peers/). */
  peer?: true;
  /** Why it could not be made. */
  reason?: string;
};

/** Settings that change together; each group has the version of its last change. */
export type SettingsGroup = 'members' | 'indexes' | 'capacity' | 'timeToLive';

/** The moment of a change, and where it was made: the latest one holds in all Haneuls that share the table. */
export type SettingsVersions = Partial<Record<SettingsGroup, { time: number; region: string }>>;

export type GlobalTable = {
  /** Names the versions of its items in storage. */
  versions: string;
  /** The feed of changes that began here. */
  journal: string;
  replicas: Replica[];
  overrides: Overrides;
  changed?: SettingsVersions;
  /** True until it has everything that its source had: nobody can use it before. */
  filling?: true;
  /** When a replica was last made from it, milliseconds since the epoch. */
  sourceSince?: number;
  /** It is of version 2017.11.29 (legacy/): members share no settings, and since when, milliseconds since the epoch. */
  legacy?: { created: number };
};

/** A member whose replicas are known. */
export type Member = TableRecord & { global: GlobalTable };

export const isMember = (table: TableRecord | undefined): table is Member => table?.global !== undefined;

/** How far a member's journal has been carried to another region. */
export type Replication = {
  account: string;
  region: string;
  name: string;
  target: string;
  /** The number of the next record of the journal. */
  next: number;
  /** What the new replica is still to be given: items, then what says which items were deleted. The last key, in base64. */
  filling?: { what: 'items' | 'tombstones'; cursor?: string };
};

const spaceLength = 12;

/** A name in storage that is the same whenever the closure that needs it runs. */
export const spaceFrom = (seed: string, ...parts: string[]): string => hash('sha256', [seed, ...parts].join(' ')).slice(0, spaceLength);

/** A UUID in the same way. */
export function uuidFrom(seed: string, ...parts: string[]): string {
  const hex = hash('sha256', [seed, ...parts].join(' '));
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

/** A member that shares its settings with the others. */
export const isSharing = (table: TableRecord | undefined): table is Member => isMember(table) && table.global.legacy === undefined;

/** What DescribeTable tells of the other members. */
export function describeReplicas({ account, name, global, indexes }: Member): ReplicaDescription[] {
  return global.replicas.map(({ region, status, overrides, tableClass, tableClassChanged, reason }) => ({
    RegionName: region,
    ReplicaStatus: status,
    ...(reason !== undefined && { ReplicaStatusDescription: reason }),
    ReplicaArn: tableArn({ account, region, name }),
    GlobalTableSettingsReplicationMode: 'ENABLED_WITH_OVERRIDES',
    ...(overrides.read !== undefined && { ProvisionedThroughputOverride: { ReadCapacityUnits: overrides.read } }),
    ...(overrides.onDemandRead !== undefined && { OnDemandThroughputOverride: { MaxReadRequestUnits: overrides.onDemandRead } }),
    ...(indexes.some(({ kind }) => kind === 'global') && { GlobalSecondaryIndexes: describeIndexes(indexes, overrides) }),
    ...(tableClass !== undefined && {
      ReplicaTableClassSummary: {
        TableClass: tableClass as 'STANDARD',
        ...(tableClassChanged !== undefined && { LastUpdateDateTime: new Date(tableClassChanged) }),
      },
    }),
  }));
}

function describeIndexes(indexes: TableRecord['indexes'], overrides: Overrides): ReplicaDescription['GlobalSecondaryIndexes'] {
  return globalIndexes({ indexes }).map(({ name }) => {
    const { read, onDemandRead } = overrides.indexes?.find((one) => one.name === name) ?? {};
    return {
      IndexName: name,
      ...(read !== undefined && { ProvisionedThroughputOverride: { ReadCapacityUnits: read } }),
      ...(onDemandRead !== undefined && { OnDemandThroughputOverride: { MaxReadRequestUnits: onDemandRead } }),
    };
  });
}

/** This member as the others are to tell of it. */
export function replicaOf({ region, global, tableClass, tableClassChanged }: Member): Replica {
  return {
    region,
    status: global.filling ? 'CREATING' : 'ACTIVE',
    overrides: global.overrides,
    ...(tableClass !== undefined && { tableClass }),
    ...(tableClassChanged !== undefined && { tableClassChanged }),
  };
}
