/** A live stream against a model: whatever is put, split and merged, each record is read once, in order, from parents to children. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  type Shard,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { bytes, iteratorOf, kinesisOf, makeStream } from './streams-at-hand.ts';

let cloud: LiveCloud;
let client: KinesisClient;

before(async () => {
  cloud = await startCloud();
  client = kinesisOf(cloud);
});
after(() => cloud.close());

type Step = { kind: 'put'; hashes: number[] } | { kind: 'split'; of: number } | { kind: 'merge'; of: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('put' as const), hashes: fc.array(fc.nat(255), { minLength: 1, maxLength: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('split' as const), of: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('merge' as const), of: fc.nat(9) }) },
);

const hashOf = (top: number): string => (BigInt(top) << 120n).toString();

async function openShards(StreamName: string): Promise<Shard[]> {
  const { Shards } = await client.send(new ListShardsCommand({ StreamName, ShardFilter: { Type: 'AT_LATEST' } }));
  const start = ({ HashKeyRange }: Shard) => BigInt(HashKeyRange!.StartingHashKey!);
  return Shards!.toSorted((a, b) => (start(a) < start(b) ? -1 : 1));
}

async function reshard(StreamName: string, { kind, of }: Exclude<Step, { kind: 'put' }>): Promise<void> {
  const open = await openShards(StreamName);
  const shard = open[of % open.length]!;
  const { StartingHashKey, EndingHashKey } = shard.HashKeyRange!;
  const next = open[(of % open.length) + 1];
  if (kind === 'split') {
    const NewStartingHashKey = ((BigInt(StartingHashKey!) + BigInt(EndingHashKey!)) / 2n).toString();
    await client.send(new SplitShardCommand({ StreamName, ShardToSplit: shard.ShardId!, NewStartingHashKey }));
  } else if (next)
    await client.send(new MergeShardsCommand({ StreamName, ShardToMerge: shard.ShardId!, AdjacentShardToMerge: next.ShardId! }));
  await cloud.cloud.settled();
}

/** Reads a shard to its tip, a few records at a time; a call a moment, so that no limit is met. */
async function readAll(name: string, ShardId: string, Limit: number): Promise<{ text: string; sequence: bigint }[]> {
  const found: { text: string; sequence: bigint }[] = [];
  let ShardIterator: string | undefined = await iteratorOf(client, name, { ShardId });
  while (ShardIterator) {
    const { Records, NextShardIterator, MillisBehindLatest }: GetRecordsCommandOutput = await client.send(
      new GetRecordsCommand({ ShardIterator, Limit }),
    );
    for (const { Data, SequenceNumber } of Records!) found.push({ text: Buffer.from(Data!).toString(), sequence: BigInt(SequenceNumber!) });
    await cloud.advance(250);
    if (Records!.length < Limit && MillisBehindLatest === 0) break;
    ShardIterator = NextShardIterator;
  }
  return found;
}

test('nothing is lost, nothing comes twice, and the order of each hash key holds through splits and merges', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.array(step, { maxLength: 10 }),
      fc.integer({ min: 1, max: 7 }),
      async (count, list, limit) => {
        const name = `model-${run++}`;
        await makeStream(cloud, client, name, { ShardCount: count });
        const put = new Map<number, string[]>();
        let n = 0;
        for (const each of list) {
          if (each.kind !== 'put') await reshard(name, each);
          else {
            const texts = each.hashes.map((hash) => ({ hash, text: `${hash}/${n++}` }));
            for (const { hash, text } of texts) put.set(hash, [...(put.get(hash) ?? []), text]);
            const Records = texts.map(({ hash, text }) => ({ Data: bytes(text), PartitionKey: 'k', ExplicitHashKey: hashOf(hash) }));
            assert.equal((await client.send(new PutRecordsCommand({ StreamName: name, Records }))).FailedRecordCount, 0);
          }
          await cloud.advance(10);
        }
        // Numbers grow from parents to children, so reading the shards in their order reads each lineage in its order.
        const { Shards } = await client.send(new ListShardsCommand({ StreamName: name }));
        const read = new Map<number, string[]>();
        let total = 0;
        for (const { ShardId } of Shards!) {
          const found = await readAll(name, ShardId!, limit);
          total += found.length;
          for (let i = 1; i < found.length; i++) assert.ok(found[i - 1]!.sequence < found[i]!.sequence);
          for (const { text } of found) {
            const hash = Number(text.split('/')[0]);
            read.set(hash, [...(read.get(hash) ?? []), text]);
          }
        }
        assert.equal(total, n);
        assert.deepEqual(read, new Map([...read.keys()].map((hash) => [hash, put.get(hash)])));
      },
    ),
    { numRuns: 15 },
  );
});
