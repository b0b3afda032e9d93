/** Shards split, merge and are counted anew; readers follow from parents to children. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  type Shard,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { bytes, home, kinesisOf, makeStream, read, shard, textsOf } from './streams-at-hand.ts';

let cloud: LiveCloud;
let client: KinesisClient;

before(async () => {
  cloud = await startCloud();
  client = kinesisOf(cloud);
});
after(() => cloud.close());

const half = (1n << 127n).toString();
const put = (name: string, text: string, hash: string) =>
  client.send(new PutRecordCommand({ StreamName: name, PartitionKey: 'k', Data: bytes(text), ExplicitHashKey: hash }));

async function shardsOf(name: string): Promise<Shard[]> {
  return (await client.send(new DescribeStreamCommand({ StreamName: name }))).StreamDescription!.Shards!;
}

const openOf = (shards: readonly Shard[]) => shards.filter(({ SequenceNumberRange }) => !SequenceNumberRange!.EndingSequenceNumber);

test('a split closes the shard and opens two, and its reader is led to them', async () => {
  await makeStream(cloud, client, 'split');
  const old = await put('split', 'before', '5');
  await client.send(new SplitShardCommand({ StreamName: 'split', ShardToSplit: shard(0), NewStartingHashKey: half }));
  await cloud.cloud.settled();
  const shards = await shardsOf('split');
  assert.equal(shards.length, 3);
  assert.deepEqual(
    shards.slice(1).map(({ ParentShardId, HashKeyRange }) => [ParentShardId, HashKeyRange!.StartingHashKey, HashKeyRange!.EndingHashKey]),
    [
      [shard(0), '0', (BigInt(half) - 1n).toString()],
      [shard(0), half, ((1n << 128n) - 1n).toString()],
    ],
  );
  const fresh = await put('split', 'after', '5');
  assert.equal(fresh.ShardId, shard(1));
  const closing = BigInt(shards[0]!.SequenceNumberRange!.EndingSequenceNumber!);
  assert.ok(BigInt(old.SequenceNumber!) < closing && closing < BigInt(fresh.SequenceNumber!));
  const last = await read(client, 'split');
  assert.deepEqual(textsOf(last), ['before']);
  assert.equal(last.NextShardIterator, undefined);
  assert.deepEqual(
    last.ChildShards!.map(({ ShardId, ParentShards }) => [ShardId, ParentShards]),
    [
      [shard(1), [shard(0)]],
      [shard(2), [shard(0)]],
    ],
  );
  assert.deepEqual(textsOf(await read(client, 'split', { ShardId: shard(1) })), ['after']);
});

test('a merge opens one shard for two neighbours', async () => {
  await makeStream(cloud, client, 'merged', { ShardCount: 3 });
  await refused(
    client.send(new MergeShardsCommand({ StreamName: 'merged', ShardToMerge: shard(0), AdjacentShardToMerge: shard(2) })),
    'InvalidArgumentException',
  );
  await client.send(new MergeShardsCommand({ StreamName: 'merged', ShardToMerge: shard(0), AdjacentShardToMerge: shard(1) }));
  await cloud.cloud.settled();
  const child = (await shardsOf('merged'))[3]!;
  assert.deepEqual([child.ParentShardId, child.AdjacentParentShardId], [shard(0), shard(1)]);
  assert.equal((await put('merged', 'x', '0')).ShardId, shard(3));
  assert.equal((await read(client, 'merged', { ShardId: shard(1) })).ChildShards![0]!.ShardId, shard(3));
});

test('what cannot be split or merged is refused', async () => {
  await makeStream(cloud, client, 'stubborn', { ShardCount: 2 });
  const split = (ShardToSplit: string, NewStartingHashKey: string) =>
    client.send(new SplitShardCommand({ StreamName: 'stubborn', ShardToSplit, NewStartingHashKey }));
  await refused(split(shard(9), '5'), {
    code: 'ResourceNotFoundException',
    message: `Could not find shard ${shard(9)} in stream stubborn under account ${home}.`,
  });
  await refused(split(shard(0), '1'), {
    code: 'InvalidArgumentException',
    message: /is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey \d+\.$/,
  });
  await refused(split(shard(0), half), 'InvalidArgumentException');
  await split(shard(0), '1000');
  await cloud.cloud.settled();
  await refused(split(shard(0), '500'), 'InvalidArgumentException');
});

test('the count of shards is changed to equal ones, up and down, by double or half at most', async () => {
  await makeStream(cloud, client, 'counted', { ShardCount: 2 });
  const update = (TargetShardCount: number) =>
    client.send(new UpdateShardCountCommand({ StreamName: 'counted', TargetShardCount, ScalingType: 'UNIFORM_SCALING' }));
  await refused(update(5), 'InvalidArgumentException');
  const answer = await update(3);
  assert.deepEqual([answer.CurrentShardCount, answer.TargetShardCount], [2, 3]);
  await cloud.cloud.settled();
  const third = (1n << 128n) / 3n;
  const starts = (shards: readonly Shard[]) =>
    shards.map(({ HashKeyRange }) => BigInt(HashKeyRange!.StartingHashKey!)).toSorted((a, b) => (a < b ? -1 : 1));
  assert.deepEqual(starts(openOf(await shardsOf('counted'))), [0n, third, third * 2n]);
  await refused(update(1), 'InvalidArgumentException');
  await update(2);
  await cloud.cloud.settled();
  assert.deepEqual(starts(openOf(await shardsOf('counted'))), [0n, 1n << 127n]);
  const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName: 'counted' }));
  assert.equal(StreamDescriptionSummary!.OpenShardCount, 2);
  for (let i = 0; i < 8; i++) {
    await update(2);
    await cloud.cloud.settled();
  }
  await refused(update(2), 'LimitExceededException');
});

test('shards are filtered by time, and closed ones go when their records have gone', async () => {
  await makeStream(cloud, client, 'aging', { ShardCount: 2 });
  await cloud.advance(60_000);
  const before = new Date(cloud.cloud.clock.now());
  await cloud.advance(60_000);
  await client.send(new SplitShardCommand({ StreamName: 'aging', ShardToSplit: shard(0), NewStartingHashKey: '1000' }));
  await cloud.cloud.settled();
  await cloud.advance(60_000);
  const list = async (ShardFilter?: {
    Type: 'AT_LATEST' | 'AT_TRIM_HORIZON' | 'FROM_TRIM_HORIZON' | 'AT_TIMESTAMP' | 'FROM_TIMESTAMP';
    Timestamp?: Date;
  }) =>
    (await client.send(new ListShardsCommand({ StreamName: 'aging', ...(ShardFilter && { ShardFilter }) }))).Shards!.map(({ ShardId }) =>
      Number(ShardId!.slice(-3)),
    );
  const now = new Date(cloud.cloud.clock.now());
  assert.deepEqual(await list(), [0, 1, 2, 3]);
  assert.deepEqual(await list({ Type: 'AT_LATEST' }), [1, 2, 3]);
  assert.deepEqual(await list({ Type: 'AT_TRIM_HORIZON' }), [0, 1]);
  assert.deepEqual(await list({ Type: 'AT_TIMESTAMP', Timestamp: before }), [0, 1]);
  assert.deepEqual(await list({ Type: 'AT_TIMESTAMP', Timestamp: now }), [1, 2, 3]);
  assert.deepEqual(await list({ Type: 'FROM_TIMESTAMP', Timestamp: before }), [0, 1, 2, 3]);
  assert.deepEqual(await list({ Type: 'FROM_TIMESTAMP', Timestamp: now }), [1, 2, 3]);
  await cloud.advance(24 * 3_600_000 + 1);
  assert.deepEqual(await list({ Type: 'FROM_TRIM_HORIZON' }), [1, 2, 3]);
  assert.equal((await shardsOf('aging')).length, 3);
});
