/** Tables: made, described, listed, tagged, deleted. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as sdk from '@aws-sdk/client-dynamodb';
import { CreateUserCommand, CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';

let cloud: LiveCloud;
let client: sdk.DynamoDBClient;
before(async () => {
  cloud = await startCloud();
  client = cloud.client(sdk.DynamoDBClient);
});
after(() => cloud.close());

const simple = (name: string): sdk.CreateTableCommandInput => ({
  TableName: name,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
});

test('a new table is being created, then active, and can be described', async () => {
  const { TableDescription: made } = await client.send(new sdk.CreateTableCommand(simple('made')));
  assert.equal(made?.TableStatus, 'CREATING');
  await sdk.waitUntilTableExists({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 5 }, { TableName: 'made' });
  const { Table: table } = await client.send(new sdk.DescribeTableCommand({ TableName: 'made' }));
  assert.equal(table?.TableStatus, 'ACTIVE');
  assert.equal(table.TableArn, 'arn:aws:dynamodb:us-east-1:000000000000:table/made');
  assert.equal(table.BillingModeSummary?.BillingMode, 'PAY_PER_REQUEST');
  assert.deepEqual(table.KeySchema, [{ AttributeName: 'id', KeyType: 'HASH' }]);
  const byArn = await client.send(new sdk.DescribeTableCommand({ TableName: table.TableArn }));
  assert.equal(byArn.Table?.TableId, table.TableId);
});

test('nothing can be done with a table that is being created: it can at the first look, or by itself in a moment', async () => {
  const create = (name: string) => client.send(new sdk.CreateTableCommand(simple(name)));
  const put = (TableName: string) => client.send(new sdk.PutItemCommand({ TableName, Item: { id: { S: 'a' } } }));
  await create('looked-at');
  await assert.rejects(put('looked-at'), { name: 'ResourceNotFoundException', message: 'Requested resource not found' });
  await assert.rejects(client.send(new sdk.DeleteTableCommand({ TableName: 'looked-at' })), {
    name: 'ResourceInUseException',
    message: 'Attempt to change a resource which is still in use: Table is being created: looked-at',
  });
  const { Table } = await client.send(new sdk.DescribeTableCommand({ TableName: 'looked-at' }));
  assert.equal(Table!.TableStatus, 'ACTIVE');
  await put('looked-at');
  await create('left-alone');
  await cloud.advance(1_000);
  await put('left-alone');
});

test('throughput is told of as changed when the change is over', async () => {
  const { BillingMode: _, ...provisioned } = simple('faster');
  const units = (n: number) => ({ ReadCapacityUnits: n, WriteCapacityUnits: n });
  await createTable(client, new sdk.CreateTableCommand({ ...provisioned, ProvisionedThroughput: units(1) }));
  const change = new sdk.UpdateTableCommand({ TableName: 'faster', ProvisionedThroughput: units(3) });
  const { TableDescription: asked } = await client.send(change);
  assert.deepEqual([asked!.TableStatus, asked!.ProvisionedThroughput!.ReadCapacityUnits], ['UPDATING', 1]);
  const { Table: changed } = await client.send(new sdk.DescribeTableCommand({ TableName: 'faster' }));
  assert.deepEqual([changed!.TableStatus, changed!.ProvisionedThroughput!.ReadCapacityUnits], ['ACTIVE', 3]);
  const [began, ended] = [asked!, changed!].map((one) => one.ProvisionedThroughput!.LastIncreaseDateTime!.getTime());
  assert.ok(ended! > began!);
});

test('a name is given once', async () => {
  await createTable(client, new sdk.CreateTableCommand(simple('once')));
  await assert.rejects(createTable(client, new sdk.CreateTableCommand(simple('once'))), {
    name: 'ResourceInUseException',
    message: 'Table already exists: once',
  });
});

test('definitions that do not fit are refused in the words of AWS', async () => {
  const refused = (change: Partial<sdk.CreateTableCommandInput>, message: RegExp): Promise<void> =>
    assert.rejects(createTable(client, new sdk.CreateTableCommand({ ...simple('refused'), ...change })), {
      name: 'ValidationException',
      message,
    });
  await refused({ TableName: 'ab' }, /^TableName must be at least 3 characters long/);
  await refused({ BillingMode: 'PROVISIONED' }, /ReadCapacityUnits and WriteCapacityUnits must both be specified/);
  await refused({ KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }] }, /Some index key attributes are not defined.*Keys: \[other\]/);
  await refused({ BillingMode: 'OFTEN' as 'PROVISIONED' }, /Value 'OFTEN' at 'billingMode' failed to satisfy constraint/);
  const long = 'k'.repeat(256);
  await refused(
    { KeySchema: [{ AttributeName: long, KeyType: 'HASH' }], AttributeDefinitions: [{ AttributeName: long, AttributeType: 'S' }] },
    /at 'attributeDefinitions\.1\.member\.attributeName' failed to satisfy constraint: Member must have length less than or equal to 255/,
  );
  const twice = (['S', 'N'] as const).map((AttributeType) => ({ AttributeName: 'id', AttributeType }));
  await refused({ AttributeDefinitions: twice }, /Duplicate AttributeName in AttributeDefinitions: id/);
  await refused({ LocalSecondaryIndexes: [] }, /List of LocalSecondaryIndexes is empty/);
});

test('tables are listed by name, in pages, each account and region for itself', async () => {
  const other = cloud.client(sdk.DynamoDBClient, { region: 'eu-west-1' });
  for (const name of ['bbb', 'aaa', 'ccc']) await createTable(other, new sdk.CreateTableCommand(simple(name)));
  const first = await other.send(new sdk.ListTablesCommand({ Limit: 2 }));
  assert.deepEqual(first, { ...first, TableNames: ['aaa', 'bbb'], LastEvaluatedTableName: 'bbb' });
  const second = await other.send(new sdk.ListTablesCommand({ ExclusiveStartTableName: 'bbb' }));
  assert.deepEqual(second.TableNames, ['ccc']);
  assert.equal(second.LastEvaluatedTableName, undefined);
});

test('a deleted table is gone, and its name is free for an empty one', async () => {
  await createTable(client, new sdk.CreateTableCommand(simple('gone')));
  await client.send(new sdk.PutItemCommand({ TableName: 'gone', Item: { id: { S: 'a' } } }));
  const { TableDescription } = await client.send(new sdk.DeleteTableCommand({ TableName: 'gone' }));
  assert.equal(TableDescription?.TableStatus, 'DELETING');
  await assert.rejects(client.send(new sdk.DescribeTableCommand({ TableName: 'gone' })), {
    name: 'ResourceNotFoundException',
    message: 'Requested resource not found: Table: gone not found',
  });
  await createTable(client, new sdk.CreateTableCommand(simple('gone')));
  const { Count } = await client.send(new sdk.ScanCommand({ TableName: 'gone' }));
  assert.equal(Count, 0);
});

test('a protected table is not deleted', async () => {
  await createTable(client, new sdk.CreateTableCommand({ ...simple('guarded'), DeletionProtectionEnabled: true }));
  await assert.rejects(client.send(new sdk.DeleteTableCommand({ TableName: 'guarded' })), {
    name: 'ValidationException',
    message: /protected against deletion/,
  });
});

test('tags are kept with the table', async () => {
  const { TableDescription } = await createTable(
    client,
    new sdk.CreateTableCommand({ ...simple('tagged'), Tags: [{ Key: 'a', Value: '1' }] }),
  );
  const ResourceArn = TableDescription!.TableArn!;
  await client.send(new sdk.TagResourceCommand({ ResourceArn, Tags: [{ Key: 'b', Value: '2' }] }));
  await client.send(new sdk.UntagResourceCommand({ ResourceArn, TagKeys: ['a'] }));
  const { Tags } = await client.send(new sdk.ListTagsOfResourceCommand({ ResourceArn }));
  assert.deepEqual(Tags, [{ Key: 'b', Value: '2' }]);
});

test('limits and endpoints are told', async () => {
  const limits = await client.send(new sdk.DescribeLimitsCommand({}));
  assert.equal(limits.TableMaxReadCapacityUnits, 40_000);
  const { Endpoints } = await client.send(new sdk.DescribeEndpointsCommand({}));
  assert.equal(Endpoints?.[0]?.Address, `127.0.0.1:${cloud.port}`);
});

test('a user without permission is denied', async () => {
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'nobody' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'nobody' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const stranger = cloud.client(sdk.DynamoDBClient, { credentials });
  await assert.rejects(stranger.send(new sdk.DescribeTableCommand({ TableName: 'tagged' })), { name: 'AccessDeniedException' });
});
