/** FIFO queues and topics take what the machine does, unless their tag asks for AWS's quotas. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateTopicCommand, PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud, type LiveCloud } from '../live-cloud.ts';

let cloud: LiveCloud;
let sqs: SQSClient;
before(async () => {
  cloud = await startCloud();
  sqs = cloud.client(SQSClient, { maxAttempts: 1 });
});
after(() => cloud.close());

const quotas = { 'haneul:quotas': 'enforced' };
const perSecond = 300;

async function queue(name: string, tags: Record<string, string>, more: Record<string, string> = {}): Promise<string> {
  const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true', ...more };
  return (await sqs.send(new CreateQueueCommand({ QueueName: `${name}.fifo`, Attributes, tags }))).QueueUrl!;
}
let bodies = 0;
const send = (QueueUrl: string, MessageGroupId = 'g') =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageGroupId, MessageBody: `body ${bodies++}` }));
const batch = (QueueUrl: string, groups: readonly string[]) =>
  sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: groups.map((MessageGroupId, i) => ({ Id: String(i), MessageGroupId, MessageBody: `body ${bodies++}` })),
    }),
  );
const throttled = { name: 'RequestThrottled' };
async function times(count: number, call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += 50) await Promise.all(Array.from({ length: Math.min(50, count - i) }, call));
}

test('without the tag nothing is turned away', async () => {
  const url = await queue('free', {});
  await times(perSecond + 50, () => send(url));
});

test('of each action a queue takes 300 calls a second, a batch being one of them', async () => {
  const url = await queue('held', quotas);
  await times(perSecond - 10, () => send(url));
  await times(10, () => batch(url, ['a', 'b', 'c']));
  await assert.rejects(send(url), throttled);
  await assert.rejects(batch(url, ['a']), throttled);
  await times(perSecond, () => sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 0 })));
  await assert.rejects(sqs.send(new ReceiveMessageCommand({ QueueUrl: url })), throttled);
  await cloud.advance(1_000);
  await send(url);
});

test('in high-throughput mode each message group has its own 300', async () => {
  const url = await queue('high', quotas, { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' });
  await times(perSecond, () => send(url, 'one'));
  await assert.rejects(send(url, 'one'), throttled);
  await assert.rejects(batch(url, ['one', 'two']), throttled);
  await times(perSecond, () => send(url, 'two'));
  await assert.rejects(send(url, 'two'), throttled);
});

test('a topic takes 300 messages a second of a group, and of any without high throughput 3,000', async () => {
  const sns = cloud.client(SNSClient, { maxAttempts: 1 });
  const Tags = [{ Key: 'haneul:quotas', Value: 'enforced' }];
  const Attributes = { FifoTopic: 'true', ContentBasedDeduplication: 'true' };
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'held.fifo', Attributes, Tags }));
  const publish = (MessageGroupId: string) => sns.send(new PublishCommand({ TopicArn, MessageGroupId, Message: `news ${bodies++}` }));
  const publishTen = (group: string) =>
    sns.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: Array.from({ length: 10 }, (_, i) => ({
          Id: String(i),
          MessageGroupId: group,
          Message: `news ${bodies++}`,
        })),
      }),
    );
  for (let group = 0; group < 9; group++) await times(30, () => publishTen(`g${group}`));
  await assert.rejects(publish('g0'), { name: 'ThrottledException' });
  await times(perSecond, () => publish('g9'));
  await assert.rejects(publish('g10'), { name: 'ThrottledException' });
  await cloud.advance(1_000);
  await publish('g10');
});
