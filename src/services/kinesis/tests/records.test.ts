/** Records: put, found and read again. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { allow, makeUser } from '../../sts/tests/cast.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { bytes, home, iteratorOf, kinesisOf, makeStream, read, shard, textsOf } from './streams-at-hand.ts';

let cloud: LiveCloud;
let client: KinesisClient;

before(async () => {
  cloud = await startCloud();
  client = kinesisOf(cloud);
});
after(() => cloud.close());

const put = (name: string, text: string, more: { PartitionKey?: string; ExplicitHashKey?: string } = {}) =>
  client.send(new PutRecordCommand({ StreamName: name, PartitionKey: 'k', Data: bytes(text), ...more }));

test('records of a shard come back in their order with growing sequence numbers', async () => {
  await makeStream(cloud, client, 'ordered');
  const first = await put('ordered', 'one');
  const { Records, FailedRecordCount } = await client.send(
    new PutRecordsCommand({
      StreamName: 'ordered',
      Records: ['two', 'three'].map((text) => ({ PartitionKey: text, Data: bytes(text) })),
    }),
  );
  assert.equal(FailedRecordCount, 0);
  const page = await read(client, 'ordered');
  assert.deepEqual(textsOf(page), ['one', 'two', 'three']);
  assert.deepEqual(
    page.Records!.map(({ PartitionKey }) => PartitionKey),
    ['k', 'two', 'three'],
  );
  const sequences = page.Records!.map(({ SequenceNumber }) => SequenceNumber!);
  assert.deepEqual(sequences, [first.SequenceNumber, ...Records!.map(({ SequenceNumber }) => SequenceNumber)]);
  assert.deepEqual(sequences, sequences.toSorted());
  assert.equal(page.Records![0]!.EncryptionType, undefined);
  assert.equal(page.MillisBehindLatest, 0);
  assert.equal(page.Records![0]!.ApproximateArrivalTimestamp!.getTime(), cloud.cloud.clock.now());
});

test('a record goes where its hash says: the MD5 of the key, or the one that is given', async () => {
  await makeStream(cloud, client, 'hashed', { ShardCount: 4 });
  // MD5('a') = 0cc1…, MD5('b') = 92eb…
  assert.equal((await put('hashed', 'x', { PartitionKey: 'a' })).ShardId, shard(0));
  assert.equal((await put('hashed', 'x', { PartitionKey: 'b' })).ShardId, shard(2));
  assert.equal((await put('hashed', 'x', { ExplicitHashKey: '340282366920938463463374607431768211455' })).ShardId, shard(3));
  assert.equal((await put('hashed', 'x', { ExplicitHashKey: '0' })).ShardId, shard(0));
  await refused(put('hashed', 'x', { ExplicitHashKey: '340282366920938463463374607431768211456' }), {
    code: 'InvalidArgumentException',
    message:
      'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456',
  });
});

test('the five kinds of iterators begin where they say', async () => {
  await makeStream(cloud, client, 'iterated');
  const start = cloud.cloud.clock.now();
  const one = await put('iterated', 'one');
  await cloud.advance(1_000);
  const two = await put('iterated', 'two');
  await cloud.advance(1_000);
  const latest = await iteratorOf(client, 'iterated', { ShardIteratorType: 'LATEST' });
  const at = (type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER', sequence: string) =>
    read(client, 'iterated', { ShardIteratorType: type, StartingSequenceNumber: sequence });
  assert.deepEqual(textsOf(await at('AT_SEQUENCE_NUMBER', two.SequenceNumber!)), ['two']);
  assert.deepEqual(textsOf(await at('AFTER_SEQUENCE_NUMBER', one.SequenceNumber!)), ['two']);
  assert.deepEqual(textsOf(await at('AFTER_SEQUENCE_NUMBER', two.SequenceNumber!)), []);
  const from = (time: number) => read(client, 'iterated', { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(time) });
  assert.deepEqual(textsOf(await from(start)), ['one', 'two']);
  await cloud.advance(1_000);
  assert.deepEqual(textsOf(await from(start + 1_000)), ['two']);
  assert.deepEqual(textsOf(await from(start + 1_001)), []);
  await put('iterated', 'three');
  const page = await client.send(new GetRecordsCommand({ ShardIterator: latest }));
  assert.deepEqual(textsOf(page), ['three']);
  await put('iterated', 'four');
  assert.deepEqual(textsOf(await client.send(new GetRecordsCommand({ ShardIterator: page.NextShardIterator! }))), ['four']);
});

test('a reader who is behind is told how far', async () => {
  await makeStream(cloud, client, 'behind');
  for (const text of ['one', 'two', 'three']) {
    await put('behind', text);
    await cloud.advance(1_000);
  }
  const ShardIterator = await iteratorOf(client, 'behind');
  const page = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 2 }));
  assert.deepEqual(textsOf(page), ['one', 'two']);
  assert.equal(page.MillisBehindLatest, 2_000);
  const rest = await client.send(new GetRecordsCommand({ ShardIterator: page.NextShardIterator!, Limit: 2 }));
  assert.deepEqual([textsOf(rest), rest.MillisBehindLatest], [['three'], 0]);
});

test('iterators last five minutes', async () => {
  await makeStream(cloud, client, 'expiring');
  const ShardIterator = await iteratorOf(client, 'expiring');
  await cloud.advance(300_000);
  await client.send(new GetRecordsCommand({ ShardIterator }));
  await cloud.advance(1);
  await refused(client.send(new GetRecordsCommand({ ShardIterator })), {
    code: 'ExpiredIteratorException',
    message:
      /^Iterator expired\. The iterator was created at time \w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4} while right now it is .* which is further in the future than the tolerated delay of 300000 milliseconds\.$/,
  });
  await refused(client.send(new GetRecordsCommand({ ShardIterator: 'AAAA' })), {
    code: 'InvalidArgumentException',
    message: 'Invalid ShardIterator.',
  });
});

test('what an iterator begins with is checked', async () => {
  await makeStream(cloud, client, 'strict', { ShardCount: 2 });
  const { SequenceNumber } = await put('strict', 'x', { ExplicitHashKey: '0' });
  const ask = (input: object) => client.send(new GetShardIteratorCommand({ StreamName: 'strict', ShardId: shard(0), ...input } as never));
  await refused(ask({ ShardIteratorType: 'LATEST', StartingSequenceNumber: SequenceNumber }), 'InvalidArgumentException');
  await refused(ask({ ShardIteratorType: 'AT_SEQUENCE_NUMBER' }), 'InvalidArgumentException');
  await refused(ask({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: '5' }), 'InvalidArgumentException');
  await refused(ask({ ShardId: shard(1), ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: SequenceNumber }), {
    code: 'InvalidArgumentException',
    message: `Invalid StartingSequenceNumber. It encodes ${shard(0)}, while it was used in a call to a shard with ${shard(1)}`,
  });
  await refused(ask({ ShardIteratorType: 'AT_TIMESTAMP' }), 'InvalidArgumentException');
  await refused(ask({ ShardIteratorType: 'NEWEST' }), 'ValidationException');
  await refused(ask({ ShardId: shard(7), ShardIteratorType: 'LATEST' }), {
    code: 'ResourceNotFoundException',
    message: `Shard ${shard(7)} in stream strict under account ${home} does not exist`,
  });
});

test('a shard takes in a thousand records a second, and one MiB', async () => {
  await makeStream(cloud, client, 'limited', { ShardCount: 2 });
  const Records = Array.from({ length: 500 }, () => ({ PartitionKey: 'k', ExplicitHashKey: '0', Data: bytes('x') }));
  const many = new PutRecordsCommand({ StreamName: 'limited', Records });
  await client.send(many);
  await client.send(many);
  const { FailedRecordCount, Records: results } = await client.send(
    new PutRecordsCommand({
      StreamName: 'limited',
      Records: [Records[0]!, { PartitionKey: 'k', ExplicitHashKey: '340282366920938463463374607431768211455', Data: bytes('y') }],
    }),
  );
  assert.equal(FailedRecordCount, 1);
  assert.deepEqual(results![0], {
    ErrorCode: 'ProvisionedThroughputExceededException',
    ErrorMessage: `Rate exceeded for shard ${shard(0)} in stream limited under account ${home}.`,
  });
  assert.equal(results![1]!.ShardId, shard(1));
  await refused(put('limited', 'x', { ExplicitHashKey: '0' }), {
    code: 'ProvisionedThroughputExceededException',
    message: `Rate exceeded for shard ${shard(0)} in stream limited under account ${home}.`,
  });
  await cloud.advance(1_000);
  await put('limited', 'x'.repeat(1024 * 1024 - 1), { ExplicitHashKey: '0' });
  await refused(put('limited', 'x', { ExplicitHashKey: '0' }), 'ProvisionedThroughputExceededException');
});

test('a shard is read five times a second, and two MB a second on average', async () => {
  await makeStream(cloud, client, 'read-often');
  for (let i = 0; i < 3; i++) {
    await put('read-often', 'x'.repeat(1_000_000));
    await cloud.advance(1_000);
  }
  const ShardIterator = await iteratorOf(client, 'read-often');
  assert.equal((await client.send(new GetRecordsCommand({ ShardIterator }))).Records!.length, 3);
  await refused(client.send(new GetRecordsCommand({ ShardIterator })), 'ProvisionedThroughputExceededException');
  await cloud.advance(2_000);
  const tip = await iteratorOf(client, 'read-often', { ShardIteratorType: 'LATEST' });
  for (let i = 0; i < 5; i++) await client.send(new GetRecordsCommand({ ShardIterator: tip }));
  await refused(client.send(new GetRecordsCommand({ ShardIterator })), {
    code: 'ProvisionedThroughputExceededException',
    message: `Rate exceeded for shard ${shard(0)} in stream read-often under account ${home}.`,
  });
});

test('records and calls that are too large are refused', async () => {
  await makeStream(cloud, client, 'sized');
  await refused(put('sized', 'x'.repeat(1024 * 1024)), 'InvalidArgumentException');
  await refused(put('sized', 'x', { PartitionKey: 'k'.repeat(257) }), 'ValidationException');
  const record = { PartitionKey: 'k', Data: bytes('x') };
  await refused(
    client.send(new PutRecordsCommand({ StreamName: 'sized', Records: Array.from({ length: 501 }, () => record) })),
    'ValidationException',
  );
});

test('what is older than the retention is gone', async () => {
  await makeStream(cloud, client, 'kept');
  await put('kept', 'old');
  await cloud.advance(3_600_000);
  await put('kept', 'young');
  await cloud.advance(23 * 3_600_000);
  assert.deepEqual(textsOf(await read(client, 'kept')), ['old', 'young']);
  await cloud.advance(1);
  assert.deepEqual(textsOf(await read(client, 'kept')), ['young']);
  await cloud.advance(3_600_000);
  assert.deepEqual(textsOf(await read(client, 'kept')), []);
});

test('reading needs a permission of its own', async () => {
  const arn = await makeStream(cloud, client, 'private');
  const writer = kinesisOf(cloud, { credentials: await makeUser(cloud, 'writer', [allow('kinesis:PutRecord', arn)], home) });
  await writer.send(new PutRecordCommand({ StreamName: 'private', PartitionKey: 'k', Data: bytes('x') }));
  const ShardIterator = await iteratorOf(client, 'private');
  await refused(writer.send(new GetRecordsCommand({ ShardIterator })), 'AccessDeniedException');
});
