/** Databases, tables and their versions, as Athena's and Firehose's users keep them. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as sdk from '@aws-sdk/client-glue';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { refused } from '../../../../tests/refused.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let glue: sdk.GlueClient;
before(async () => {
  cloud = await startCloud();
  glue = cloud.client(sdk.GlueClient);
});
after(() => cloud.close());

const columns = (...names: string[]): sdk.Column[] => names.map((Name) => ({ Name, Type: 'string' }));
const database = (Name: string, more: Partial<sdk.CreateDatabaseCommandInput> = {}) =>
  glue.send(new sdk.CreateDatabaseCommand({ DatabaseInput: { Name, Description: 'things' }, ...more }));
const table = (DatabaseName: string, Name: string, ...names: string[]) =>
  glue.send(new sdk.CreateTableCommand({ DatabaseName, TableInput: { Name, StorageDescriptor: { Columns: columns(...names) } } }));
const columnsOf = (found: sdk.Table | undefined) => found?.StorageDescriptor?.Columns?.map(({ Name }) => Name);

test('a database is kept under its name in lower case, replaced whole, and goes with its tables', async () => {
  await database('Sales', { Tags: { team: 'blue' } });
  await refused(database('sales'), 'AlreadyExistsException');
  const { Database } = await glue.send(new sdk.GetDatabaseCommand({ Name: 'SALES' }));
  assert.deepEqual([Database!.Name, Database!.Description, Database!.CatalogId], ['sales', 'things', '000000000000']);
  assert.ok(Database!.CreateTime instanceof Date);
  await glue.send(new sdk.UpdateDatabaseCommand({ Name: 'sales', DatabaseInput: { Name: 'sales', LocationUri: 's3://lake/sales' } }));
  const { Database: updated } = await glue.send(new sdk.GetDatabaseCommand({ Name: 'sales' }));
  assert.deepEqual([updated!.Description, updated!.LocationUri], [undefined, 's3://lake/sales']);

  const ResourceArn = 'arn:aws:glue:us-east-1:000000000000:database/sales';
  await glue.send(new sdk.TagResourceCommand({ ResourceArn, TagsToAdd: { cost: '7' } }));
  await glue.send(new sdk.UntagResourceCommand({ ResourceArn, TagsToRemove: ['team'] }));
  assert.deepEqual((await glue.send(new sdk.GetTagsCommand({ ResourceArn }))).Tags, { cost: '7' });

  for (let n = 0; n < 60; n++) await table('sales', `t${n}`, 'a');
  await glue.send(new sdk.DeleteDatabaseCommand({ Name: 'sales' }));
  await refused(glue.send(new sdk.GetDatabaseCommand({ Name: 'sales' })), 'EntityNotFoundException');
  await database('sales');
  assert.deepEqual((await glue.send(new sdk.GetTablesCommand({ DatabaseName: 'sales' }))).TableList, []);
});

test('databases and tables are listed in pages, tables by a pattern of names', async () => {
  for (const name of ['a1', 'a2', 'a3']) await database(name);
  const names: (string | undefined)[] = [];
  for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
    const page: sdk.GetDatabasesCommandOutput = await glue.send(
      new sdk.GetDatabasesCommand({ MaxResults: 2, ...(NextToken && { NextToken }) }),
    );
    names.push(...page.DatabaseList!.map(({ Name }) => Name));
    ({ NextToken } = page);
  }
  assert.deepEqual(
    names.filter((name) => name!.startsWith('a')),
    ['a1', 'a2', 'a3'],
  );
  for (const name of ['logs_2025', 'logs_2026', 'other']) await table('a1', name, 'x');
  const found = async (Expression: string) =>
    (await glue.send(new sdk.GetTablesCommand({ DatabaseName: 'a1', Expression }))).TableList!.map(({ Name }) => Name);
  assert.deepEqual(await found('logs_*'), ['logs_2025', 'logs_2026']);
  assert.deepEqual(await found('.*2026|other'), ['logs_2026', 'other']);
  assert.deepEqual(await found('log'), []);
  await refused(found('(a+)+'), 'NotImplemented');
  await refused(glue.send(new sdk.GetDatabasesCommand({ MaxResults: 101 })), 'InvalidInputException');
});

test('an update makes a version, unless it is told to keep none; old ones are read and deleted', async () => {
  await database('versions');
  await table('versions', 'T', 'a');
  await refused(table('versions', 't', 'a'), 'AlreadyExistsException');
  await refused(table('nowhere', 't', 'a'), 'EntityNotFoundException');
  const update = (more: Partial<sdk.UpdateTableCommandInput>, ...names: string[]) =>
    glue.send(
      new sdk.UpdateTableCommand({
        DatabaseName: 'versions',
        TableInput: { Name: 't', StorageDescriptor: { Columns: columns(...names) }, LastAccessTime: new Date(5_000) },
        ...more,
      }),
    );
  await update({}, 'a', 'b');
  await update({ SkipArchive: true }, 'a', 'b', 'c');
  await refused(update({ VersionId: '0' }, 'z'), 'ConcurrentModificationException');
  const named = { DatabaseName: 'versions', TableName: 't' };
  const { TableVersions = [] } = await glue.send(new sdk.GetTableVersionsCommand(named));
  assert.deepEqual(
    TableVersions.map(({ VersionId, Table }) => [VersionId, columnsOf(Table)]),
    [
      ['2', ['a', 'b', 'c']],
      ['0', ['a']],
    ],
  );
  const { Table } = await glue.send(new sdk.GetTableCommand({ DatabaseName: 'versions', Name: 'T' }));
  assert.deepEqual([Table!.VersionId, Table!.LastAccessTime, Table!.DatabaseName], ['2', new Date(5_000), 'versions']);
  const { TableVersion } = await glue.send(new sdk.GetTableVersionCommand({ ...named, VersionId: '0' }));
  assert.deepEqual(columnsOf(TableVersion!.Table), ['a']);
  await glue.send(new sdk.DeleteTableVersionCommand({ ...named, VersionId: '0' }));
  await refused(glue.send(new sdk.GetTableVersionCommand({ ...named, VersionId: '0' })), 'EntityNotFoundException');
  await refused(glue.send(new sdk.DeleteTableVersionCommand({ ...named, VersionId: '2' })), 'InvalidInputException');
  assert.deepEqual((await glue.send(new sdk.GetPartitionIndexesCommand(named))).PartitionIndexDescriptorList, []);
  await glue.send(new sdk.DeleteTableCommand({ DatabaseName: 'versions', Name: 't' }));
  await refused(glue.send(new sdk.GetTableCommand({ DatabaseName: 'versions', Name: 't' })), 'EntityNotFoundException');
});

test('a table of a thousand columns outlives a restart', async (t) => {
  const first = await startCloud();
  const before = first.client(sdk.GlueClient);
  await before.send(new sdk.CreateDatabaseCommand({ DatabaseInput: { Name: 'wide' } }));
  const Columns = Array.from({ length: 1_000 }, (_, n) => ({ Name: `column_${n}`, Type: 'string', Comment: '🙂'.repeat(60) }));
  await before.send(new sdk.CreateTableCommand({ DatabaseName: 'wide', TableInput: { Name: 'table', StorageDescriptor: { Columns } } }));
  await first.close({ keep: true });
  const second = await startCloud({ dataDirectory: first.dataDirectory });
  t.after(() => second.close());
  const { Table } = await second.client(sdk.GlueClient).send(new sdk.GetTableCommand({ DatabaseName: 'wide', Name: 'table' }));
  assert.deepEqual(Table!.StorageDescriptor!.Columns, Columns);
});

test('who may read a table needs it on the catalog, the database and the table', async () => {
  await database('guarded');
  await table('guarded', 'secret', 'a');
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'reader' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'reader' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const reader = cloud.client(sdk.GlueClient, { credentials });
  const read = () => reader.send(new sdk.GetTableCommand({ DatabaseName: 'guarded', Name: 'secret' }));
  const allow = (...names: string[]) => {
    const Resource = names.map((name) => `arn:aws:glue:us-east-1:000000000000:${name}`);
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'glue:GetTable', Resource } });
    return iam.send(new PutUserPolicyCommand({ UserName: 'reader', PolicyName: 'p', PolicyDocument }));
  };
  await allow('table/guarded/secret');
  await refused(read(), 'AccessDeniedException');
  await allow('catalog', 'database/guarded', 'table/guarded/*');
  assert.deepEqual(columnsOf((await read()).Table), ['a']);
});

test('what nothing is behind names itself', async () => {
  await database('unbuilt');
  const TargetDatabase = { CatalogId: '000000000000', DatabaseName: 'other' };
  await refused(database('link', { DatabaseInput: { Name: 'link', TargetDatabase } }), 'NotImplemented');
  await refused(glue.send(new sdk.GetDatabaseCommand({ Name: 'unbuilt', CatalogId: '111122223333' })), 'NotImplemented');
  await refused(glue.send(new sdk.GetPartitionsCommand({ DatabaseName: 'unbuilt', TableName: 't' })), 'NotImplemented');
});
