/** Glue's durable records: the data catalog of each account and region. */

import { table } from '../../store/table.ts';

export type Database = {
  account: string;
  region: string;
  name: string;
  /** Milliseconds since the epoch, like all times here. */
  created: number;
  tags: [key: string, value: string][];
  /** What was given of it, as JSON, in pieces of `definitions` under this name. */
  definition: Definition;
};

/** A text that may be longer than a value of the store: how many pieces it has. */
export type Definition = { id: string; pieces: number };

export type CatalogTable = {
  account: string;
  region: string;
  database: string;
  name: string;
  created: number;
  /** ARN of the caller who made it. */
  createdBy: string;
  /** The number of its present version. */
  version: number;
};

export type TableVersion = {
  account: string;
  region: string;
  database: string;
  table: string;
  number: number;
  updated: number;
  definition: Definition;
};

export const databases = table<Database>('glue/databases', { key: (row) => [row.account, row.region, row.name] });
export const catalogTables = table<CatalogTable>('glue/tables', { key: (row) => [row.account, row.region, row.database, row.name] });
/** Newest first. */
export const tableVersions = table<TableVersion>('glue/table-versions', {
  key: (row) => [row.account, row.region, row.database, row.table, -row.number],
});
export const definitions = table<{ id: string; piece: number; text: string }>('glue/definitions', { key: (row) => [row.id, row.piece] });

export const tables = [databases, catalogTables, tableVersions, definitions];
