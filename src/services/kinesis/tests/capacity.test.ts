/** What only on-demand streams have: automatic distribution, and warm throughput for accounts that commit themselves. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateStreamCommand,
  DescribeAccountSettingsCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
  UpdateAccountSettingsCommand,
  UpdateStreamRecordDistributionStrategyCommand,
  UpdateStreamWarmThroughputCommand,
} from '@aws-sdk/client-kinesis';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { bytes, kinesisOf, makeStream, read, shard, textsOf } from './streams-at-hand.ts';

let cloud: LiveCloud;
let client: KinesisClient;

before(async () => {
  cloud = await startCloud();
  client = kinesisOf(cloud);
});
after(() => cloud.close());

const onDemand = { StreamModeDetails: { StreamMode: 'ON_DEMAND' as const } };
const summary = async (StreamName: string) =>
  (await client.send(new DescribeStreamSummaryCommand({ StreamName }))).StreamDescriptionSummary!;

test('records of a stream that distributes by itself go to all shards, with one key or none', async () => {
  const StreamARN = await makeStream(cloud, client, 'spread', onDemand);
  assert.equal((await summary('spread')).RecordDistributionStrategy, 'USER_PARTITION_KEY');
  const keyless = { StreamARN, Records: [{ Data: bytes('x') }] };
  await refused(client.send(new PutRecordsCommand(keyless)), 'ValidationException');
  await client.send(new UpdateStreamRecordDistributionStrategyCommand({ StreamARN, RecordDistributionStrategy: 'AUTO' }));
  assert.equal((await summary('spread')).RecordDistributionStrategy, 'AUTO');
  const Records = Array.from({ length: 100 }, (_, i) => ({ Data: bytes(`${i}`), ...(i % 2 === 0 && { PartitionKey: 'same' }) }));
  const put = await client.send(new PutRecordsCommand({ StreamARN, Records }));
  assert.equal(put.FailedRecordCount, 0);
  assert.equal(new Set(put.Records!.map(({ ShardId }) => ShardId)).size, 4);
  const found: string[] = [];
  for (let number = 0; number < 4; number++) found.push(...textsOf(await read(client, 'spread', { ShardId: shard(number) })));
  assert.deepEqual(
    found.map(Number).sort((a, b) => a - b),
    Records.map((_, i) => i),
  );
  await client.send(new UpdateStreamRecordDistributionStrategyCommand({ StreamARN, RecordDistributionStrategy: 'USER_PARTITION_KEY' }));
  await refused(client.send(new PutRecordCommand({ StreamARN, Data: bytes('x'), PartitionKey: undefined })), 'ValidationException');
});

test('a provisioned stream has no distribution of its own', async () => {
  const StreamARN = await makeStream(cloud, client, 'plain');
  assert.equal((await summary('plain')).RecordDistributionStrategy, undefined);
  await refused(
    client.send(new UpdateStreamRecordDistributionStrategyCommand({ StreamARN, RecordDistributionStrategy: 'AUTO' })),
    'InvalidArgumentException',
  );
  await refused(
    client.send(new CreateStreamCommand({ StreamName: 'other', ShardCount: 1, RecordDistributionStrategy: 'AUTO' })),
    'InvalidArgumentException',
  );
});

test('a commitment lasts a day, and lets streams be warmed', async () => {
  const StreamARN = await makeStream(cloud, client, 'warmed', onDemand);
  const warm = (WarmThroughputMiBps: number) => client.send(new UpdateStreamWarmThroughputCommand({ StreamARN, WarmThroughputMiBps }));
  const set = (Status: 'ENABLED' | 'DISABLED') =>
    client.send(new UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment: { Status } }));
  const status = async () => (await client.send(new DescribeAccountSettingsCommand({}))).MinimumThroughputBillingCommitment!.Status;
  assert.equal(await status(), 'DISABLED');
  await refused(warm(10), 'InvalidArgumentException');
  await set('ENABLED');
  assert.deepEqual((await warm(10)).WarmThroughput, { TargetMiBps: 10, CurrentMiBps: 4 });
  await cloud.cloud.settled();
  assert.deepEqual((await summary('warmed')).WarmThroughput, { TargetMiBps: 10, CurrentMiBps: 10 });
  await refused(warm(20_000), 'LimitExceededException');
  await makeStream(cloud, client, 'born-warm', { ...onDemand, WarmThroughputMiBps: 7 });
  assert.equal((await summary('born-warm')).OpenShardCount, 7);
  await set('DISABLED');
  assert.equal(await status(), 'ENABLED_UNTIL_EARLIEST_ALLOWED_END');
  await set('ENABLED');
  assert.equal(await status(), 'ENABLED');
  await set('DISABLED');
  await cloud.advance(24 * 3_600_000);
  assert.equal(await status(), 'DISABLED');
  await refused(warm(5), 'InvalidArgumentException');
});
