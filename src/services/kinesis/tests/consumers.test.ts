/** Registered consumers, and what is pushed to them. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  type KinesisClient,
  ListStreamConsumersCommand,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  SubscribeToShardCommand,
  type SubscribeToShardCommandInput,
  type SubscribeToShardEvent,
} from '@aws-sdk/client-kinesis';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { bytes, kinesisOf, makeStream, shard } from './streams-at-hand.ts';

let cloud: LiveCloud;
let client: KinesisClient;

before(async () => {
  cloud = await startCloud();
  client = kinesisOf(cloud);
});
after(() => cloud.close());

async function register(StreamARN: string, ConsumerName: string): Promise<string> {
  const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
  await cloud.cloud.settled();
  return Consumer!.ConsumerARN!;
}

type Subscribed = { next(): Promise<SubscribeToShardEvent | undefined>; close(): Promise<unknown> };

async function subscribe(ConsumerARN: string, input: Partial<SubscribeToShardCommandInput> = {}): Promise<Subscribed> {
  const { EventStream } = await client.send(
    new SubscribeToShardCommand({ ConsumerARN, ShardId: shard(0), StartingPosition: { Type: 'TRIM_HORIZON' }, ...input }),
  );
  const events = EventStream![Symbol.asyncIterator]();
  return {
    next: async () => {
      const { value, done } = await events.next();
      return done ? undefined : value.SubscribeToShardEvent!;
    },
    close: async () => events.return?.(),
  };
}

const texts = (event: SubscribeToShardEvent | undefined) => event!.Records!.map(({ Data }) => Buffer.from(Data!).toString());
const put = (StreamName: string, text: string, ExplicitHashKey = '0') =>
  client.send(new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: bytes(text), ExplicitHashKey }));

test('consumers are registered, described, listed and deregistered', async () => {
  const StreamARN = await makeStream(cloud, client, 'heard');
  const ConsumerARN = await register(StreamARN, 'ear');
  assert.match(ConsumerARN, /^arn:aws:kinesis:us-east-1:\d{12}:stream\/heard\/consumer\/ear:\d+$/);
  const { ConsumerDescription } = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
  assert.deepEqual([ConsumerDescription!.ConsumerStatus, ConsumerDescription!.StreamARN], ['ACTIVE', StreamARN]);
  await refused(client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'ear' })), 'ResourceInUseException');
  await register(StreamARN, 'other');
  const first = await client.send(new ListStreamConsumersCommand({ StreamARN, MaxResults: 1 }));
  assert.deepEqual(
    first.Consumers!.map(({ ConsumerName }) => ConsumerName),
    ['ear'],
  );
  const rest = await client.send(new ListStreamConsumersCommand({ StreamARN, NextToken: first.NextToken! }));
  assert.deepEqual(
    rest.Consumers!.map(({ ConsumerName }) => ConsumerName),
    ['other'],
  );
  await refused(client.send(new DeleteStreamCommand({ StreamARN })), 'ResourceInUseException');
  await client.send(new DeregisterStreamConsumerCommand({ StreamARN, ConsumerName: 'ear' }));
  await refused(client.send(new DescribeStreamConsumerCommand({ ConsumerARN })), 'ResourceNotFoundException');
  await client.send(new DeleteStreamCommand({ StreamARN, EnforceConsumerDeletion: true }));
  await cloud.cloud.settled();
  await refused(client.send(new ListStreamConsumersCommand({ StreamARN })), 'ResourceNotFoundException');
});

test('twenty consumers and no more', async () => {
  const StreamARN = await makeStream(cloud, client, 'crowded');
  for (let i = 0; i < 20; i++) await register(StreamARN, `c${i}`);
  await refused(client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'late' })), 'LimitExceededException');
});

test('records are pushed as they come, and the last event names the children', async () => {
  const StreamARN = await makeStream(cloud, client, 'pushed');
  await put('pushed', 'one');
  const ConsumerARN = await register(StreamARN, 'ear');
  const subscription = await subscribe(ConsumerARN);
  const event = await subscription.next();
  assert.deepEqual(texts(event), ['one']);
  assert.equal(event!.ContinuationSequenceNumber, event!.Records![0]!.SequenceNumber);
  assert.equal(event!.ChildShards, undefined);
  assert.equal(event!.MillisBehindLatest, 0);
  await cloud.advance(1_000);
  await put('pushed', 'two');
  for (let next = await subscription.next(); ; next = await subscription.next())
    if (next!.Records!.length > 0) {
      assert.deepEqual(texts(next), ['two']);
      break;
    }
  await cloud.advance(1_000);
  await client.send(new SplitShardCommand({ StreamName: 'pushed', ShardToSplit: shard(0), NewStartingHashKey: '1000' }));
  let last: SubscribeToShardEvent | undefined;
  for (let next = await subscription.next(); next; next = await subscription.next()) last = next;
  assert.deepEqual(
    last!.ChildShards!.map(({ ShardId }) => ShardId),
    [shard(1), shard(2)],
  );
  assert.equal(last!.ContinuationSequenceNumber, undefined);
});

test('a subscription goes on where the last one ended', async () => {
  const ConsumerARN = await register(await makeStream(cloud, client, 'continued'), 'ear');
  const first = await subscribe(ConsumerARN, { StartingPosition: { Type: 'LATEST' } });
  const { ContinuationSequenceNumber } = (await first.next())!;
  await refused(subscribe(ConsumerARN), { code: 'ResourceInUseException', message: /^Another active subscription exists/ });
  await put('continued', 'missed');
  await cloud.advance(5_000);
  const second = await subscribe(ConsumerARN, {
    StartingPosition: { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: ContinuationSequenceNumber! },
  });
  assert.deepEqual(texts(await second.next()), ['missed']);
  await first.close();
  await second.close();
});

test('a subscription lasts five minutes', async () => {
  const ConsumerARN = await register(await makeStream(cloud, client, 'timed'), 'ear');
  const subscription = await subscribe(ConsumerARN);
  assert.deepEqual(texts(await subscription.next()), []);
  await cloud.advance(300_000);
  for (let event = await subscription.next(); event; event = await subscription.next()) assert.deepEqual(texts(event), []);
});

test('only what exists and is spelt right can be subscribed to', async () => {
  const ConsumerARN = await register(await makeStream(cloud, client, 'strict'), 'ear');
  await refused(subscribe(ConsumerARN, { ShardId: shard(4) }), 'ResourceNotFoundException');
  await refused(subscribe(`${ConsumerARN}1`), 'ResourceNotFoundException');
  await refused(subscribe(ConsumerARN, { StartingPosition: { Type: 'AT_TIMESTAMP' } }), 'InvalidArgumentException');
  await refused(subscribe(ConsumerARN, { StartingPosition: { Type: 'SOME' as 'LATEST' } }), 'ValidationException');
});
