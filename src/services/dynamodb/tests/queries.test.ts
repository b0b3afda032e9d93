/** Query and Scan: order, pages, segments, indexes, filters. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as sdk from '@aws-sdk/client-dynamodb';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';

let cloud: LiveCloud;
let client: sdk.DynamoDBClient;
const TableName = 'orders';
const item = (customer: string, n: number): Record<string, sdk.AttributeValue> => ({
  customer: { S: customer },
  n: { N: String(n) },
  price: { N: String(100 - n) },
  note: { S: `note ${n}` },
  ...(n % 2 === 0 && { even: { S: 'yes' } }),
});

before(async () => {
  cloud = await startCloud();
  client = cloud.client(sdk.DynamoDBClient);
  const keys = (hash: string, range: string): sdk.KeySchemaElement[] => [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ];
  await createTable(
    client,
    new sdk.CreateTableCommand({
      TableName,
      AttributeDefinitions: [
        { AttributeName: 'customer', AttributeType: 'S' },
        { AttributeName: 'n', AttributeType: 'N' },
        { AttributeName: 'price', AttributeType: 'N' },
        { AttributeName: 'even', AttributeType: 'S' },
      ],
      KeySchema: keys('customer', 'n'),
      LocalSecondaryIndexes: [{ IndexName: 'by-price', KeySchema: keys('customer', 'price'), Projection: { ProjectionType: 'KEYS_ONLY' } }],
      GlobalSecondaryIndexes: [
        { IndexName: 'evens', KeySchema: keys('even', 'n'), Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] } },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  for (const customer of ['anna', 'ben', 'cho', 'dae'])
    for (let n = -2; n < 8; n++) await client.send(new sdk.PutItemCommand({ TableName, Item: item(customer, n) }));
});
after(() => cloud.close());

const query = (input: Partial<sdk.QueryCommandInput>): Promise<sdk.QueryCommandOutput> =>
  client.send(new sdk.QueryCommand({ TableName, ...input }));
const ofAnna = { KeyConditionExpression: 'customer = :c', ExpressionAttributeValues: { ':c': { S: 'anna' } } };
const numbers = (output: { Items?: Record<string, sdk.AttributeValue>[] | undefined }): number[] =>
  output.Items!.map(({ n }) => Number(n!.N));

test('a partition is read in the order of its sort key, either way', async () => {
  assert.deepEqual(numbers(await query(ofAnna)), [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(numbers(await query({ ...ofAnna, ScanIndexForward: false, Limit: 3 })), [7, 6, 5]);
});

test('conditions on the sort key narrow the range', async () => {
  const where = async (condition: string): Promise<number[]> => {
    const values = { ':c': { S: 'anna' }, ':n': { N: '2' }, ...(condition.includes(':m') && { ':m': { N: '4' } }) };
    return numbers(await query({ KeyConditionExpression: `customer = :c AND ${condition}`, ExpressionAttributeValues: values }));
  };
  assert.deepEqual(await where('n < :n'), [-2, -1, 0, 1]);
  assert.deepEqual(await where('n <= :n'), [-2, -1, 0, 1, 2]);
  assert.deepEqual(await where('n > :n'), [3, 4, 5, 6, 7]);
  assert.deepEqual(await where('n >= :n'), [2, 3, 4, 5, 6, 7]);
  assert.deepEqual(await where('n BETWEEN :n AND :m'), [2, 3, 4]);
});

test('pages join to the whole, in both directions and on indexes', async () => {
  const evens = { IndexName: 'evens', KeyConditionExpression: 'even = :e', ExpressionAttributeValues: { ':e': { S: 'yes' } } };
  for (const input of [ofAnna, { ...ofAnna, ScanIndexForward: false }, evens, { ...evens, ScanIndexForward: false }]) {
    const whole = (await query(input)).Items;
    const joined: object[] = [];
    for (let start: Record<string, sdk.AttributeValue> | undefined, more = true; more;) {
      const page: sdk.QueryCommandOutput = await query({ ...input, Limit: 3, ...(start && { ExclusiveStartKey: start }) });
      joined.push(...page.Items!);
      start = page.LastEvaluatedKey;
      more = start !== undefined;
    }
    assert.deepEqual(joined, whole);
  }
});

test('an index gives what it projects; a local one fetches the rest', async () => {
  const evens = await query({
    IndexName: 'evens',
    KeyConditionExpression: 'even = :e',
    ExpressionAttributeValues: { ':e': { S: 'yes' } },
    Limit: 1,
  });
  assert.deepEqual(Object.keys(evens.Items![0]!).toSorted(), ['customer', 'even', 'n', 'note']);
  const byPrice = await query({ ...ofAnna, IndexName: 'by-price', Limit: 2 });
  assert.deepEqual(byPrice.Items, [
    { customer: { S: 'anna' }, n: { N: '7' }, price: { N: '93' } },
    { customer: { S: 'anna' }, n: { N: '6' }, price: { N: '94' } },
  ]);
  const whole = await query({ ...ofAnna, IndexName: 'by-price', Limit: 1, Select: 'ALL_ATTRIBUTES', ReturnConsumedCapacity: 'INDEXES' });
  assert.deepEqual(whole.Items, [item('anna', 7)]);
  assert.deepEqual(whole.ConsumedCapacity, {
    TableName,
    CapacityUnits: 1,
    Table: { CapacityUnits: 0.5 },
    LocalSecondaryIndexes: { 'by-price': { CapacityUnits: 0.5 } },
  });
});

test('an index follows its item', async () => {
  const key = { customer: { S: 'anna' }, n: { N: '0' } };
  const update = (UpdateExpression: string, values?: Record<string, sdk.AttributeValue>): Promise<unknown> =>
    client.send(new sdk.UpdateItemCommand({ TableName, Key: key, UpdateExpression, ...(values && { ExpressionAttributeValues: values }) }));
  const count = async (even: string): Promise<number> =>
    (
      await query({
        IndexName: 'evens',
        Select: 'COUNT',
        KeyConditionExpression: 'even = :e',
        ExpressionAttributeValues: { ':e': { S: even } },
      })
    ).Count!;
  const before = await count('yes');
  await update('SET even = :e', { ':e': { S: 'very' } });
  assert.deepEqual([await count('yes'), await count('very')], [before - 1, 1]);
  await update('REMOVE even');
  assert.equal(await count('very'), 0);
  await update('SET even = :e', { ':e': { S: 'yes' } });
  assert.equal(await count('yes'), before);
});

test('segments of a scan are disjoint and together the whole', async () => {
  const name = (items: Record<string, sdk.AttributeValue>[]): string[] => items.map(({ customer, n }) => `${customer!.S}/${n!.N}`);
  const whole = name((await client.send(new sdk.ScanCommand({ TableName }))).Items!);
  const parts: string[] = [];
  for (let Segment = 0; Segment < 3; Segment++)
    parts.push(...name((await client.send(new sdk.ScanCommand({ TableName, Segment, TotalSegments: 3 }))).Items!));
  assert.deepEqual(parts, whole);
  assert.equal(new Set(whole).size, 40);
});

test('a filter takes from what was read', async () => {
  const { Count, ScannedCount } = await client.send(
    new sdk.ScanCommand({ TableName, FilterExpression: 'price > :p', ExpressionAttributeValues: { ':p': { N: '100' } } }),
  );
  assert.deepEqual([Count, ScannedCount], [8, 40]);
});

test('a page ends at 1 MB', async () => {
  for (let n = 0; n < 4; n++)
    await client.send(
      new sdk.PutItemCommand({ TableName, Item: { customer: { S: 'big' }, n: { N: String(n) }, text: { S: 'x'.repeat(390_000) } } }),
    );
  const page = await query({ KeyConditionExpression: 'customer = :c', ExpressionAttributeValues: { ':c': { S: 'big' } } });
  assert.equal(page.Count, 3);
  assert.deepEqual(page.LastEvaluatedKey, { customer: { S: 'big' }, n: { N: '2' } });
});
