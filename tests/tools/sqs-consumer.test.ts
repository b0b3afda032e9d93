/** sqs-consumer, the library that services in Node.js take their work with: handled, failed, handed on to dead letters, in order. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { startCloud, type LiveCloud } from '../live-cloud.ts';

let cloud: LiveCloud;
let sqs: SQSClient;
before(async () => {
  cloud = await startCloud();
  sqs = cloud.client(SQSClient);
});
after(() => cloud.close());

const queue = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> =>
  (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;

/** Lets a consumer work until one of its events has come and `done` holds. */
async function consume(options: Parameters<typeof Consumer.create>[0], event: 'empty' | 'response_processed', done: () => boolean) {
  const consumer = Consumer.create({ ...options, sqs });
  const failed = once(consumer, 'error').then(([error]) => Promise.reject(error as Error));
  consumer.start();
  do await Promise.race([once(consumer, event), failed]);
  while (!done());
  const stopped = once(consumer, 'stopped');
  consumer.stop({ abort: true });
  await stopped;
}

test('each message is handled once; one that always fails ends with the dead letters', async () => {
  const dead = await queue('dead');
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes!['QueueArn'], maxReceiveCount: 2 });
  const queueUrl = await queue('jobs', { RedrivePolicy });
  for (const ten of [0, 10])
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: Array.from({ length: 10 }, (_, i) => ({
          ...{ Id: `m${i}`, MessageBody: String(ten + i) },
          MessageAttributes: { even: { DataType: 'String', StringValue: String(i % 2 === 0) } },
        })),
      }),
    );
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'broken' }));
  const handled: string[] = [];
  const failed: string[] = [];
  const handleMessage = async (message: Message): Promise<Message> => {
    const { Body, MessageAttributes, Attributes: system } = message;
    if (Body === 'broken') {
      failed.push(system!.ApproximateReceiveCount!);
      throw new Error('cannot be handled');
    }
    assert.equal(MessageAttributes!['even']!.StringValue, String(Number(Body) % 2 === 0));
    handled.push(Body!);
    return message;
  };
  const options = { batchSize: 10, waitTimeSeconds: 0, messageAttributeNames: ['All'], attributeNames: ['All' as const] };
  await consume({ ...options, queueUrl, handleMessage, terminateVisibilityTimeout: true }, 'empty', () => failed.length === 2);
  assert.deepEqual(
    handled.map(Number).sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i),
  );
  assert.deepEqual(failed, ['1', '2']);
  assert.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }))).Messages, undefined);
  assert.deepEqual(
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead }))).Messages!.map(({ Body }) => Body),
    ['broken'],
  );
});

test('batches are handled together, and a FIFO queue in its order', async () => {
  const queueUrl = await queue('ordered.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  for (let i = 0; i < 12; i++) await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: String(i), MessageGroupId: 'g' }));
  const handled: number[] = [];
  const handleMessageBatch = async (messages: Message[]): Promise<Message[]> => {
    handled.push(...messages.map(({ Body }) => Number(Body)));
    return messages;
  };
  await consume(
    { queueUrl, suppressFifoWarning: true, batchSize: 5, waitTimeSeconds: 1, handleMessageBatch },
    'response_processed',
    () => handled.length === 12,
  );
  assert.deepEqual(
    handled,
    Array.from({ length: 12 }, (_, i) => i),
  );
});
