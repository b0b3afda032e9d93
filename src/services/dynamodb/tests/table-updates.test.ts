/** What changes of a table that is there: indexes, billing, protection, time to live. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as sdk from '@aws-sdk/client-dynamodb';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';
import { refused } from '../../../../tests/refused.ts';

let cloud: LiveCloud;
let client: sdk.DynamoDBClient;
const TableName = 'changing';

before(async () => {
  cloud = await startCloud();
  client = cloud.client(sdk.DynamoDBClient);
  await createTable(
    client,
    new sdk.CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
});
after(() => cloud.close());

const describe = async (): Promise<sdk.TableDescription> => (await client.send(new sdk.DescribeTableCommand({ TableName }))).Table!;

test('an index that is added finds the items that were there, and goes when it is deleted', async () => {
  for (let n = 0; n < 210; n++)
    await client.send(new sdk.PutItemCommand({ TableName, Item: { id: { S: `i${n}` }, kind: n % 3 === 0 ? { S: 'x' } : { N: '1' } } }));
  // What is empty or too long for a key stays out of the index, and holds up nothing.
  for (const [id, kind] of [
    ['empty', { S: '' }],
    ['long', { S: 'x'.repeat(66_000) }],
    ['longest', { S: 'x'.repeat(2048) }],
  ] as const)
    await client.send(new sdk.PutItemCommand({ TableName, Item: { id: { S: id }, kind } }));
  const { TableDescription } = await client.send(
    new sdk.UpdateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'kind', AttributeType: 'S' }],
      GlobalSecondaryIndexUpdates: [
        { Create: { IndexName: 'kinds', KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } } },
      ],
    }),
  );
  assert.equal(TableDescription?.GlobalSecondaryIndexes?.[0]?.IndexStatus, 'CREATING');
  await cloud.cloud.settled();
  assert.equal((await describe()).GlobalSecondaryIndexes?.[0]?.IndexStatus, 'ACTIVE');
  const { Count } = await client.send(
    new sdk.QueryCommand({
      TableName,
      IndexName: 'kinds',
      KeyConditionExpression: 'kind = :k',
      ExpressionAttributeValues: { ':k': { S: 'x' } },
    }),
  );
  assert.equal(Count, 70);
  const { Items } = await client.send(
    new sdk.ScanCommand({
      TableName,
      IndexName: 'kinds',
      FilterExpression: 'size(kind) <> :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }),
  );
  assert.deepEqual(
    Items?.map(({ id }) => id?.S),
    ['longest'],
  );
  await client.send(new sdk.UpdateTableCommand({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'kinds' } }] }));
  assert.equal((await describe()).GlobalSecondaryIndexes, undefined);
});

test('an index is added alone, and with its keys defined', async () => {
  const KeySchema: sdk.KeySchemaElement[] = [{ AttributeName: 'id', KeyType: 'HASH' }];
  const Create: sdk.CreateGlobalSecondaryIndexAction = { IndexName: 'again', KeySchema, Projection: { ProjectionType: 'ALL' } };
  const change = (rest: Partial<sdk.UpdateTableCommandInput>): Promise<unknown> =>
    client.send(new sdk.UpdateTableCommand({ TableName, ...rest }));
  await refused(change({ GlobalSecondaryIndexUpdates: [{ Create }] }), {
    code: 'ValidationException',
    message: /Some index key attributes are not defined in AttributeDefinitions\. Keys: \[id\], AttributeDefinitions: \[\]/,
  });
  const AttributeDefinitions: sdk.AttributeDefinition[] = [{ AttributeName: 'id', AttributeType: 'S' }];
  await refused(change({ AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create, Delete: { IndexName: 'none' } }] }), {
    code: 'ValidationException',
    message: /Only one of GlobalSecondaryIndexUpdate/,
  });
});

test('billing changes, and the same throughput twice is refused', async () => {
  const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 6 };
  await client.send(new sdk.UpdateTableCommand({ TableName, BillingMode: 'PROVISIONED', ProvisionedThroughput }));
  const table = await describe();
  assert.equal(table.BillingModeSummary?.BillingMode, 'PROVISIONED');
  assert.equal(table.ProvisionedThroughput?.WriteCapacityUnits, 6);
  await assert.rejects(client.send(new sdk.UpdateTableCommand({ TableName, ProvisionedThroughput })), {
    name: 'ValidationException',
    message: /^The provisioned throughput for the table will not change/,
  });
});

test('protection is switched on and off', async () => {
  await client.send(new sdk.UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
  assert.equal((await describe()).DeletionProtectionEnabled, true);
  await client.send(new sdk.UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
  assert.equal((await describe()).DeletionProtectionEnabled, false);
});

test('items expire when their time is over', async () => {
  const seconds = Math.floor(cloud.cloud.clock.now() / 1_000);
  const specification = { Enabled: true, AttributeName: 'until' };
  await client.send(new sdk.UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: specification }));
  const { TimeToLiveDescription } = await client.send(new sdk.DescribeTimeToLiveCommand({ TableName }));
  assert.deepEqual(TimeToLiveDescription, { TimeToLiveStatus: 'ENABLED', AttributeName: 'until' });
  const put = (id: string, until: number): Promise<unknown> =>
    client.send(new sdk.PutItemCommand({ TableName, Item: { id: { S: id }, until: { N: String(until) } } }));
  await put('soon', seconds + 60);
  await put('later', seconds + 86_400);
  await cloud.advance(2 * 3_600_000);
  const get = async (id: string): Promise<unknown> =>
    (await client.send(new sdk.GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item;
  assert.equal(await get('soon'), undefined);
  assert.notEqual(await get('later'), undefined);
});

test('a table without recovery to a point in time says so', async () => {
  const { ContinuousBackupsDescription: backups } = await client.send(new sdk.DescribeContinuousBackupsCommand({ TableName }));
  assert.equal(backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus, 'DISABLED');
});
