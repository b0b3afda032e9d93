/** The durable records of metadata tables. */

import { table } from '../../../store/table.ts';
import type { TableEncryption } from '../../../framework/s3-tables/tables.ts';
import type { Tag } from '../tables.ts';

export type TableStatus = 'CREATING' | 'BACKFILLING' | 'ACTIVE' | 'FAILED';

/** A metadata table of a bucket, from the wish for it on. */
export type WantedTable = {
  /** The id that the table has, or will have. */
  id: string;
  name: string;
  status: TableStatus;
  error?: { code: string; message: string };
  encryption: TableEncryption;
};

/** A table that shows what is: its rows are made anew from the bucket. */
export type LiveTable = WantedTable & {
  /** Until when it was brought up to date, in milliseconds since the epoch. */
  refreshed?: number;
};

/** The metadata configuration of a bucket. */
export type MetadataConfiguration = {
  bucket: string;
  account: string;
  region: string;
  /** Milliseconds since the epoch: changes from then on are told. */
  created: number;
  /** Of the first form of the API: one table, in a table bucket of the customer's. */
  first?: true;
  tableBucket: string;
  namespace: string;
  /** After so many days records of the journal go. */
  journal: WantedTable & { days?: number };
  /** Absent while it is disabled. */
  inventory?: LiveTable;
  annotation?: LiveTable & { role?: string };
};

/** What tables tell of an object besides its name; as they tell it. */
export type Described = {
  size: number;
  /** Milliseconds since the epoch. */
  modified: number;
  etag?: string;
  storageClass?: string;
  isMultipart?: boolean;
  encryption?: string;
  isBucketKeyEnabled?: boolean;
  kmsKeyArn?: string;
  checksum?: string;
  tags?: Tag[];
  metadata?: [name: string, value: string][];
};

/** A change of an object that the journal does not tell yet. */
export type JournalEntry = {
  bucket: string;
  /** Greater for each change of a bucket. */
  sequence: string;
  /** Absent for what the journal does not tell, but other tables show. */
  type?: 'CREATE' | 'UPDATE_METADATA' | 'DELETE';
  /** Milliseconds since the epoch. */
  at: number;
  key: string;
  version?: string;
  isDeleteMarker?: true;
  /** Absent where it is no more. */
  object?: Described;
  requester?: string;
  sourceIp?: string;
  requestId: string;
};

/** A data file of a table that is part of its present snapshot, with its manifest. */
export type TableFile = {
  /** The table's id. */
  table: string;
  /** Of the commit that brought it; a commit brings one file at most. */
  number: number;
  rows: number;
  bytes: number;
  manifestBytes: number;
  /** Of a journal: the day of its records, in days since the epoch, and how often they were put together. */
  day?: number;
  level?: number;
};

/** Keys of a live table whose rows lie in files of their own: those after `from`, up to where the next range begins. */
export type TableRange = {
  table: string;
  from: string;
  /** Something in it changed since its file was written; another number with each change. */
  dirty?: number;
  /** Numbers of its files. */
  files: readonly number[];
};

/** A file that no snapshot names any longer, and when it is to be deleted, in milliseconds since the epoch. */
export type DueFile = { at: number; warehouse: string; key: string };

/** The bucket of a table's files. */
export type Warehouse = { table: string; bucket: string; account: string; region: string };

export const metadataConfigurations = table<MetadataConfiguration>('s3/metadata-configurations', { key: ({ bucket }) => [bucket] });

export const journalEntries = table<JournalEntry>('s3/journal-entries', { key: ({ bucket, sequence }) => [bucket, sequence] });

export const tableFiles = table<TableFile>('s3/table-files', { key: (file) => [file.table, file.number] });

export const tableRanges = table<TableRange>('s3/table-ranges', { key: (range) => [range.table, range.from] });

export const dueFiles = table<DueFile>('s3/table-files-due', { key: ({ at, warehouse, key }) => [at, warehouse, key] });

export const warehouses = table<Warehouse>('s3/warehouses', { key: (warehouse) => [warehouse.table] });
