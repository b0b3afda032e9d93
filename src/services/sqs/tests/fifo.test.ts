/** FIFO queues: order in groups, one batch of a group in flight, deduplication, receive attempts. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type Message,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let sqs: SQSClient;
before(async () => {
  cloud = await startCloud();
  sqs = cloud.client(SQSClient);
});
after(() => cloud.close());

let made = 0;
const queue = async (attributes: Record<string, string> = {}): Promise<string> => {
  const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true', VisibilityTimeout: '30', ...attributes };
  return (await sqs.send(new CreateQueueCommand({ QueueName: `q-${made++}.fifo`, Attributes }))).QueueUrl!;
};
const send = (url: string, group: string, body: string, id?: string) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: url,
      MessageBody: body,
      MessageGroupId: group,
      ...(id !== undefined && { MessageDeduplicationId: id }),
    }),
  );
const receive = async (url: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const bodies = (messages: Message[]): string[] => messages.map((message) => message.Body!);
const remove = (url: string, message: Message) =>
  sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle! }));
const hide = (url: string, message: Message, seconds: number) =>
  sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle!, VisibilityTimeout: seconds }));

test('groups keep their order, and a group waits while its messages are in flight', async () => {
  const url = await queue();
  for (const [group, body] of [
    ['a', 'a1'],
    ['b', 'b1'],
    ['a', 'a2'],
    ['b', 'b2'],
    ['a', 'a3'],
  ] as const)
    await send(url, group, body);
  const first = await receive(url, { MaxNumberOfMessages: 2, MessageSystemAttributeNames: ['All'] });
  assert.deepEqual(bodies(first), ['a1', 'a2']);
  const [low, high] = first.map((message) => BigInt(message.Attributes!.SequenceNumber!));
  assert.ok(low! < high!);
  assert.equal(first[0]?.Attributes?.MessageGroupId, 'a');
  assert.equal(first[0]?.Attributes?.MessageDeduplicationId?.length, 64);
  const second = await receive(url);
  assert.deepEqual(bodies(second), ['b1', 'b2']);
  assert.deepEqual(await receive(url), []);
  await remove(url, first[0]!);
  assert.deepEqual(await receive(url), [], 'a2 is still in flight');
  await remove(url, first[1]!);
  assert.deepEqual(bodies(await receive(url)), ['a3']);
  await cloud.advance(30_000);
  assert.deepEqual(bodies(await receive(url)), ['b1', 'b2', 'a3']);
});

test('a message that is given back comes first, and what follows it waits for those still in flight', async () => {
  const url = await queue();
  for (const body of ['1', '2', '3']) await send(url, 'g', body);
  const [one, two] = await receive(url);
  await hide(url, two!, 0);
  assert.deepEqual(await receive(url), [], 'the first is in flight');
  await hide(url, one!, 0);
  assert.deepEqual(bodies(await receive(url)), ['1', '2'], 'the third is in flight');
});

test('the same deduplication id within five minutes makes no second message', async () => {
  const url = await queue();
  const first = await send(url, 'g', 'x', 'id');
  const again = await send(url, 'other', 'y', 'id');
  assert.deepEqual([again.MessageId, again.SequenceNumber], [first.MessageId, first.SequenceNumber]);
  const [message] = await receive(url);
  await remove(url, message!);
  await send(url, 'g', 'x', 'id');
  assert.deepEqual(await receive(url), [], 'also after it was deleted');
  await cloud.advance(300_000);
  const later = await send(url, 'g', 'x', 'id');
  assert.notEqual(later.MessageId, first.MessageId);
  assert.deepEqual(bodies(await receive(url)), ['x']);
});

test('in high throughput queues ids are told apart by group', async () => {
  const url = await queue({ DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' });
  await send(url, 'a', 'same');
  await send(url, 'b', 'same');
  await send(url, 'a', 'same');
  assert.equal((await receive(url)).length, 2);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  assert.equal(Attributes?.['FifoThroughputLimit'], 'perMessageGroupId');
});

test('a receive that is asked for again gives the same messages with the same handles', async () => {
  const url = await queue();
  await send(url, 'g', '1');
  await send(url, 'h', '2');
  const first = await receive(url, { ReceiveRequestAttemptId: 'try', MaxNumberOfMessages: 1 });
  const again = await receive(url, { ReceiveRequestAttemptId: 'try', MaxNumberOfMessages: 1 });
  assert.deepEqual(
    again.map((message) => message.ReceiptHandle),
    first.map((message) => message.ReceiptHandle),
  );
  assert.deepEqual(bodies(await receive(url, { ReceiveRequestAttemptId: 'other' })), ['2']);
});

test('handles that ran out are refused', async () => {
  const url = await queue();
  await send(url, 'g', '1');
  const [message] = await receive(url);
  await cloud.advance(30_000);
  await assert.rejects(remove(url, message!), /for parameter ReceiptHandle is invalid\. Reason: The receipt handle has expired\.$/);
});

test('a waiting poll is woken when the group is free again', async () => {
  const url = await queue();
  await send(url, 'g', '1');
  await send(url, 'g', '2');
  const [one] = await receive(url, { MaxNumberOfMessages: 1 });
  const poll = receive(url, { WaitTimeSeconds: 20 });
  await remove(url, one!);
  assert.deepEqual(bodies(await poll), ['2']);
});

test('what FIFO queues need is asked for', async () => {
  const url = await queue({ ContentBasedDeduplication: 'false' });
  await assert.rejects(sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' })), {
    message: 'The request must contain the parameter MessageGroupId.',
  });
  await assert.rejects(send(url, 'g', 'x'), /either have ContentBasedDeduplication enabled or MessageDeduplicationId provided/);
  await assert.rejects(send(url, 'g g', 'x', 'id'), /MessageGroupId can only include alphanumeric and punctuation characters/);
  const entry = { Id: '1', MessageBody: 'x', MessageGroupId: 'g' };
  await assert.rejects(sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [entry] })), /MessageDeduplicationId provided/);
  await assert.rejects(sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { FifoQueue: 'false' } })), {
    message: 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
  });
});

test('a purged queue has forgotten its deduplication ids', async () => {
  const url = await queue();
  await send(url, 'g', 'before', 'same');
  await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
  await send(url, 'g', 'after', 'same');
  await send(url, 'g', 'again', 'same');
  assert.deepEqual(bodies(await receive(url)), ['after']);
});

test('a delay of zero leaves a message of a FIFO queue that of the queue', async () => {
  const url = await queue({ DelaySeconds: '10' });
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: '1', MessageGroupId: 'g', DelaySeconds: 0 }));
  assert.deepEqual(bodies(await receive(url)), []);
  await cloud.advance(10_000);
  assert.deepEqual(bodies(await receive(url)), ['1']);
});

test('the delay of a FIFO queue holds back each message', async () => {
  const url = await queue({ DelaySeconds: '10' });
  await send(url, 'g', '1');
  await cloud.advance(5_000);
  await send(url, 'g', '2');
  await cloud.advance(5_000);
  assert.deepEqual(bodies(await receive(url)), ['1']);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  assert.equal(Attributes?.['ApproximateNumberOfMessagesDelayed'], '1');
  assert.equal(Attributes?.['ApproximateNumberOfMessagesNotVisible'], '1');
});
