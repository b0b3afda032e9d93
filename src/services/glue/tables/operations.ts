/** CreateTable and its kin: https://docs.aws.amazon.com/glue/latest/webapi/API_CreateTable.html */

import type { TableInput } from '@aws-sdk/client-glue';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { writeDefinition } from '../catalog/definition.ts';
import { folded, refuseUnbuilt, requireOwnCatalog } from '../catalog/names.ts';
import { nextToken, pageOf } from '../catalog/pages.ts';
import { requireDatabase } from '../databases/database.ts';
import { databaseNotFound, tableExists, tooManyVersions, versionChanged } from '../errors.ts';
import { versionsPerTableMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { catalogTables, databases, tableVersions, type CatalogTable, type Definition } from '../tables.ts';
import { namePattern } from './name-pattern.ts';
import { dropTable, dropVersion, requireTable, versionOf, wireTable, type TableName } from './table.ts';

const unbuiltOfTables = ['TargetTable', 'ViewDefinition'];

function nameIn(request: ServiceRequest, input: { DatabaseName: string | undefined; Name: string | undefined }): TableName {
  const { account, region } = request;
  return { account, region, database: folded(input.DatabaseName, 'databaseName'), name: folded(input.Name, 'name') };
}

async function putVersion(tx: WriteTransaction, table: CatalogTable, now: number, definition: Definition): Promise<void> {
  const { account, region, database, name, version } = table;
  await catalogTables.put(tx, table);
  await tableVersions.put(tx, { account, region, database, table: name, number: version, updated: now, definition });
}

function definitionOf({ Name: _name, ...given }: TableInput): object {
  return { Retention: 0, PartitionKeys: [], ...given };
}

export const CreateTable: Operation<'CreateTable'> = async (request, input) => {
  requireOwnCatalog(request, input);
  refuseUnbuilt(request, input, ['PartitionIndexes', 'OpenTableFormatInput', 'TransactionId']);
  const given = (input.TableInput ?? {}) as TableInput;
  refuseUnbuilt(request, given, unbuiltOfTables);
  const name = nameIn(request, { DatabaseName: input.DatabaseName, Name: given.Name ?? input.Name });
  const id = request.random.uuid();
  await request.store.write(async (tx) => {
    await requireDatabase(tx, request, name.database);
    if (await catalogTables.get(tx, name.account, name.region, name.database, name.name)) throw tableExists();
    const definition = await writeDefinition(tx, id, definitionOf(given));
    await putVersion(tx, { ...name, created: request.now, createdBy: request.principal.arn, version: 0 }, request.now, definition);
  });
  return {};
};

export const GetTable: Operation<'GetTable'> = async (request, input) => {
  requireOwnCatalog(request, input);
  refuseUnbuilt(request, input, ['TransactionId', 'QueryAsOfTime', 'IncludeStatusDetails']);
  const name = nameIn(request, input);
  return request.store.read(async (tx) => {
    if (!(await databases.get(tx, name.account, name.region, name.database))) throw databaseNotFound(name.database);
    const found = await requireTable(tx, name);
    return { Table: await wireTable(tx, found, (await versionOf(tx, found, found.version))!) };
  });
};

export const GetTables: Operation<'GetTables'> = async (request, input) => {
  requireOwnCatalog(request, input);
  refuseUnbuilt(request, input, ['TransactionId', 'QueryAsOfTime', 'IncludeStatusDetails', 'AttributesToGet']);
  const { limit, after } = pageOf(input);
  const database = folded(input.DatabaseName, 'databaseName');
  const matches = namePattern(input.Expression);
  return request.store.read(async (tx) => {
    await requireDatabase(tx, request, database);
    const page = await catalogTables.scan(tx, [request.account, request.region, database], { limit, ...(after && { after }) });
    const TableList = [];
    for (const { row } of page) if (matches(row.name)) TableList.push(await wireTable(tx, row, (await versionOf(tx, row, row.version))!));
    return { TableList, ...nextToken(page, limit) };
  });
};

/** What is given replaces all that was there; what was there stays as a version, unless SkipArchive says otherwise. */
export const UpdateTable: Operation<'UpdateTable'> = async (request, input) => {
  requireOwnCatalog(request, input);
  refuseUnbuilt(request, input, ['TransactionId', 'ViewUpdateAction', 'Force', 'UpdateOpenTableFormatInput']);
  const given = (input.TableInput ?? {}) as TableInput;
  refuseUnbuilt(request, given, unbuiltOfTables);
  const name = nameIn(request, { DatabaseName: input.DatabaseName, Name: given.Name ?? input.Name });
  const id = request.random.uuid();
  await request.store.write(async (tx) => {
    await requireDatabase(tx, request, name.database);
    const present = await requireTable(tx, name);
    if (input.VersionId !== undefined && input.VersionId !== String(present.version)) throw versionChanged();
    if (present.version + 1 >= versionsPerTableMax) throw tooManyVersions();
    if (input.SkipArchive) await dropVersion(tx, (await versionOf(tx, present, present.version))!);
    const definition = await writeDefinition(tx, id, definitionOf(given));
    await putVersion(tx, { ...present, version: present.version + 1 }, request.now, definition);
  });
  return {};
};

export const DeleteTable: Operation<'DeleteTable'> = async (request, input) => {
  requireOwnCatalog(request, input);
  refuseUnbuilt(request, input, ['TransactionId']);
  const name = nameIn(request, input);
  for (let more = true; more;)
    more = await request.store.write(async (tx) => {
      await requireDatabase(tx, request, name.database);
      return !(await dropTable(tx, await requireTable(tx, name)));
    });
  return {};
};

/** There are no indexes of partitions: CreateTable refuses them. Terraform asks after every table. */
export const GetPartitionIndexes: Operation<'GetPartitionIndexes'> = async (request, input) => {
  requireOwnCatalog(request, input);
  const name = nameIn(request, { DatabaseName: input.DatabaseName, Name: input.TableName });
  await request.store.read(async (tx) => {
    await requireDatabase(tx, request, name.database);
    await requireTable(tx, name);
  });
  return { PartitionIndexDescriptorList: [] };
};
