/** A table as it is recorded, and what can be said of it without the store. */

import type { ContributorInsightsMode, StreamViewType } from '@aws-sdk/client-dynamodb';
import { arn } from '../../../framework/arn.ts';
import type { Restored, Restoring } from '../backups/backup.ts';
import type { Feed } from '../change-feeds/feed.ts';
import type { GlobalTable } from '../global-tables/global-table.ts';
import type { VectorIndex } from '../vectors/vector-index.ts';
import type { KeyType } from '../values/attribute-value.ts';
import type { KeyAttribute, KeySchema } from '../values/key-schema.ts';

export type { KeyAttribute, KeySchema };

export type Throughput = {
  read: number;
  write: number;
  /** Milliseconds since the epoch. */ increased?: number;
  decreased?: number;
  decreases: number;
};

/** Units a second that are taken at once (warm-throughput.ts). */
export type Warm = { read: number; write: number };

export type Projection = { type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; nonKey?: string[] };

/** Units a second; -1 for no maximum. */
export type OnDemandLimits = { MaxReadRequestUnits?: number; MaxWriteRequestUnits?: number };

export type TableIndex = {
  name: string;
  kind: 'local' | 'global';
  /** Names its entries in storage; an index that is made anew gets another. */
  space: string;
  keys: KeySchema;
  projection: Projection;
  throughput?: Throughput;
  /** The most that it takes a second on demand; its own, whatever the table's is. */
  onDemand?: OnDemandLimits;
  /** Where it is more than its capacity, or was asked for. */
  warm?: Warm;
  /** Absent when active. */
  status?: 'CREATING' | 'DELETING';
  /** Counted with those of the table. */
  items?: number;
  bytes?: number;
};

/** The table's stream, or the last one that it had. */
export type LatestStream = { label: string; view: StreamViewType; disabled?: true };

/** A table that lies encrypted, or did: its rows name the data key that sealed them. */
export type TableEncryption = {
  /** In `tableKeys`. */
  dataKey: string;
  /** The data key as it is wrapped, in base64. */
  blob: string;
  /** The KMS key that the data key is wrapped with; absent where that is the cloud's own. */
  keyArn?: string;
  /** When KMS first refused it, milliseconds since the epoch; absent while it can be used. */
  inaccessible?: number;
  /** True while rows of before are being sealed. */
  sealing?: true;
};

export type TableRecord = {
  account: string;
  region: string;
  name: string;
  /** The UUID that AWS calls TableId. */
  id: string;
  /** Names its items in storage. */
  space: string;
  /** Milliseconds since the epoch. */
  created: number;
  attributes: KeyAttribute[];
  keys: KeySchema;
  billing: 'PROVISIONED' | 'PAY_PER_REQUEST';
  /** When it last became pay-per-request. */
  payPerRequestSince?: number;
  /** True once UpdateTable or CreateTable has spoken of a billing mode. */
  billingTold?: boolean;
  throughput: Throughput;
  /** Where it is more than its capacity, or was asked for. */
  warm?: Warm;
  /** Settings that AWS gives back as they came. */
  onDemand?: OnDemandLimits;
  indexes: TableIndex[];
  vectors?: VectorIndex[];
  deletionProtection: boolean;
  /** The attribute that says, in seconds since the epoch, when an item expires. */
  timeToLive?: string;
  /** When the setting last changed: AWS lets it change once an hour. */
  timeToLiveChanged?: number;
  stream?: LatestStream;
  /** Who follows its changes; absent when nobody does. */
  feeds?: Feed[];
  /** Point-in-time recovery: the feed of its history, since when, and how many days it goes back. */
  recovery?: { space: string; since: number; days: number };
  /** Since when it is being created; absent as soon as it can be used. */
  creating?: number;
  /** When its throughput began to change, until that has been told of as done. */
  updating?: number;
  /** Nobody can use a table that is being filled. */
  restoring?: Restoring;
  restored?: Restored;
  /** True while it is filled from objects of S3. */
  importing?: true;
  /** Present while it has replicas in other regions. */
  global?: GlobalTable;
  /** Settings of contributor insights; the table's own has no index. */
  insights?: { index: string; enabled: boolean; /** Milliseconds since the epoch. */ changed: number; mode?: ContributorInsightsMode }[];
  sse?: TableEncryption;
  tableClass?: string;
  tableClassChanged?: number;
  /** Counted from time to time, as AWS does. */
  items: number;
  bytes: number;
  /** When that was, milliseconds since the epoch; absent before the first time. */
  counted?: number;
};

export function tableArn(table: { account: string; region: string; name: string }): string {
  return arn('dynamodb', table.region, table.account, `table/${table.name}`);
}

/** True while it is being filled, from a backup, from S3 or from another replica: nobody can use it yet. */
export const isFilling = ({ restoring, importing, global }: TableRecord): boolean =>
  restoring !== undefined || importing === true || global?.filling === true;

/** True when calls on items find no table yet. */
export const isUnready = (table: TableRecord): boolean => table.creating !== undefined || isFilling(table);

/** The table without one of its feeds. */
export function withoutFeed(table: TableRecord, space: string): TableRecord {
  const { feeds, ...rest } = table;
  const left = (feeds ?? []).filter((feed) => feed.space !== space);
  return left.length > 0 ? { ...rest, feeds: left } : rest;
}

export const indexArn = (table: TableRecord, index: string): string => `${tableArn(table)}/index/${index}`;

/** Bills name the class for what is seldom read. */
export const classPrefix = ({ tableClass }: Pick<TableRecord, 'tableClass'>): string =>
  tableClass === 'STANDARD_INFREQUENT_ACCESS' ? 'IA-' : '';

export const globalIndexes = (table: Pick<TableRecord, 'indexes'>): TableIndex[] =>
  table.indexes.filter((index) => index.kind === 'global');
export const allIndexes = ({ indexes, vectors = [] }: TableRecord): (TableIndex | VectorIndex)[] => [...indexes, ...vectors];
export const localIndexes = (table: TableRecord): TableIndex[] => table.indexes.filter((index) => index.kind === 'local');

/** Attributes of an index's entries; undefined where it carries all. */
export function projectedAttributes(table: TableRecord, index: TableIndex): ReadonlySet<string> | undefined {
  if (index.projection.type === 'ALL') return undefined;
  const keys = [...table.keys, ...index.keys].map((key) => key.name);
  return new Set([...keys, ...(index.projection.nonKey ?? [])]);
}

/** The key attributes of secondary indexes with their types, for updates. */
export function indexKeyTypes(table: TableRecord): ReadonlyMap<string, KeyType> {
  return new Map(table.indexes.flatMap((index) => index.keys.map((key) => [key.name, key.type] as const)));
}
