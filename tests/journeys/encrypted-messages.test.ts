/** Queues and topics with a KMS key of a customer: who may not use the key may not send, receive or publish. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { CreateTopicCommand, GetTopicAttributesCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { messageKeys } from '../../src/services/sqs/tables.ts';
import { allowedUser } from '../allowed-user.ts';
import { startCloud, type LiveCloud } from '../live-cloud.ts';

let cloud: LiveCloud;
let kms: KMSClient;
let sqs: SQSClient;
let KeyId: string;
before(async () => {
  cloud = await startCloud();
  kms = cloud.client(KMSClient);
  sqs = cloud.client(SQSClient);
  KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
});
after(() => cloud.close());

const user = (name: string, ...actions: string[]) => allowedUser(cloud, name, ...actions);
const queue = async (QueueName: string, Attributes: Record<string, string> = { KmsMasterKeyId: KeyId }): Promise<string> =>
  (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
const send = (QueueUrl: string, client = sqs) => client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
const receive = async (QueueUrl: string, client = sqs) =>
  ((await client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }))).Messages ?? []).map(({ Body }) => Body);

test('senders need kms:GenerateDataKey and kms:Decrypt, receivers kms:Decrypt', async () => {
  const url = await queue('sealed');
  const stranger = cloud.client(SQSClient, await user('without', 'sqs:*'));
  await assert.rejects(send(url, stranger), { name: 'KmsAccessDenied' });
  const half = cloud.client(SQSClient, await user('half', 'sqs:*', 'kms:GenerateDataKey'));
  await assert.rejects(send(url, half), { name: 'KmsAccessDenied' });
  const sender = cloud.client(SQSClient, await user('sender', 'sqs:*', 'kms:GenerateDataKey', 'kms:Decrypt'));
  await send(url, sender);
  await assert.rejects(receive(url, stranger), { name: 'KmsAccessDenied' });
  const reader = cloud.client(SQSClient, await user('reader', 'sqs:*', 'kms:Decrypt'));
  assert.deepEqual(await receive(url, reader), ['hello']);
  assert.deepEqual(await receive(url), ['hello']);
});

test('a key that is disabled or unknown stops the queue, once its data key has served its time', async () => {
  const url = await queue('stopped', { KmsMasterKeyId: KeyId, KmsDataKeyReusePeriodSeconds: '60' });
  await send(url);
  await kms.send(new DisableKeyCommand({ KeyId }));
  await send(url);
  await cloud.advance(61_000);
  await assert.rejects(send(url), { name: 'KmsDisabled' });
  await assert.rejects(receive(url), { name: 'KmsDisabled' });
  await kms.send(new EnableKeyCommand({ KeyId }));
  assert.deepEqual(await receive(url), ['hello']);
  const unknown = await queue('unknown', { KmsMasterKeyId: 'alias/nothing' });
  await assert.rejects(send(unknown), { name: 'KmsNotFound' });
});

test('the key that AWS keeps serves everyone of the account who may use the queue', async () => {
  const url = await queue('managed', { KmsMasterKeyId: 'alias/aws/sqs' });
  const anyone = cloud.client(SQSClient, await user('anyone', 'sqs:*'));
  await send(url, anyone);
  assert.deepEqual(await receive(url, anyone), ['hello']);
});

test('a topic with a key takes from those who may use it, and SNS needs the key of an encrypted queue', async () => {
  const sns = cloud.client(SNSClient);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'sealed', Attributes: { KmsMasterKeyId: KeyId } }));
  assert.equal((await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes!['KmsMasterKeyId'], KeyId);
  const publish = (client = sns) => client.send(new PublishCommand({ TopicArn, Message: 'news' }));
  const stranger = cloud.client(SNSClient, await user('publisher', 'sns:*'));
  await assert.rejects(publish(stranger), { name: 'KMSAccessDeniedException' });
  const Statement = { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const url = await queue('from-topic', { Policy, KmsMasterKeyId: KeyId });
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
  const subscribe = { TopicArn, Protocol: 'sqs', Endpoint: Attributes!['QueueArn'], Attributes: { RawMessageDelivery: 'true' } };
  await sns.send(new SubscribeCommand(subscribe));
  await publish();
  await cloud.cloud.settled();
  assert.deepEqual(await receive(url), []);
  const root = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'kms:*', Resource: '*' };
  const service = { ...root, Principal: { Service: 'sns.amazonaws.com' }, Action: ['kms:GenerateDataKey*', 'kms:Decrypt'] };
  const open = JSON.stringify({ Version: '2012-10-17', Statement: [root, service] });
  await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: open }));
  await publish();
  await cloud.cloud.settled();
  assert.deepEqual(await receive(url), ['news']);
});

test('data keys go a retention after the last message that came under them into any queue, dead letters too', async () => {
  const day = 86_400_000;
  const first = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
  const keys = async () => (await cloud.cloud.store.read((tx) => messageKeys.scan(tx))).filter(({ row }) => row.keyArn === first).length;
  const dead = await queue('grave', { KmsMasterKeyId: KeyId, MessageRetentionPeriod: '1209600' });
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes!['QueueArn'], maxReceiveCount: 1 });
  const url = await queue('dying', { KmsMasterKeyId: first, RedrivePolicy, MessageRetentionPeriod: '1209600' });
  await send(url);
  assert.equal(await keys(), 1);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { KmsMasterKeyId: KeyId } }));
  await send(url);
  await cloud.advance(2 * day);
  for (let tries = 0; tries < 3; tries++) await receive(url);
  assert.deepEqual(await receive(dead), ['hello']);
  await cloud.advance(13 * day);
  assert.equal(await keys(), 1);
  await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  await cloud.advance(2 * day);
  assert.equal(await keys(), 0);
});
