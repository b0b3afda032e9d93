/** Streams through their own SDK client: views, shards, iterators, trimming, and how they end. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import * as S from '@aws-sdk/client-dynamodb-streams';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { createTable } from '../../../../tests/ready-table.ts';

const hour = 3_600_000;
let cloud: LiveCloud;
let client: D.DynamoDBClient;
let reader: S.DynamoDBStreamsClient;

before(async () => {
  cloud = await startCloud();
  client = cloud.client(D.DynamoDBClient);
  reader = cloud.client(S.DynamoDBStreamsClient);
});
after(() => cloud.close());

let made = 0;

async function streamed(view: D.StreamViewType | undefined): Promise<{ table: string; arn: string }> {
  const table = `streamed-${++made}`;
  const { TableDescription } = await createTable(
    client,
    new D.CreateTableCommand({
      TableName: table,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      ...(view && { StreamSpecification: { StreamEnabled: true, StreamViewType: view } }),
    }),
  );
  return { table, arn: TableDescription!.LatestStreamArn! };
}

const put = (table: string, id: string, value: string): Promise<unknown> =>
  client.send(new D.PutItemCommand({ TableName: table, Item: { id: { S: id }, value: { S: value } } }));

async function shardsOf(arn: string): Promise<S.Shard[]> {
  return (await reader.send(new S.DescribeStreamCommand({ StreamArn: arn }))).StreamDescription!.Shards!;
}

async function iterator(arn: string, options: Partial<S.GetShardIteratorCommandInput> = {}): Promise<string> {
  const ShardId = options.ShardId ?? (await shardsOf(arn)).at(-1)!.ShardId!;
  const command = new S.GetShardIteratorCommand({ StreamArn: arn, ShardIteratorType: 'TRIM_HORIZON', ...options, ShardId });
  return (await reader.send(command)).ShardIterator!;
}

const records = async (ShardIterator: string, Limit?: number): Promise<S.GetRecordsCommandOutput> =>
  reader.send(new S.GetRecordsCommand({ ShardIterator, ...(Limit && { Limit }) }));

test('a put, a change and a deletion are told in order with both images; what changes nothing is not told', async () => {
  const { table, arn } = await streamed('NEW_AND_OLD_IMAGES');
  await client.send(new D.PutItemCommand({ TableName: table, Item: { id: { S: 'a' }, blob: { B: Buffer.from('x') } } }));
  await client.send(new D.PutItemCommand({ TableName: table, Item: { blob: { B: Buffer.from('x') }, id: { S: 'a' } } }));
  await client.send(
    new D.UpdateItemCommand({
      TableName: table,
      Key: { id: { S: 'a' } },
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': { N: '1' } },
    }),
  );
  await client.send(new D.DeleteItemCommand({ TableName: table, Key: { id: { S: 'a' } } }));
  await client.send(new D.DeleteItemCommand({ TableName: table, Key: { id: { S: 'a' } } }));
  const { Records, NextShardIterator } = await records(await iterator(arn));
  assert.deepEqual(
    Records!.map(({ eventName }) => eventName),
    ['INSERT', 'MODIFY', 'REMOVE'],
  );
  const [insert, modify, remove] = Records!.map(({ dynamodb }) => dynamodb!);
  const first = { id: { S: 'a' }, blob: { B: new Uint8Array(Buffer.from('x')) } };
  const second = { ...first, n: { N: '1' } };
  assert.deepEqual([insert!.Keys, insert!.NewImage, insert!.OldImage], [{ id: { S: 'a' } }, first, undefined]);
  assert.deepEqual([modify!.NewImage, modify!.OldImage], [second, first]);
  assert.deepEqual([remove!.NewImage, remove!.OldImage], [undefined, second]);
  assert.equal(insert!.SizeBytes, 3 + 8);
  assert.ok(insert!.SequenceNumber! < modify!.SequenceNumber! && modify!.SequenceNumber! < remove!.SequenceNumber!);
  assert.equal(Records![0]!.eventSource, 'aws:dynamodb');
  assert.deepEqual((await records(NextShardIterator!)).Records, []);
});

test('each view tells what it promises', async () => {
  const expected = { KEYS_ONLY: [false, false], NEW_IMAGE: [true, false], OLD_IMAGE: [false, true] } as const;
  for (const view of ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE'] as const) {
    const { table, arn } = await streamed(view);
    await put(table, 'a', '1');
    await put(table, 'a', '2');
    const last = (await records(await iterator(arn))).Records!.at(-1)!.dynamodb!;
    assert.deepEqual([last.NewImage !== undefined, last.OldImage !== undefined], expected[view]);
    assert.equal(last.StreamViewType, view);
  }
});

test('a transaction is told whole or not at all, and long items arrive whole', async () => {
  const { table, arn } = await streamed('NEW_AND_OLD_IMAGES');
  const failing = new D.TransactWriteItemsCommand({
    TransactItems: [
      { Put: { TableName: table, Item: { id: { S: 'a' } } } },
      { ConditionCheck: { TableName: table, Key: { id: { S: 'b' } }, ConditionExpression: 'attribute_exists(id)' } },
    ],
  });
  await refused(client.send(failing), 'TransactionCanceledException');
  const long = 'é'.repeat(150_000);
  await put(table, 'long', long);
  await put(table, 'long', `${long}!`);
  const { Records } = await records(await iterator(arn));
  assert.equal(Records!.length, 2);
  assert.equal(Records![1]!.dynamodb!.NewImage!['value']!.S, `${long}!`);
  assert.equal(Records![1]!.dynamodb!.OldImage!['value']!.S, long);
});

test('iterators begin at the end, at a record, after it; limits page; old iterators and strange ones are refused', async () => {
  const { table, arn } = await streamed('KEYS_ONLY');
  // The number with which a shard begins is known before there are records.
  const [{ SequenceNumberRange: range }] = (await shardsOf(arn)) as [S.Shard];
  const beginnings = (['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const).map((ShardIteratorType) =>
    iterator(arn, { ShardIteratorType, SequenceNumber: range!.StartingSequenceNumber! }),
  );
  const fromTheBeginning = await Promise.all(beginnings);
  for (const id of ['a', 'b', 'c']) await put(table, id, '1');
  const latest = await iterator(arn, { ShardIteratorType: 'LATEST' });
  await put(table, 'd', '1');
  const names = (answer: S.GetRecordsCommandOutput): string[] => answer.Records!.map(({ dynamodb }) => dynamodb!.Keys!['id']!.S!);
  assert.deepEqual(names(await records(latest)), ['d']);
  for (const one of fromTheBeginning) assert.deepEqual(names(await records(one)), ['a', 'b', 'c', 'd']);
  const page = await records(await iterator(arn), 2);
  assert.deepEqual(names(page), ['a', 'b']);
  assert.deepEqual(names(await records(page.NextShardIterator!)), ['c', 'd']);
  const SequenceNumber = page.Records![1]!.dynamodb!.SequenceNumber!;
  assert.deepEqual(names(await records(await iterator(arn, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber }))), ['b', 'c', 'd']);
  assert.deepEqual(names(await records(await iterator(arn, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber }))), ['c', 'd']);
  await refused(records(`${arn}|1|bm9uZQ==`), 'ValidationException');
  await cloud.advance(16 * 60_000);
  await refused(records(latest), 'ExpiredIteratorException');
});

test('a shard gives way to its child after four hours, and records are trimmed after a day', async () => {
  const { table, arn } = await streamed('KEYS_ONLY');
  await put(table, 'a', '1');
  const first = (await records(await iterator(arn))).Records![0]!.dynamodb!.SequenceNumber!;
  await cloud.advance(5 * hour);
  await put(table, 'b', '1');
  const [parent, child] = await shardsOf(arn);
  assert.equal(child!.ParentShardId, parent!.ShardId);
  assert.equal(parent!.SequenceNumberRange!.EndingSequenceNumber, first);
  const old = await records(await iterator(arn, { ShardId: parent!.ShardId! }));
  assert.deepEqual([old.Records!.length, old.NextShardIterator], [1, undefined]);
  const filter = { Type: 'CHILD_SHARDS', ShardId: parent!.ShardId! } as const;
  const { StreamDescription } = await reader.send(new S.DescribeStreamCommand({ StreamArn: arn, ShardFilter: filter }));
  assert.deepEqual(StreamDescription!.Shards, [child]);
  for (const bad of [
    { Type: 'CHILD_SHARDS' },
    { ShardId: parent!.ShardId! },
    { Type: 'CHILD_SHARDS', ShardId: 'short' },
  ] as S.ShardFilter[])
    await refused(reader.send(new S.DescribeStreamCommand({ StreamArn: arn, ShardFilter: bad })), {
      code: 'ValidationException',
      message: /shardFilter\.(?:type|shardId)/,
    });
  await cloud.advance(20 * hour);
  const trimmed = iterator(arn, { ShardId: parent!.ShardId!, ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: first });
  await refused(trimmed, 'TrimmedDataAccessException');
  await cloud.advance(10 * hour);
  assert.deepEqual((await records(await iterator(arn))).Records, []);
  assert.deepEqual(
    (await shardsOf(arn)).map(({ ShardId }) => ShardId),
    [child!.ShardId],
  );
});

test('what time to live takes away is told to be the service that did it', async () => {
  const { table, arn } = await streamed('OLD_IMAGE');
  const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expires' };
  await client.send(new D.UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
  const expires = String(Math.floor(cloud.cloud.clock.now() / 1_000) + 60);
  await client.send(new D.PutItemCommand({ TableName: table, Item: { id: { S: 'a' }, expires: { N: expires } } }));
  await cloud.advance(2 * hour);
  const removed = (await records(await iterator(arn))).Records!.at(-1)!;
  assert.equal(removed.eventName, 'REMOVE');
  assert.deepEqual(removed.userIdentity, { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' });
});

test('UpdateTable gives a stream and takes it; it is listed and read for a day more', async () => {
  const { table } = await streamed(undefined);
  const update = (StreamSpecification: D.StreamSpecification): Promise<D.UpdateTableCommandOutput> =>
    client.send(new D.UpdateTableCommand({ TableName: table, StreamSpecification }));
  await refused(update({ StreamEnabled: false }), { code: 'ValidationException', message: /no stream/ });
  const on = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } as const;
  const arn = (await update(on)).TableDescription!.LatestStreamArn!;
  await refused(update(on), { code: 'ValidationException', message: /already has an enabled stream/ });
  await put(table, 'a', '1');
  await update({ StreamEnabled: false });
  await put(table, 'b', '1');
  const { Table } = await client.send(new D.DescribeTableCommand({ TableName: table }));
  assert.deepEqual([Table!.StreamSpecification, Table!.LatestStreamArn], [undefined, arn]);
  const { Streams } = await reader.send(new S.ListStreamsCommand({ TableName: table }));
  assert.deepEqual(
    Streams!.map(({ StreamArn }) => StreamArn),
    [arn],
  );
  const { StreamDescription } = await reader.send(new S.DescribeStreamCommand({ StreamArn: arn }));
  assert.equal(StreamDescription!.StreamStatus, 'DISABLED');
  assert.equal((await records(await iterator(arn))).Records!.length, 1);
  await client.send(new D.DeleteTableCommand({ TableName: table }));
  await cloud.advance(26 * hour);
  await refused(reader.send(new S.DescribeStreamCommand({ StreamArn: arn })), 'ResourceNotFoundException');
});

test('streams are listed page by page, and nobody reads those of another account', async () => {
  const { arn } = await streamed('KEYS_ONLY');
  const seen: string[] = [];
  for (let start: string | undefined; ;) {
    const page: S.ListStreamsCommandOutput = await reader.send(
      new S.ListStreamsCommand({ Limit: 2, ...(start && { ExclusiveStartStreamArn: start }) }),
    );
    seen.push(...page.Streams!.map(({ StreamArn }) => StreamArn!));
    start = page.LastEvaluatedStreamArn;
    if (start === undefined) break;
  }
  assert.ok(seen.includes(arn));
  assert.equal(new Set(seen).size, seen.length);
  const stranger = cloud.client(S.DynamoDBStreamsClient, { credentials: rootOf('222222222222') });
  await refused(stranger.send(new S.DescribeStreamCommand({ StreamArn: arn })), 'AccessDeniedException');
});
