/** What queues, topics and delivery streams hold lies encrypted in the data directory, and opens again after a restart. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateDeliveryStreamCommand, FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand as PutStreamRecordCommand,
  PutRecordsCommand,
  StartStreamEncryptionCommand,
} from '@aws-sdk/client-kinesis';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud, type LiveCloud } from '../live-cloud.ts';

/** Files below a directory in which some text stands, in the clear. */
async function filesWith(directory: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (bytes.includes(text)) found.push(entry.name);
  }
  return found;
}

const secretOf = (what: string): string => `the-secret-of-${what}`;
/** A short one lies in its record, a long one in a blob. */
const bodies = (what: string): [string, string] => [secretOf(what), secretOf(what).padEnd(3_000, '.')];

async function queueWith(sqs: SQSClient, name: string, Attributes: Record<string, string>): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const [short, long] = bodies(name);
  const MessageAttributes = { of: { DataType: 'String', StringValue: `attribute-${secretOf(name)}` } };
  const inOrder = name.endsWith('.fifo') ? { MessageGroupId: 'g' } : {};
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: short, MessageAttributes, ...inOrder }));
  const Entries = [0, 1].map((n) => ({ Id: String(n), MessageBody: `${long}${n}`, ...inOrder }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  return QueueUrl;
}

async function received(cloud: LiveCloud, name: string): Promise<string[]> {
  const sqs = cloud.client(SQSClient);
  const QueueUrl = `${cloud.endpoint}/000000000000/${name}`;
  const all: string[] = [];
  for (let round = 0; round < 20 && all.length < 3; round++) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    for (const { Body = '', MessageAttributes } of Messages) {
      all.push(Body);
      if (Body === secretOf(name)) assert.equal(MessageAttributes!['of']!.StringValue, `attribute-${Body}`);
    }
  }
  return all.toSorted();
}

const sent = (name: string): string[] => {
  const [short, long] = bodies(name);
  return [short, `${long}0`, `${long}1`].toSorted();
};

test('of queues with encryption nothing lies in the clear, and after a restart all is received', async (t) => {
  const first = await startCloud();
  const sqs = first.client(SQSClient);
  const { KeyMetadata } = await first.client(KMSClient).send(new CreateKeyCommand({}));
  const KmsMasterKeyId = KeyMetadata!.KeyId!;
  await queueWith(sqs, 'open', { SqsManagedSseEnabled: 'false' });
  await queueWith(sqs, 'standard', {});
  await queueWith(sqs, 'standard.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  await queueWith(sqs, 'keyed', { KmsMasterKeyId });
  await first.close({ keep: true });
  assert.notDeepEqual(await filesWith(first.dataDirectory, secretOf('open')), [], 'a queue without encryption shows that the search finds');
  const names = ['standard', 'standard.fifo', 'keyed'];
  for (const name of names) assert.deepEqual(await filesWith(first.dataDirectory, secretOf(name)), [], name);

  const second = await startCloud({ dataDirectory: first.dataDirectory });
  t.after(() => second.close());
  for (const name of ['open', ...names]) assert.deepEqual(await received(second, name), sent(name), name);
});

test('a dead letter is read with the key of the queue that it came from, which may be gone', async (t) => {
  const cloud = await startCloud();
  t.after(() => cloud.close());
  const sqs = cloud.client(SQSClient);
  const kms = cloud.client(KMSClient);
  const key = async (): Promise<string> => (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
  const [own, ofDead] = [await key(), await key()];
  const { QueueUrl: dead } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead', Attributes: { KmsMasterKeyId: ofDead } }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead', maxReceiveCount: 1 });
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'living', Attributes: { KmsMasterKeyId: own, RedrivePolicy, VisibilityTimeout: '0' } }),
  );
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a letter' }));
  const receive = async (from: string | undefined) => (await sqs.send(new ReceiveMessageCommand({ QueueUrl: from }))).Messages ?? [];
  assert.equal((await receive(QueueUrl))[0]!.Body, 'a letter');
  assert.deepEqual(await receive(QueueUrl), []);
  await kms.send(new DisableKeyCommand({ KeyId: own }));
  await cloud.advance(301_000);
  await assert.rejects(receive(dead), { name: 'KmsDisabled' });
});

