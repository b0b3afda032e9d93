/** Tables of the catalog and their versions. */

import type { Table as WireTable, TableInput } from '@aws-sdk/client-glue';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { deleteDefinition, readDefinition } from '../catalog/definition.ts';
import { tableNotFound } from '../errors.ts';
import { catalogTables, tableVersions, type CatalogTable, type TableVersion } from '../tables.ts';

export type TableName = { account: string; region: string; database: string; name: string };

/** Tables of a database that one transaction takes away, and versions of a table. */
const rowsAtOnce = 50;

/** Throws EntityNotFoundException. */
export async function requireTable(tx: ReadTransaction, { account, region, database, name }: TableName): Promise<CatalogTable> {
  const found = await catalogTables.get(tx, account, region, database, name);
  if (!found) throw tableNotFound(name);
  return found;
}

export function versionOf(tx: ReadTransaction, table: CatalogTable, number: number): Promise<TableVersion | undefined> {
  return tableVersions.get(tx, table.account, table.region, table.database, table.name, -number);
}

/** A table as one of its versions says. */
export async function wireTable(tx: ReadTransaction, table: CatalogTable, version: TableVersion): Promise<WireTable> {
  const { Name: _name, ...given } = await readDefinition<TableInput>(tx, version.definition, ['LastAccessTime', 'LastAnalyzedTime']);
  return {
    ...(given as Omit<WireTable, 'Name'>),
    ...{ Name: table.name, DatabaseName: table.database, CatalogId: table.account, VersionId: String(version.number) },
    ...{ CreateTime: new Date(table.created), UpdateTime: new Date(version.updated), CreatedBy: table.createdBy },
    IsRegisteredWithLakeFormation: false,
  };
}

/** Takes versions of a table away, and the table when none is left; false when there are more. */
export async function dropTable(tx: WriteTransaction, table: CatalogTable): Promise<boolean> {
  const { account, region, database, name } = table;
  const page = await tableVersions.scan(tx, [account, region, database, name], { limit: rowsAtOnce });
  for (const { row } of page) await dropVersion(tx, row);
  if (page.length === rowsAtOnce) return false;
  await catalogTables.delete(tx, account, region, database, name);
  return true;
}

export async function dropVersion(tx: WriteTransaction, version: TableVersion): Promise<void> {
  await deleteDefinition(tx, version.definition);
  await tableVersions.delete(tx, version.account, version.region, version.database, version.table, -version.number);
}

/** Takes some tables of a database away; false when there was none. */
export async function dropTables(tx: WriteTransaction, { account, region, database }: Omit<TableName, 'name'>): Promise<boolean> {
  const page = await catalogTables.scan(tx, [account, region, database], { limit: rowsAtOnce });
  for (const { row } of page) if (!(await dropTable(tx, row))) return true;
  return page.length > 0;
}
