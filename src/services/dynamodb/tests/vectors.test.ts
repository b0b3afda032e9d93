/** Vector indexes: made with their table or later, kept with its items, searched by distance, restored and sealed with the table. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';
import { refused } from '../../../../tests/refused.ts';
import { below } from '../../../store/keys.ts';
import { items } from '../tables.ts';

let cloud: LiveCloud;
let client: D.DynamoDBClient;

before(async () => {
  cloud = await startCloud();
  client = cloud.client(D.DynamoDBClient);
});
after(() => cloud.close());

const vector = (...numbers: number[]): D.AttributeValue[] => numbers.map((one) => ({ N: String(one) }));

const index = (IndexName: string, more: Partial<D.VectorIndex> = {}): D.VectorIndex => ({
  IndexName,
  VectorAttribute: { AttributeName: 'place' },
  Dimensions: 2,
  DistanceFunction: 'EUCLIDEAN',
  Projection: { ProjectionType: 'ALL' },
  ...more,
});

const parted: Partial<D.VectorIndex> = {
  SearchSchema: [
    { AttributeName: 'shop', SearchSchemaElementType: 'HASH' },
    { AttributeName: 'colour', SearchSchemaElementType: 'INLINE_FILTER' },
  ],
  Projection: { ProjectionType: 'KEYS_ONLY' },
};

const create = (TableName: string, VectorIndexes: D.VectorIndex[] | undefined, more: Partial<D.CreateTableCommandInput> = {}) =>
  createTable(
    client,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      ...(VectorIndexes && { VectorIndexes }),
      ...more,
    }),
  );

const typed = ['id', 'shop', 'colour'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }));

const put = (TableName: string, id: string, place: number[] | undefined, more: Record<string, D.AttributeValue> = {}) =>
  client.send(
    new D.PutItemCommand({
      TableName,
      Item: { id: { S: id }, ...(place && { place: { L: vector(...place) } }), ...more },
      ReturnConsumedCapacity: 'INDEXES',
    }),
  );

const search = (TableName: string, IndexName: string, wanted: number[], more: Partial<D.SearchVectorsCommandInput> = {}) =>
  client.send(new D.SearchVectorsCommand({ TableName, IndexName, SearchVector: vector(...wanted), TopK: 10, ...more }));

const found = ({ SearchResults }: D.SearchVectorsCommandOutput) => SearchResults!.map(({ Item, Score }) => [Item!['id']!.S, Score]);

test('the most similar items come first, by each distance function, and follow every change', async () => {
  await create('places', [
    index('near'),
    index('angle', { DistanceFunction: 'COSINE' }),
    index('product', { DistanceFunction: 'DOT_PRODUCT' }),
  ]);
  const { ConsumedCapacity } = await put('places', 'a', [3, 4]);
  assert.deepEqual(Object.keys(ConsumedCapacity!.VectorIndexes!).toSorted(), ['angle', 'near', 'product']);
  await put('places', 'b', [1, 0]);
  await put('places', 'c', [-2, 0]);
  await put('places', 'none', undefined);
  assert.deepEqual(found(await search('places', 'near', [0, 0])), [
    ['b', 1],
    ['c', 2],
    ['a', 5],
  ]);
  assert.deepEqual(
    found(await search('places', 'angle', [2, 0], { TopK: 2 })).map(([id]) => id),
    ['b', 'a'],
  );
  assert.deepEqual(found(await search('places', 'angle', [-1, 0], { TopK: 1 })), [['c', 0]]);
  assert.deepEqual(found(await search('places', 'product', [1, 1])), [
    ['a', 7],
    ['b', 1],
    ['c', -2],
  ]);
  await client.send(new D.DeleteItemCommand({ TableName: 'places', Key: { id: { S: 'b' } } }));
  await client.send(
    new D.UpdateItemCommand({
      TableName: 'places',
      Key: { id: { S: 'c' } },
      UpdateExpression: 'SET place = :p',
      ExpressionAttributeValues: { ':p': { L: vector(6, 8) } },
    }),
  );
  await client.send(new D.UpdateItemCommand({ TableName: 'places', Key: { id: { S: 'a' } }, UpdateExpression: 'REMOVE place' }));
  const { SearchResults, ConsumedCapacity: used } = await search('places', 'near', [0, 0], { ReturnConsumedCapacity: 'TOTAL' });
  assert.deepEqual(SearchResults, [{ Score: 10, Item: { id: { S: 'c' }, place: { L: vector(6, 8) } } }]);
  assert.ok(used!.VectorSearchRequestBytes! > 0);
  await put('places', 'd', [0.1, 1e-7]);
  const [exact] = (await search('places', 'near', [0.1, 0], { TopK: 1, ProjectionExpression: 'place' })).SearchResults!;
  assert.deepEqual(exact!.Item, { place: { L: [{ N: '0.1' }, { N: '0.0000001' }] } });
});

test('a search keeps to its partition and its filters, and tells what the index carries', async () => {
  await create('shops', [index('by-shop', parted)], { AttributeDefinitions: typed });
  const rows = [
    ['a', 'one', 'red', 1],
    ['b', 'one', 'blue', 2],
    ['c', 'two', 'red', 0],
    ['d', 'one', undefined, 3],
  ] as const;
  for (const [id, shop, colour, x] of rows)
    await put('shops', id, [x, 0], { shop: { S: shop }, note: { S: 'n' }, ...(colour && { colour: { S: colour } }) });
  await put('shops', 'nowhere', [0, 0]);
  const where = (SearchConditionExpression: string, values: Record<string, string>): Partial<D.SearchVectorsCommandInput> => ({
    SearchConditionExpression,
    ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, S]) => [name, { S }])),
  });
  assert.deepEqual(found(await search('shops', 'by-shop', [0, 0], where('shop = :s', { ':s': 'one' }))), [
    ['a', 1],
    ['b', 2],
    ['d', 3],
  ]);
  const { SearchResults } = await search('shops', 'by-shop', [0, 0], where('shop = :s AND colour = :c', { ':s': 'one', ':c': 'blue' }));
  assert.deepEqual(SearchResults, [
    { Score: 2, Item: { id: { S: 'b' }, shop: { S: 'one' }, colour: { S: 'blue' }, place: { L: vector(2, 0) } } },
  ]);
  const wrong = (more: Partial<D.SearchVectorsCommandInput>, message: RegExp) =>
    refused(search('shops', 'by-shop', [0, 0], more), { code: 'ValidationException', message });
  await wrong({}, /must name the partition key/);
  await wrong(where('shop > :s', { ':s': 'one' }), /equality/);
  await wrong(where('shop = :s AND note = :n', { ':s': 'one', ':n': 'n' }), /search schema/);
  await wrong({ ...where('shop = :s', { ':s': 'one' }), ProjectionExpression: 'note' }, /does not project \[note\]/);
  await wrong({ ...where('shop = :s', { ':s': 'one' }), SearchVector: vector(1) }, /2 dimensions/);
  await wrong({ ...where('shop = :s', { ':s': 'one' }), TopK: 0 }, /topK/);
  await refused(search('shops', 'none', [0, 0]), 'ResourceNotFoundException');
  await refused(put('shops', 'x', [1, 2, 3]), { code: 'ValidationException', message: /2 dimensions/ });
  await refused(put('shops', 'x', [1e39, 0]), { code: 'ValidationException', message: /32-bit/ });
  await refused(put('shops', 'x', [1, 2], { shop: { N: '1' } }), { code: 'ValidationException', message: /Type mismatch/ });
  await refused(put('shops', 'x', undefined, { place: { S: 'here' } }), { code: 'ValidationException', message: /list of numbers/ });
});

test('an index that comes later is filled with what is there, and one that goes leaves nothing', async () => {
  await create('later', undefined);
  for (let n = 0; n < 450; n += 25) {
    const requests = Array.from({ length: 25 }, (_, at) => ({
      PutRequest: { Item: { id: { S: `i${n + at}` }, place: { L: vector(n + at, 0) } } },
    }));
    await client.send(new D.BatchWriteItemCommand({ RequestItems: { later: requests } }));
  }
  await put('later', 'unfit', [1, 2, 3]);
  const update = (more: Partial<D.UpdateTableCommandInput>) => client.send(new D.UpdateTableCommand({ TableName: 'later', ...more }));
  const { TableDescription } = await update({ VectorIndexUpdates: [{ Create: index('near') }] });
  assert.equal(TableDescription!.VectorIndexes![0]!.IndexStatus, 'CREATING');
  await cloud.cloud.settled();
  const { Table } = await client.send(new D.DescribeTableCommand({ TableName: 'later' }));
  const [told] = Table!.VectorIndexes!;
  assert.deepEqual([told!.IndexStatus, told!.Dimensions, told!.DistanceFunction], ['ACTIVE', 2, 'EUCLIDEAN']);
  assert.match(told!.IndexArn!, /table\/later\/index\/near$/);
  assert.deepEqual(found(await search('later', 'near', [449, 1], { TopK: 2 })), [
    ['i449', 1],
    ['i448', Math.SQRT2],
  ]);
  await refused(update({ VectorIndexUpdates: [{ Create: index('near') }] }), 'ValidationException');
  await refused(update({ VectorIndexUpdates: [{ Create: index('other', { Dimensions: 3 }) }] }), 'ValidationException');
  const ProvisionedThroughput = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
  await refused(update({ BillingMode: 'PROVISIONED', ProvisionedThroughput }), { code: 'ValidationException', message: /PAY_PER_REQUEST/ });
  await refused(update({ ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] }), 'NotImplemented');
  await update({ VectorIndexUpdates: [{ Delete: { IndexName: 'near' } }] });
  await refused(search('later', 'near', [0, 0]), 'ResourceNotFoundException');
  await refused(update({ VectorIndexUpdates: [{ Delete: { IndexName: 'near' } }] }), 'ResourceNotFoundException');
});

test('a definition that does not fit is refused', async () => {
  const wrong = (indexes: D.VectorIndex[], message: RegExp, more: Partial<D.CreateTableCommandInput> = {}) =>
    refused(create('wrong', indexes, more), { code: 'ValidationException', message });
  const ProvisionedThroughput = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
  await wrong([index('near')], /PAY_PER_REQUEST/, { BillingMode: 'PROVISIONED', ProvisionedThroughput });
  await wrong([index('near'), index('near')], /Duplicate/);
  await wrong([index('near'), index('far', { Dimensions: 3 })], /same number of dimensions/);
  await wrong([index('near', { DistanceFunction: 'MANHATTAN' as never })], /distanceFunction/);
  await wrong([index('by-shop', parted)], /not defined in AttributeDefinitions/);
  await wrong([index('near')], /not used/, { AttributeDefinitions: typed });
});

test('vector indexes are restored with their table, and lie sealed where it does', async () => {
  const { KeyMetadata } = await cloud.client(KMSClient).send(new CreateKeyCommand({}));
  const SSESpecification = { Enabled: true, SSEType: 'KMS' as const, KMSMasterKeyId: KeyMetadata!.Arn! };
  await create('sealed-vectors', [index('near')], { SSESpecification });
  await put('sealed-vectors', 'a', [3, 4], { word: { S: 'secret-of-vectors' } });
  assert.deepEqual(found(await search('sealed-vectors', 'near', [0, 0])), [['a', 5]]);
  const rows = await cloud.cloud.store.read((tx) => tx.range({ ...below(items.prefix), limit: 10_000 }));
  assert.ok(!rows.some(([, value]) => value.includes('secret-of-vectors')));
  const { BackupDetails } = await client.send(new D.CreateBackupCommand({ TableName: 'sealed-vectors', BackupName: 'kept' }));
  await cloud.cloud.settled();
  const BackupArn = BackupDetails!.BackupArn!;
  const { BackupDescription } = await client.send(new D.DescribeBackupCommand({ BackupArn }));
  assert.equal(BackupDescription!.SourceTableFeatureDetails!.VectorIndexes![0]!.IndexName, 'near');
  await client.send(new D.RestoreTableFromBackupCommand({ BackupArn, TargetTableName: 'restored-vectors' }));
  await cloud.cloud.settled();
  assert.deepEqual(found(await search('restored-vectors', 'near', [0, 0])), [['a', 5]]);
});
