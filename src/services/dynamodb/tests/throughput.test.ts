/** Provisioned tables give what was bought, five minutes of what was not used, and then wait for the clock. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { createTable } from '../../../../tests/ready-table.ts';

let cloud: LiveCloud;
let client: D.DynamoDBClient;

before(async () => {
  cloud = await startCloud();
  client = cloud.client(D.DynamoDBClient);
});
after(() => cloud.close());

const exceeded = 'ProvisionedThroughputExceededException';
const kilobyte = 'x'.repeat(1_000);

async function create(TableName: string, read: number, write: number): Promise<void> {
  await createTable(
    client,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      ProvisionedThroughput: { ReadCapacityUnits: read, WriteCapacityUnits: write },
    }),
  );
}

const put = (TableName: string, id: string, kilobytes = 1): Promise<unknown> =>
  client.send(new D.PutItemCommand({ TableName, Item: { id: { S: id }, text: { S: kilobyte.repeat(kilobytes) } } }));

test('the burst is used up, a second brings what was bought, and more is to be had by buying more', async () => {
  await create('small', 5, 2);
  // Five minutes of two units are 600.
  await put('small', 'a', 300);
  await put('small', 'b', 290);
  await put('small', 'c', 100);
  await refused(put('small', 'd'), exceeded);
  await refused(client.send(new D.DeleteItemCommand({ TableName: 'small', Key: { id: { S: 'a' } } })), exceeded);
  const transaction = new D.TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: 'small', Item: { id: { S: 'e' } } } }] });
  const { CancellationReasons } = await refused(client.send(transaction), 'TransactionCanceledException');
  assert.equal(CancellationReasons[0].Code, 'ProvisionedThroughputExceeded');
  // Reads have a bucket of their own.
  assert.ok((await client.send(new D.GetItemCommand({ TableName: 'small', Key: { id: { S: 'a' } } }))).Item);
  await cloud.advance(3_000);
  await put('small', 'd');
  const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 20 };
  await client.send(new D.UpdateTableCommand({ TableName: 'small', ProvisionedThroughput }));
  for (let n = 0; n < 30; n++) await put('small', `n${n}`);
});

test('reads of transactions take twice what a read takes, and wait like others', async () => {
  await create('read-twice', 1, 1_000);
  await put('read-twice', 'a', 300);
  const Key = { id: { S: 'a' } };
  const get = () => client.send(new D.TransactGetItemsCommand({ TransactItems: [{ Get: { TableName: 'read-twice', Key } }] }));
  const Statement = `SELECT * FROM "read-twice" WHERE id = 'a'`;
  const select = () => client.send(new D.ExecuteTransactionCommand({ TransactStatements: [{ Statement }] }));
  // Five minutes of one unit are 300; each takes about 150, and what is left lets a last one in.
  await get();
  await select();
  await get();
  for (const call of [get, select]) {
    const { CancellationReasons } = await refused(call(), 'TransactionCanceledException');
    assert.equal(CancellationReasons[0].Code, 'ProvisionedThroughputExceeded');
  }
  await cloud.advance(5_000);
  await select();
});

test('a batch leaves what must wait unprocessed, and is refused when all of it must', async () => {
  await create('slow', 1, 1);
  await create('fast', 100, 100);
  await put('slow', 'a', 310);
  const asked = { slow: [{ PutRequest: { Item: { id: { S: 'b' } } } }] };
  await refused(client.send(new D.BatchWriteItemCommand({ RequestItems: asked })), exceeded);
  const both = { ...asked, fast: [{ PutRequest: { Item: { id: { S: 'b' } } } }] };
  const { UnprocessedItems } = await client.send(new D.BatchWriteItemCommand({ RequestItems: both }));
  assert.deepEqual(UnprocessedItems, asked);
  await cloud.advance(5_000);
  assert.deepEqual((await client.send(new D.BatchWriteItemCommand({ RequestItems: asked }))).UnprocessedItems, {});
});
