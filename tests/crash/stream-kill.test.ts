/** A cloud is killed under the load of PutRecords and of shards that split and merge: every acknowledged record is there, once and in order. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { newUser, type User } from '../cli/haneul-process.ts';
import { clientOptions, isConnectionLost } from './writers.ts';

const rounds = 6;
const writers = 4;
const StreamName = 'crash-test';

let user: User;
before(async () => void (user = await newUser()));
after(() => user.leave());

const kinesisAt = (endpoint: string) => new KinesisClient({ ...clientOptions(endpoint), requestHandler: new NodeHttpHandler() });

/** By writer: how many records were acknowledged, and how many were sent. */
type Count = { acknowledged: number; sent: number };

test('kill -9 at random moments, under the load of writers and of a stream that is rescaled', async (context) => {
  const counts: Count[] = Array.from({ length: writers }, () => ({ acknowledged: 0, sent: 0 }));
  let cloud = await user.up();
  const client = kinesisAt(cloud.endpoint);
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 4 }));
  await ready(client);
  client.destroy();
  for (let round = 1; round <= rounds; round++) {
    const running = [...counts.map((count, writer) => write(cloud.endpoint, writer, count)), rescale(cloud.endpoint)];
    await sleep(400 + Math.random() * 800);
    cloud.child.kill('SIGKILL');
    await cloud.ended;
    await Promise.all(running);
    cloud = await user.up();
    await check(cloud.endpoint, counts);
  }
  cloud.child.kill('SIGTERM');
  assert.equal((await cloud.ended).code, 0);
  const acknowledged = counts.reduce((sum, count) => sum + count.acknowledged, 0);
  context.diagnostic(`${rounds} kills, ${acknowledged} acknowledged records, none lost`);
  assert.ok(acknowledged > rounds * writers);
});

async function ready(client: KinesisClient): Promise<void> {
  for (;;) {
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
    if (StreamDescriptionSummary!.StreamStatus === 'ACTIVE') return;
    await sleep(20);
  }
}

/** Every record of a writer has the same key, so its order holds; some are larger than a segment's small blobs. */
async function write(endpoint: string, writer: number, count: Count): Promise<void> {
  const client = kinesisAt(endpoint);
  try {
    for (;;) {
      const size = 1 + Math.floor(Math.random() * 5);
      const Records = Array.from({ length: size }, (_, i) => ({
        PartitionKey: `writer${writer}`,
        Data: Buffer.from(`${writer}/${count.acknowledged + i}/${'x'.repeat(Math.floor(Math.random() * 3_000))}`),
      }));
      count.sent = count.acknowledged + size;
      const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records }));
      // A shard that is full turns all or the rest away; what it took is known by its number, so the order of the test stays simple.
      if (FailedRecordCount! > 0) return;
      count.acknowledged += size;
      await sleep(5);
    }
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
  } finally {
    client.destroy();
  }
}

async function rescale(endpoint: string): Promise<void> {
  const client = kinesisAt(endpoint);
  try {
    await ready(client);
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
    const TargetShardCount = StreamDescriptionSummary!.OpenShardCount! > 4 ? 4 : 7;
    await client.send(new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' }));
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
  } finally {
    client.destroy();
  }
}

async function check(endpoint: string, counts: readonly Count[]): Promise<void> {
  const client = kinesisAt(endpoint);
  await ready(client);
  const { Shards } = await client.send(new ListShardsCommand({ StreamName }));
  const next = counts.map(() => 0);
  for (const { ShardId } of Shards!) {
    let { ShardIterator } = await client.send(new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' }));
    while (ShardIterator) {
      const page: GetRecordsCommandOutput = await client.send(new GetRecordsCommand({ ShardIterator }));
      for (const { Data } of page.Records!) {
        const [writer, number] = Buffer.from(Data!).toString().split('/').map(Number) as [number, number];
        assert.equal(number, next[writer], `writer ${writer}'s records come in order, without a gap and once`);
        next[writer]!++;
      }
      if (page.MillisBehindLatest === 0) break;
      ShardIterator = page.NextShardIterator;
    }
  }
  counts.forEach((count, writer) => {
    assert.ok(
      next[writer]! >= count.acknowledged && next[writer]! <= count.sent,
      `writer ${writer}: ${next[writer]} of ${count.acknowledged} to ${count.sent}`,
    );
    count.acknowledged = next[writer]!;
  });
  client.destroy();
}
