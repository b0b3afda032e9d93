/** DynamoDB's durable records. */

import { table } from '../../store/table.ts';
import type { KeyGrant } from '../../framework/ebs-snapshots/keys.ts';
import type { Backup } from './backups/backup.ts';
import type { BulkOperation } from './bulk-operations/bulk-operation.ts';
import type { FeedHead } from './change-feeds/feed.ts';
import type { Export, ExportFile } from './exports/export.ts';
import type { Replication } from './global-tables/global-table.ts';
import type { Notice } from './global-tables/peers/notices.ts';
import type { Import } from './imports/import.ts';
import type { Destination } from './kinesis-destinations/destination.ts';
import type { Stream } from './streams/stream.ts';
import type { TableRecord } from './tables/table.ts';

export type Tags = { account: string; region: string; name: string; tags: { Key: string; Value: string }[] };

/** Rows of items that belong to no table or index any more: taken away a page at a time. */
export type Clearance = { account: string; region: string; space: string };

/** An answer to a transaction that carried a token. */
export type TransactionToken = { account: string; region: string; token: string; digest: string; expires: number; output: string };

export const tables = table<TableRecord>('dynamodb/tables', { key: (row) => [row.account, row.region, row.name] });

/** Tables that are CREATING or UPDATING, with the moment at which that began, milliseconds since the epoch. */
export type Transition = { account: string; region: string; name: string; id: string; since: number };
export const transitions = table<Transition>('dynamodb/transitions', { key: (row) => [row.account, row.region, row.name] });

export const tableTags = table<Tags>('dynamodb/tags', { key: (row) => [row.account, row.region, row.name] });

/** Items and index entries, written by storage/rows.ts, which knows their keys. */
export const items = table<object>('dynamodb/items', { key: () => [] });

/** The rest of items that are too long for one value. */
export const itemParts = table<object>('dynamodb/item-parts', { key: () => [] });

/** Where each feed of changes stands; its records lie among the items (change-feeds/feed.ts). */
export const feedHeads = table<FeedHead>('dynamodb/feed-heads', { key: (row) => [row.account, row.region, row.space] });

export const streams = table<Stream>('dynamodb/streams', { key: (row) => [row.account, row.region, row.name, row.label] });

/** Policies of tables and streams. */
export type ResourcePolicy = { arn: string; revision: string; text: string };
export const resourcePolicies = table<ResourcePolicy>('dynamodb/resource-policies', { key: (row) => [row.arn] });

export const kinesisDestinations = table<Destination>('dynamodb/kinesis-destinations', {
  key: (row) => [row.account, row.region, row.name, row.stream],
});

/** Those that are being made have an index; by their data keys those of sealed tables have one, too. */
export const backups = table<Backup, 'creating' | 'dataKey'>('dynamodb/backups', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    creating: (row) => (row.status === 'CREATING' ? [row.account, row.region, row.id] : undefined),
    dataKey: (row) => (row.table.sse ? [row.table.sse.dataKey] : undefined),
  },
  version: 2,
});

export const exports = table<Export>('dynamodb/exports', { key: (row) => [row.account, row.region, row.id] });

export const exportFiles = table<ExportFile>('dynamodb/export-files', {
  key: (row) => [row.account, row.region, row.export, row.number],
});

export const imports = table<Import>('dynamodb/imports', { key: (row) => [row.account, row.region, row.id] });

export const bulkOperations = table<BulkOperation>('dynamodb/bulk-operations', { key: (row) => [row.account, row.region, row.id] });

/** One row for each direction between two members of a global table. */
export const replications = table<Replication>('dynamodb/replications', {
  key: (row) => [row.account, row.region, row.name, row.target],
});

/** What other Haneuls are still to be told. */
export const replicationNotices = table<Notice>('dynamodb/replication-notices', {
  key: (row) => [row.account, row.region, row.name, row.target],
});

export const clearances = table<Clearance>('dynamodb/clearances', { key: (row) => [row.account, row.region, row.space] });

/** The data key of a table, wrapped: for as long as rows, backups or records of streams may lie under it. */
export type TableKey = {
  id: string;
  account: string;
  region: string;
  /** The name of its table. */
  table: string;
  /** Under this KMS key; absent where the blob is sealed under the cloud's own. */
  keyArn?: string;
  blob: string;
  /** By which DynamoDB opens it for its own work. */
  grant?: KeyGrant;
  /** When its table was found gone, milliseconds since the epoch. */
  orphaned?: number;
};
export const tableKeys = table<TableKey>('dynamodb/table-keys', { key: (row) => [row.id] });

export const transactionTokens = table<TransactionToken, 'expires'>('dynamodb/transaction-tokens', {
  key: (row) => [row.account, row.region, row.token],
  indexes: { expires: (row) => [row.expires] },
});
