/** Workers that share a stream as the Kinesis Client Library does, while it is split and merged and one of them dies: no record is lost. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  DescribeStreamConsumerCommand,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { startCloud, type LiveCloud } from '../live-cloud.ts';
import { createLeaseTable, readLeases, startWorker, step, type Seen } from './kcl-worker.ts';

const StreamName = 'events';
const keys = 8;

let cloud: LiveCloud;
let kinesis: KinesisClient;
before(async () => {
  cloud = await startCloud();
  kinesis = cloud.client(KinesisClient);
});
after(() => cloud.close());

async function makeStream(): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
  await cloud.advance(60_000);
  const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
  const { Consumer } = await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'library' }));
  await cloud.advance(60_000);
  const ConsumerARN = Consumer!.ConsumerARN!;
  const { ConsumerDescription } = await kinesis.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
  assert.equal(ConsumerDescription!.ConsumerStatus, 'ACTIVE');
  return ConsumerARN;
}

async function openShards() {
  const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName, ShardFilter: { Type: 'AT_LATEST' } }));
  return Shards!.toSorted((a, b) => (BigInt(a.HashKeyRange!.StartingHashKey!) < BigInt(b.HashKeyRange!.StartingHashKey!) ? -1 : 1));
}

async function split(): Promise<void> {
  const [{ ShardId, HashKeyRange } = {}] = await openShards();
  const middle = (BigInt(HashKeyRange!.StartingHashKey!) + BigInt(HashKeyRange!.EndingHashKey!)) / 2n;
  await kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit: ShardId, NewStartingHashKey: String(middle) }));
}

async function merge(): Promise<void> {
  const [, second, third] = await openShards();
  await kinesis.send(new MergeShardsCommand({ StreamName, ShardToMerge: second!.ShardId, AdjacentShardToMerge: third!.ShardId }));
}

test('three workers, a split, a merge and a death: every record is read, in the order of its key', async () => {
  const consumer = await makeStream();
  const seen: Seen[] = [];
  const means = { dynamodb: cloud.client(DynamoDBClient), kinesis, table: 'library', stream: StreamName, seen };
  await createLeaseTable(means);
  const workers = [startWorker(means, 'polls'), startWorker(means, 'listens', consumer)];
  let sent = 0;
  const produce = async (): Promise<void> => {
    const Records = Array.from({ length: 2 * keys }, () => ({ PartitionKey: `k${sent % keys}`, Data: Buffer.from(String(sent++)) }));
    assert.equal((await kinesis.send(new PutRecordsCommand({ StreamName, Records }))).FailedRecordCount, 0);
  };
  for (let round = 0; round < 22; round++) {
    if (round < 17) await produce();
    if (round === 2) await split();
    if (round === 6) await merge();
    // It dies after it has read and before it could say so: what it read is read again.
    if (round === 9) await step(workers.shift()!, { withCheckpoints: false });
    if (round === 13) workers.push(startWorker(means, 'comes later'));
    for (const worker of workers) await step(worker);
    // Within five seconds of a subscription a shard takes no other of the same consumer.
    await cloud.advance(6_000);
  }

  const read = new Set(seen.map(({ data }) => Number(data)));
  assert.deepEqual(
    [...Array(sent).keys()].filter((number) => !read.has(number)),
    [],
  );
  const first = [...new Map(seen.map((record) => [record.data, record])).keys()].map(Number);
  for (let key = 0; key < keys; key++) {
    const ofKey = first.filter((number) => number % keys === key);
    assert.deepEqual(
      ofKey,
      ofKey.toSorted((a, b) => a - b),
      `key ${key}`,
    );
  }
  assert.ok(seen.length > sent, 'what the dead worker had read was read again');
  const leases = await readLeases(means);
  const open = leases.filter(({ checkpoint }) => checkpoint !== 'SHARD_END');
  assert.deepEqual(open.map(({ key }) => key).sort(), (await openShards()).map(({ ShardId }) => ShardId).sort());
  assert.deepEqual([...new Set(open.map(({ owner }) => owner))].sort(), ['comes later', 'listens']);
  assert.ok(!leases.some(({ key }) => key === 'shardId-000000000000'), 'the lease of a shard whose children are read is gone');
});
