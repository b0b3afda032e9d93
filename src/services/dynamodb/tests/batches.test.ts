/** Batches and transactions. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as sdk from '@aws-sdk/client-dynamodb';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';

let cloud: LiveCloud;
let client: sdk.DynamoDBClient;
const TableName = 'accounts';
const key = (id: string): { id: { S: string } } => ({ id: { S: id } });

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

const get = async (id: string): Promise<sdk.GetItemCommandOutput['Item']> =>
  (await client.send(new sdk.GetItemCommand({ TableName, Key: key(id) }))).Item;

test('a batch writes and deletes; another reads', async () => {
  await client.send(new sdk.PutItemCommand({ TableName, Item: key('old') }));
  const written = await client.send(
    new sdk.BatchWriteItemCommand({
      RequestItems: {
        [TableName]: [{ PutRequest: { Item: key('b1') } }, { PutRequest: { Item: key('b2') } }, { DeleteRequest: { Key: key('old') } }],
      },
      ReturnConsumedCapacity: 'TOTAL',
    }),
  );
  assert.deepEqual(written.UnprocessedItems, {});
  assert.deepEqual(written.ConsumedCapacity, [{ TableName, CapacityUnits: 3 }]);
  const read = await client.send(
    new sdk.BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key('b1'), key('b2'), key('old')] } } }),
  );
  assert.deepEqual(read.Responses?.[TableName], [key('b1'), key('b2')]);
  assert.deepEqual(read.UnprocessedKeys, {});
});

test('what goes beyond 16 MB of a batch stays unprocessed', async () => {
  const keys = Array.from({ length: 45 }, (_, n) => key(`big-${n}`));
  for (const one of keys) await client.send(new sdk.PutItemCommand({ TableName, Item: { ...one, text: { S: 'x'.repeat(400_000) } } }));
  const read = await client.send(new sdk.BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: keys } } }));
  const left = read.UnprocessedKeys![TableName]!.Keys!;
  assert.equal(read.Responses![TableName]!.length + left.length, keys.length);
  assert.equal(read.Responses![TableName]!.length, 41);
});

test('a key that comes twice in a batch is refused', async () => {
  const twice = [{ PutRequest: { Item: key('twice') } }, { DeleteRequest: { Key: key('twice') } }];
  await assert.rejects(client.send(new sdk.BatchWriteItemCommand({ RequestItems: { [TableName]: twice } })), {
    name: 'ValidationException',
    message: 'Provided list of item keys contains duplicates',
  });
});

test('a transaction does all or nothing, and says what stopped it', async () => {
  await client.send(new sdk.PutItemCommand({ TableName, Item: { ...key('t1'), sum: { N: '5' } } }));
  const move = new sdk.TransactWriteItemsCommand({
    TransactItems: [
      { Put: { TableName, Item: key('t2') } },
      {
        Update: {
          TableName,
          Key: key('t1'),
          UpdateExpression: 'SET #s = #s - :n',
          ConditionExpression: '#s >= :n',
          ExpressionAttributeNames: { '#s': 'sum' },
          ExpressionAttributeValues: { ':n': { N: '10' } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
    ],
  });
  await assert.rejects(client.send(move), (error: sdk.TransactionCanceledException) => {
    assert.equal(error.name, 'TransactionCanceledException');
    assert.match(error.message, /specific reasons \[None, ConditionalCheckFailed\]$/);
    assert.deepEqual(
      error.CancellationReasons?.map(({ Code }) => Code),
      ['None', 'ConditionalCheckFailed'],
    );
    assert.deepEqual(error.CancellationReasons?.[1]?.Item, { ...key('t1'), sum: { N: '5' } });
    return true;
  });
  assert.equal(await get('t2'), undefined);
});

test('a token makes a transaction happen once, for ten minutes', async () => {
  const add = (n: string): Promise<unknown> =>
    client.send(
      new sdk.TransactWriteItemsCommand({
        ClientRequestToken: 'token',
        TransactItems: [
          { Update: { TableName, Key: key('once'), UpdateExpression: 'ADD v :n', ExpressionAttributeValues: { ':n': { N: n } } } },
        ],
      }),
    );
  await add('1');
  await add('1');
  assert.deepEqual(await get('once'), { ...key('once'), v: { N: '1' } });
  await assert.rejects(add('2'), { name: 'IdempotentParameterMismatchException' });
  await cloud.advance(600_000);
  await add('2');
  assert.deepEqual(await get('once'), { ...key('once'), v: { N: '3' } });
});

test('a token knows a request again whose names come in another order', async () => {
  const put = (Item: Record<string, sdk.AttributeValue>): Promise<unknown> =>
    client.send(new sdk.TransactWriteItemsCommand({ ClientRequestToken: 'ordered', TransactItems: [{ Put: { TableName, Item } }] }));
  const bytes = { B: new Uint8Array([1]) };
  await put({ ...key('ordered'), a: { M: { x: { N: '1' }, y: bytes } }, b: { S: 'b' } });
  await put({ b: { S: 'b' }, a: { M: { y: bytes, x: { N: '1' } } }, ...key('ordered') });
  await assert.rejects(put({ ...key('ordered'), b: { S: 'c' } }), { name: 'IdempotentParameterMismatchException' });
});

test('an empty key refuses a transaction before it has begun', async () => {
  const update = { TableName, Key: key(''), UpdateExpression: 'SET v = :v', ExpressionAttributeValues: { ':v': { N: '0' } } };
  await assert.rejects(client.send(new sdk.TransactWriteItemsCommand({ TransactItems: [{ Update: update }] })), {
    name: 'ValidationException',
    message: /^One or more parameter values are not valid\. The AttributeValue for a key attribute cannot contain an empty string value/,
  });
});

test('one item twice in a transaction is refused', async () => {
  const put = { Put: { TableName, Item: key('same') } };
  await assert.rejects(client.send(new sdk.TransactWriteItemsCommand({ TransactItems: [put, put] })), {
    name: 'ValidationException',
    message: 'Transaction request cannot include multiple operations on one item',
  });
});

test('a transaction reads several items as of one moment', async () => {
  await client.send(new sdk.PutItemCommand({ TableName, Item: { ...key('r'), v: { S: 'x' } } }));
  const { Responses, ConsumedCapacity } = await client.send(
    new sdk.TransactGetItemsCommand({
      TransactItems: [{ Get: { TableName, Key: key('r'), ProjectionExpression: 'v' } }, { Get: { TableName, Key: key('absent') } }],
      ReturnConsumedCapacity: 'TOTAL',
    }),
  );
  assert.deepEqual(Responses, [{ Item: { v: { S: 'x' } } }, {}]);
  assert.deepEqual(ConsumedCapacity, [{ TableName, CapacityUnits: 4, ReadCapacityUnits: 4 }]);
});
