/** Versions of tables: https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersions.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { folded, requireOwnCatalog } from '../catalog/names.ts';
import { nextToken, pageOf } from '../catalog/pages.ts';
import { requireDatabase } from '../databases/database.ts';
import { invalidInput, versionNotFound } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { tableVersions } from '../tables.ts';
import { dropVersion, requireTable, versionOf, wireTable, type TableName } from './table.ts';

type Input = { CatalogId?: string | undefined; DatabaseName: string | undefined; TableName: string | undefined };

function nameIn(request: ServiceRequest, input: Input): TableName {
  requireOwnCatalog(request, input);
  const { account, region } = request;
  return { account, region, database: folded(input.DatabaseName, 'databaseName'), name: folded(input.TableName, 'tableName') };
}

function numberOf(id: string | undefined): number {
  if (id === undefined || !/^\d{1,9}$/.test(id)) throw invalidInput('Version ID must be a number.');
  return Number(id);
}

/** Newest first. */
export const GetTableVersions: Operation<'GetTableVersions'> = async (request, input) => {
  const name = nameIn(request, input);
  const { limit, after } = pageOf(input);
  return request.store.read(async (tx) => {
    await requireDatabase(tx, request, name.database);
    const table = await requireTable(tx, name);
    const prefix = [name.account, name.region, name.database, name.name];
    const page = await tableVersions.scan(tx, prefix, { limit, ...(after && { after }) });
    const TableVersions = [];
    for (const { row } of page) TableVersions.push({ Table: await wireTable(tx, table, row), VersionId: String(row.number) });
    return { TableVersions, ...nextToken(page, limit) };
  });
};

export const GetTableVersion: Operation<'GetTableVersion'> = async (request, input) => {
  const name = nameIn(request, input);
  return request.store.read(async (tx) => {
    await requireDatabase(tx, request, name.database);
    const table = await requireTable(tx, name);
    const version = await versionOf(tx, table, input.VersionId === undefined ? table.version : numberOf(input.VersionId));
    if (!version) throw versionNotFound();
    return { TableVersion: { Table: await wireTable(tx, table, version), VersionId: String(version.number) } };
  });
};

export const DeleteTableVersion: Operation<'DeleteTableVersion'> = async (request, input) => {
  const name = nameIn(request, input);
  const number = numberOf(input.VersionId);
  await request.store.write(async (tx) => {
    await requireDatabase(tx, request, name.database);
    const table = await requireTable(tx, name);
    const version = await versionOf(tx, table, number);
    if (!version) throw versionNotFound();
    if (number === table.version) throw invalidInput('The current version of a table cannot be deleted.');
    await dropVersion(tx, version);
  });
  return {};
};
