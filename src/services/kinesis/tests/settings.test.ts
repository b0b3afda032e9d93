/** Settings of streams, their policies and the tags of any resource. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DecreaseStreamRetentionPeriodCommand,
  DeleteResourcePolicyCommand,
  DescribeStreamSummaryCommand,
  DisableEnhancedMonitoringCommand,
  EnableEnhancedMonitoringCommand,
  GetResourcePolicyCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListTagsForResourceCommand,
  PutRecordCommand,
  PutResourcePolicyCommand,
  StartStreamEncryptionCommand,
  StopStreamEncryptionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateMaxRecordSizeCommand,
  UpdateStreamModeCommand,
} from '@aws-sdk/client-kinesis';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { bytes, home, kinesisOf, makeStream, read, textsOf } from './streams-at-hand.ts';

let cloud: LiveCloud;
let client: KinesisClient;

before(async () => {
  cloud = await startCloud();
  client = kinesisOf(cloud);
});
after(() => cloud.close());

async function summary(StreamName: string) {
  await cloud.cloud.settled();
  return (await client.send(new DescribeStreamSummaryCommand({ StreamName }))).StreamDescriptionSummary!;
}

test('a longer retention keeps records longer, a shorter one lets them go', async () => {
  await makeStream(cloud, client, 'kept');
  const StreamName = 'kept';
  await client.send(new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: bytes('x') }));
  await client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 8_760 }));
  await cloud.advance(300 * 24 * 3_600_000);
  assert.equal((await summary(StreamName)).RetentionPeriodHours, 8_760);
  assert.deepEqual(textsOf(await read(client, StreamName)), ['x']);
  await refused(client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 })), {
    code: 'InvalidArgumentException',
    message:
      'Requested retention period (48 hours) for stream kept can not be shorter than existing retention period (8760 hours). Use DecreaseRetentionPeriod API.',
  });
  await refused(
    client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 8_761 })),
    'InvalidArgumentException',
  );
  await refused(
    client.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 23 })),
    'InvalidArgumentException',
  );
  await client.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 24 }));
  await cloud.cloud.settled();
  assert.deepEqual(textsOf(await read(client, StreamName)), []);
});

test('the mode is switched twice a day', async () => {
  const StreamARN = await makeStream(cloud, client, 'switched');
  const to = (StreamMode: 'ON_DEMAND' | 'PROVISIONED') =>
    client.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails: { StreamMode } }));
  await to('ON_DEMAND');
  assert.equal((await summary('switched')).StreamModeDetails!.StreamMode, 'ON_DEMAND');
  await to('PROVISIONED');
  await cloud.cloud.settled();
  await refused(to('ON_DEMAND'), 'LimitExceededException');
  await cloud.advance(86_400_000);
  await to('ON_DEMAND');
});

test('larger records are taken when the stream allows them', async () => {
  const StreamARN = await makeStream(cloud, client, 'roomy');
  const put = () => client.send(new PutRecordCommand({ StreamARN, PartitionKey: 'k', Data: new Uint8Array(2_000_000) }));
  await refused(put(), 'InvalidArgumentException');
  await client.send(new UpdateMaxRecordSizeCommand({ StreamARN, MaxRecordSizeInKiB: 2_048 }));
  assert.equal((await summary('roomy')).MaxRecordSizeInKiB, 2_048);
  await put();
  assert.equal((await read(client, 'roomy')).Records![0]!.Data!.length, 2_000_000);
});

test('shard-level metrics are switched on and off', async () => {
  const StreamName = 'watched';
  await makeStream(cloud, client, StreamName);
  const on = await client.send(new EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ['OutgoingBytes', 'IncomingBytes'] }));
  assert.deepEqual([on.CurrentShardLevelMetrics, on.DesiredShardLevelMetrics], [[], ['IncomingBytes', 'OutgoingBytes']]);
  await cloud.cloud.settled();
  await client.send(new DisableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ['IncomingBytes'] }));
  assert.deepEqual((await summary(StreamName)).EnhancedMonitoring![0]!.ShardLevelMetrics, ['OutgoingBytes']);
  await client.send(new EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ['ALL'] }));
  assert.equal((await summary(StreamName)).EnhancedMonitoring![0]!.ShardLevelMetrics!.length, 7);
  await refused(
    client.send(new EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ['Other' as 'ALL'] })),
    'ValidationException',
  );
});

test('encryption is started with a key that exists, and stopped', async () => {
  const StreamName = 'sealed';
  await makeStream(cloud, client, StreamName);
  const start = (KeyId: string) => client.send(new StartStreamEncryptionCommand({ StreamName, EncryptionType: 'KMS', KeyId }));
  await refused(start('alias/none'), 'KMSNotFoundException');
  await start('alias/aws/kinesis');
  const found = await summary(StreamName);
  assert.deepEqual([found.EncryptionType, found.KeyId], ['KMS', 'alias/aws/kinesis']);
  assert.equal((await client.send(new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: bytes('x') }))).EncryptionType, 'KMS');
  const { KeyMetadata } = await cloud.client(KMSClient, { credentials: rootOf(home) }).send(new CreateKeyCommand({}));
  await start(KeyMetadata!.Arn!);
  assert.equal((await summary(StreamName)).KeyId, KeyMetadata!.Arn);
  await client.send(new StopStreamEncryptionCommand({ StreamName, EncryptionType: 'KMS', KeyId: KeyMetadata!.Arn! }));
  assert.equal((await summary(StreamName)).EncryptionType, 'NONE');
});

test('a policy lets another account in, until it is deleted', async () => {
  const ResourceARN = await makeStream(cloud, client, 'shared');
  const stranger = kinesisOf(cloud, { credentials: rootOf('999988887777') });
  const put = () => stranger.send(new PutRecordCommand({ StreamARN: ResourceARN, PartitionKey: 'k', Data: bytes('hello') }));
  await refused(put(), 'AccessDeniedException');
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '999988887777' }, Action: 'kinesis:PutRecord', Resource: ResourceARN }],
  });
  await refused(client.send(new GetResourcePolicyCommand({ ResourceARN })), 'ResourceNotFoundException');
  await client.send(new PutResourcePolicyCommand({ ResourceARN, Policy }));
  assert.equal((await client.send(new GetResourcePolicyCommand({ ResourceARN }))).Policy, Policy);
  await put();
  assert.deepEqual(textsOf(await read(client, 'shared')), ['hello']);
  await client.send(new DeleteResourcePolicyCommand({ ResourceARN }));
  await refused(put(), 'AccessDeniedException');
  await refused(client.send(new PutResourcePolicyCommand({ ResourceARN, Policy: '{' })), 'InvalidArgumentException');
});

test('tags are set by ARN', async () => {
  const ResourceARN = await makeStream(cloud, client, 'labelled');
  await client.send(new TagResourceCommand({ ResourceARN, Tags: { a: '1', b: '2' } }));
  await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a'] }));
  assert.deepEqual((await client.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags, [{ Key: 'b', Value: '2' }]);
});