test('messages of a topic with a key and records of an encrypted delivery stream wait encrypted', async (t) => {
  const cloud = await startCloud();
  t.after(() => cloud.close());
  const { KeyMetadata } = await cloud.client(KMSClient).send(new CreateKeyCommand({}));
  const sns = cloud.client(SNSClient);
  for (const [name, key] of [
    ['plain', {}],
    ['keyed', { KmsMasterKeyId: KeyMetadata!.KeyId! }],
  ] as const) {
    const archived = { FifoTopic: 'true', ContentBasedDeduplication: 'true', ArchivePolicy: '{"MessageRetentionPeriod":"1"}' };
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: `${name}.fifo`, Attributes: { ...archived, ...key } }));
    await cloud.client(SQSClient).send(new CreateQueueCommand({ QueueName: `${name}.fifo`, Attributes: { FifoQueue: 'true' } }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: `arn:aws:sqs:us-east-1:000000000000:${name}.fifo` }));
    for (const Message of bodies(`topic-${name}`)) await sns.send(new PublishCommand({ TopicArn, Message, MessageGroupId: 'g' }));
  }
  await cloud.cloud.settled();
  assert.notDeepEqual(await filesWith(cloud.dataDirectory, secretOf('topic-plain')), []);
  assert.deepEqual(await filesWith(cloud.dataDirectory, secretOf('topic-keyed')), []);

  await cloud.client(S3Client).send(new CreateBucketCommand({ Bucket: 'delivered' }));
  const trust = { Effect: 'Allow', Principal: { Service: 'firehose.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: trust });
  const { Role } = await cloud.client(IAMClient).send(new CreateRoleCommand({ RoleName: 'firehose', AssumeRolePolicyDocument }));
  const firehose = cloud.client(FirehoseClient);
  for (const [name, encrypted] of [
    ['plain', {}],
    ['keyed', { DeliveryStreamEncryptionConfigurationInput: { KeyType: 'AWS_OWNED_CMK' } }],
  ] as const) {
    const S3DestinationConfiguration = { RoleARN: Role!.Arn!, BucketARN: 'arn:aws:s3:::delivered' };
    await firehose.send(new CreateDeliveryStreamCommand({ DeliveryStreamName: name, S3DestinationConfiguration, ...encrypted }));
    await cloud.cloud.settled();
    const Data = Buffer.from(secretOf(`stream-${name}`).padEnd(3_000, '.'));
    await firehose.send(new PutRecordCommand({ DeliveryStreamName: name, Record: { Data } }));
  }
  assert.notDeepEqual(await filesWith(cloud.dataDirectory, secretOf('stream-plain')), []);
  assert.deepEqual(await filesWith(cloud.dataDirectory, secretOf('stream-keyed')), []);
});

test('records of an encrypted stream lie encrypted, alone and spread over shards; older ones are read beside them', async (t) => {
  const first = await startCloud();
  const kinesis = first.client(KinesisClient);
  const [StreamName, ShardCount, padded] = ['stream', 8, 3_000];
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount }));
  await first.cloud.settled();
  const record = (text: string, n = 0) => ({ PartitionKey: `key-${n}`, Data: Buffer.from(text.padEnd(padded, '.')) });
  const many = (what: string) => Array.from({ length: 40 }, (_, n) => record(`${secretOf(what)}-${n}`, n));
  await kinesis.send(new PutStreamRecordCommand({ StreamName, ...record(secretOf('clear')) }));
  await kinesis.send(new StartStreamEncryptionCommand({ StreamName, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }));
  await first.cloud.settled();
  const { EncryptionType } = await kinesis.send(new PutStreamRecordCommand({ StreamName, ...record(secretOf('alone')) }));
  assert.equal(EncryptionType, 'KMS');
  await kinesis.send(new PutRecordsCommand({ StreamName, Records: many('spread') }));
  await first.close({ keep: true });
  assert.notDeepEqual(await filesWith(first.dataDirectory, secretOf('clear')), []);
  for (const what of ['alone', 'spread']) assert.deepEqual(await filesWith(first.dataDirectory, secretOf(what)), [], what);

  const second = await startCloud({ dataDirectory: first.dataDirectory });
  t.after(() => second.close());
  const reader = second.client(KinesisClient);
  const found: string[] = [];
  for (let shard = 0; shard < ShardCount; shard++) {
    const ShardId = `shardId-${String(shard).padStart(12, '0')}`;
    const begin = new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
    const { ShardIterator } = await reader.send(begin);
    const { Records = [] } = await reader.send(new GetRecordsCommand({ ShardIterator }));
    found.push(...Records.map(({ Data }) => Buffer.from(Data!).toString().replace(/\.+$/, '')));
  }
  const wanted = [secretOf('clear'), secretOf('alone'), ...Array.from({ length: 40 }, (_, n) => `${secretOf('spread')}-${n}`)];
  assert.deepEqual(found.toSorted(), wanted.toSorted());
});
