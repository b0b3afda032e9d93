/** What tables are billed for: requests on demand, capacity by the hour where it is provisioned. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateTableCommand,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';

const hour = 3_600_000;

let cloud: LiveCloud;
let client: DynamoDBClient;
before(async () => {
  cloud = await startCloud();
  client = cloud.client(DynamoDBClient);
});
after(() => cloud.close());

const table = (TableName: string, more: Partial<CreateTableCommandInput>) =>
  createTable(
    client,
    new CreateTableCommand({
      ...{
        TableName,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      },
      ...more,
    }),
  );

async function usedOf(name: string): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { resource, usageType, quantity, unbilled } of await cloud.cloud.meter.query(
    '000000000000',
    0,
    cloud.cloud.clock.now() + hour,
  ))
    if (resource.endsWith(`table/${name}`) && !unbilled) sums[usageType] = (sums[usageType] ?? 0) + quantity;
  // Counted by the thousandth: what is smaller comes of adding binary fractions.
  return Object.fromEntries(Object.entries(sums).map(([usageType, sum]) => [usageType, Math.round(sum * 1000) / 1000]));
}

test('a table that pays per request is billed for its request units', async () => {
  await table('demand', { BillingMode: 'PAY_PER_REQUEST' });
  const TableName = 'demand';
  await client.send(new PutItemCommand({ TableName, Item: { id: { S: 'a' }, text: { S: 'x'.repeat(1500) } } }));
  await client.send(new GetItemCommand({ TableName, Key: { id: { S: 'a' } } }));
  await client.send(new GetItemCommand({ TableName, Key: { id: { S: 'a' } }, ConsistentRead: true }));
  assert.deepEqual(await usedOf('demand'), { WriteRequestUnits: 2, ReadRequestUnits: 1.5 });
});

test('provisioned capacity is billed by the hour, used or not, and what is used of it stands on no bill', async () => {
  await table('capacity', { ProvisionedThroughput: { ReadCapacityUnits: 10, WriteCapacityUnits: 5 } });
  const TableName = 'capacity';
  await client.send(new PutItemCommand({ TableName, Item: { id: { S: 'a' } } }));
  await cloud.cloud.settled();
  await cloud.advance(4 * hour);
  await client.send(new UpdateTableCommand({ TableName, ProvisionedThroughput: { ReadCapacityUnits: 20, WriteCapacityUnits: 5 } }));
  await cloud.cloud.settled();
  await cloud.advance(2 * hour);
  await client.send(new DeleteTableCommand({ TableName }));
  await cloud.cloud.settled();
  await cloud.advance(9 * hour);
  const { 'TimedStorage-ByteHrs': _stored, ...used } = await usedOf('capacity');
  assert.deepEqual(used, { 'ReadCapacityUnit-Hrs': (4 * 10 + 2 * 20) * 3600, 'WriteCapacityUnit-Hrs': 6 * 5 * 3600 });
});
