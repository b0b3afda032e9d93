/** Messages of standard queues: send, receive, delete, visibility, delay, retention, long polls. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
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
const queue = async (attributes: Record<string, string> = {}): Promise<string> =>
  (await sqs.send(new CreateQueueCommand({ QueueName: `q-${made++}`, Attributes: attributes }))).QueueUrl!;
const send = (url: string, body: string, more = {}) => sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body, ...more }));
const receive = async (url: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const bodies = (messages: Message[]): string[] => messages.map((message) => message.Body!);
const counts = async (url: string): Promise<number[]> => {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'] as const;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] }));
  return names.map((name) => Number(Attributes![name]));
};

test('a message is sent, received with its MD5s (which the SDK checks) and attributes, and deleted', async () => {
  const url = await queue();
  const attributes = {
    kind: { DataType: 'String', StringValue: 'größe' },
    'n.1': { DataType: 'Number.int', StringValue: '42' },
    raw: { DataType: 'Binary', BinaryValue: Buffer.from([0, 1, 255]) },
  };
  const trace = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' } };
  const sent = await send(url, 'hello', { MessageAttributes: attributes, MessageSystemAttributes: trace });
  assert.equal(sent.MD5OfMessageBody, createHash('md5').update('hello').digest('hex'));
  assert.match(sent.MD5OfMessageSystemAttributes!, /^[0-9a-f]{32}$/);
  assert.deepEqual(await counts(url), [1, 0, 0]);
  const [message] = await receive(url, { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] });
  assert.equal(message?.MessageId, sent.MessageId);
  assert.equal(message?.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
  assert.deepEqual(message?.MessageAttributes?.['n.1'], { DataType: 'Number.int', StringValue: '42' });
  assert.deepEqual(Buffer.from(message!.MessageAttributes!['raw']!.BinaryValue!), Buffer.from([0, 1, 255]));
  const now = String(cloud.cloud.clock.now());
  assert.deepEqual(message?.Attributes, {
    SenderId: '000000000000',
    SentTimestamp: now,
    ApproximateReceiveCount: '1',
    ApproximateFirstReceiveTimestamp: now,
    AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
  });
  assert.deepEqual(await counts(url), [0, 1, 0]);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message!.ReceiptHandle! }));
  assert.deepEqual(await counts(url), [0, 0, 0]);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message!.ReceiptHandle! }));
  await assert.rejects(sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: 'junk' })), {
    name: 'ReceiptHandleIsInvalid',
    message: 'The input receipt handle "junk" is not a valid receipt handle.',
  });
});

test('attributes are answered only when asked for, by name or by prefix', async () => {
  const url = await queue({ VisibilityTimeout: '0' });
  const text = (value: string) => ({ DataType: 'String', StringValue: value });
  await send(url, 'm', { MessageAttributes: { 'a.x': text('1'), 'a.y': text('2'), b: text('3') } });
  assert.equal((await receive(url))[0]?.MessageAttributes, undefined);
  const names = async (...asked: string[]) =>
    Object.keys((await receive(url, { MessageAttributeNames: asked }))[0]?.MessageAttributes ?? {});
  assert.deepEqual(await names('a.*'), ['a.x', 'a.y']);
  assert.deepEqual(await names('b', 'c'), ['b']);
  assert.deepEqual(await names('.*'), ['a.x', 'a.y', 'b']);
});

test('a megabyte goes through whole, and one byte more does not', async () => {
  const url = await queue();
  const big = 'x'.repeat(1_048_576);
  await send(url, big);
  assert.equal((await receive(url))[0]?.Body, big);
  await assert.rejects(send(url, `${big}x`), {
    name: 'InvalidParameterValue',
    message: 'One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.',
  });
});

test('what is wrong with a message is said as AWS says it', async () => {
  const url = await queue();
  await assert.rejects(send(url, ''), { message: 'The request must contain the parameter MessageBody.' });
  await assert.rejects(send(url, 'a\u0001'), { name: 'InvalidMessageContents' });
  await assert.rejects(send(url, 'a', { MessageAttributes: { E: { DataType: 'String', StringValue: '' } } }), {
    message: "Message (user) attribute 'E' must contain a non-empty value of type 'String'.",
  });
  await assert.rejects(receive(url, { MaxNumberOfMessages: 11 }), {
    message: 'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
  });
  await assert.rejects(receive(url, { WaitTimeSeconds: 21 }), /Must be >= 0 and <= 20, if provided\./);
});

test('a received message comes back when its visibility timeout ends, with a new handle', async () => {
  const url = await queue({ VisibilityTimeout: '10' });
  await send(url, 'm');
  const [first] = await receive(url);
  assert.equal((await receive(url)).length, 0);
  await cloud.advance(9_999);
  assert.equal((await receive(url)).length, 0);
  await cloud.advance(1);
  const [second] = await receive(url, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
  assert.equal(second?.Attributes?.ApproximateReceiveCount, '2');
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first!.ReceiptHandle! }));
  assert.deepEqual(await counts(url), [0, 0, 0], 'the handle of an earlier receive deletes too');
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: second!.ReceiptHandle! }));
  assert.deepEqual(await counts(url), [0, 0, 0]);
});

test('the handle of an earlier receive gives a message back', async () => {
  const url = await queue();
  await send(url, 'm');
  const [first] = await receive(url, { VisibilityTimeout: 0 });
  assert.equal((await receive(url, { VisibilityTimeout: 10 })).length, 1);
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: first!.ReceiptHandle!, VisibilityTimeout: 0 }));
  assert.equal((await receive(url)).length, 1);
});

test('visibility is extended, ended at once, and left alone by handles that ran out', async () => {
  const url = await queue({ VisibilityTimeout: '10' });
  await send(url, 'm');
  const change = (handle: string, seconds: number) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: seconds }));
  const [first] = await receive(url);
  await change(first!.ReceiptHandle!, 60);
  await cloud.advance(59_000);
  assert.equal((await receive(url)).length, 0);
  await change(first!.ReceiptHandle!, 0);
  assert.deepEqual(await counts(url), [1, 0, 0]);
  const [second] = await receive(url);
  await cloud.advance(10_000);
  await change(second!.ReceiptHandle!, 100);
  const [third] = await receive(url);
  assert.equal(third?.Body, 'm');
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: third!.ReceiptHandle! }));
  await assert.rejects(
    change(third!.ReceiptHandle!, 5),
    /Reason: Message does not exist or is not available for visibility timeout change\.$/,
  );
  await assert.rejects(change(third!.ReceiptHandle!, 43_201), /VisibilityTimeout must be an integer between 0 and 43200|is invalid/);
});

test('delays hide a message until their time has come', async () => {
  const url = await queue({ DelaySeconds: '5' });
  await send(url, 'by the queue');
  await send(url, 'by itself', { DelaySeconds: 20 });
  await send(url, 'at once', { DelaySeconds: 0 });
  assert.deepEqual(await counts(url), [1, 0, 2]);
  assert.deepEqual(bodies(await receive(url)), ['at once']);
  await cloud.advance(5_000);
  assert.deepEqual(bodies(await receive(url)), ['by the queue']);
  await cloud.advance(15_000);
  assert.deepEqual(bodies(await receive(url)), ['by itself']);
});

test('messages are forgotten after the retention period, wherever they are', async () => {
  const url = await queue({ MessageRetentionPeriod: '60' });
  await send(url, 'small');
  await send(url, 'large'.repeat(1000));
  await receive(url, { MaxNumberOfMessages: 1 });
  await cloud.advance(30_000);
  await send(url, 'younger');
  await cloud.advance(30_000);
  assert.deepEqual(await counts(url), [1, 0, 0]);
  assert.deepEqual(bodies(await receive(url)), ['younger']);
});

test('a batch succeeds and fails entry by entry', async () => {
  const url = await queue({ MaximumMessageSize: '1024' });
  const sent = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: [
        { Id: 'a', MessageBody: 'first' },
        { Id: 'b', MessageBody: 'x'.repeat(1025) },
        { Id: 'c', MessageBody: 'third' },
      ],
    }),
  );
  assert.deepEqual(
    sent.Successful?.map(({ Id }) => Id),
    ['a', 'c'],
  );
  assert.deepEqual(
    sent.Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault]),
    [['b', 'InvalidParameterValue', true]],
  );
  const messages = await receive(url);
  assert.deepEqual(bodies(messages), ['first', 'third']);
  const changed = await sqs.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl: url,
      Entries: [{ Id: '0', ReceiptHandle: messages[0]!.ReceiptHandle!, VisibilityTimeout: 0 }],
    }),
  );
  assert.deepEqual(changed.Successful, [{ Id: '0' }]);
  const gone = await sqs.send(
    new DeleteMessageBatchCommand({
      QueueUrl: url,
      Entries: [
        { Id: '0', ReceiptHandle: messages[0]!.ReceiptHandle! },
        { Id: '1', ReceiptHandle: 'junk' },
        { Id: '2', ReceiptHandle: messages[1]!.ReceiptHandle! },
      ],
    }),
  );
  assert.deepEqual(gone.Successful, [{ Id: '0' }, { Id: '2' }]);
  assert.deepEqual(
    gone.Failed?.map(({ Id, Code }) => [Id, Code]),
    [['1', 'ReceiptHandleIsInvalid']],
  );
  assert.deepEqual(await counts(url), [0, 0, 0]);
});

test('batches as a whole are refused for their form', async () => {
  const url = await queue();
  const batch = (...entries: { Id: string; MessageBody: string }[]) =>
    sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }));
  const entry = (id: string, body = 'x') => ({ Id: id, MessageBody: body });
  await assert.rejects(batch(), { name: 'EmptyBatchRequest' });
  await assert.rejects(batch(...Array.from({ length: 11 }, (_, i) => entry(String(i)))), {
    name: 'TooManyEntriesInBatchRequest',
    message: 'Maximum number of entries per request are 10. You have sent 11.',
  });
  await assert.rejects(batch(entry('a'), entry('a')), { name: 'BatchEntryIdsNotDistinct' });
  await assert.rejects(batch(entry('a b')), { name: 'InvalidBatchEntryId' });
  await assert.rejects(batch(entry('a', 'x'.repeat(600_000)), entry('b', 'x'.repeat(600_000))), {
    name: 'BatchRequestTooLong',
    message: 'Batch requests cannot be longer than 1048576 bytes. You have sent 1200000 bytes.',
  });
});

test('a long poll is woken by a message, by the end of a delay and by its own end', async () => {
  const url = await queue();
  const poll = receive(url, { WaitTimeSeconds: 20 });
  const other = receive(url, { WaitTimeSeconds: 20 });
  await send(url, 'wake up');
  assert.deepEqual(bodies(await Promise.race([poll, other])), ['wake up']);
  await send(url, 'the other');
  assert.deepEqual([...bodies(await poll), ...bodies(await other)].sort(), ['the other', 'wake up']);
  await send(url, 'later', { DelaySeconds: 3 });
  const delayed = receive(url, { WaitTimeSeconds: 20 });
  await waitingFor(url);
  await cloud.advance(3_000);
  assert.deepEqual(bodies(await delayed), ['later']);
  const vain = receive(url, { WaitTimeSeconds: 2 });
  await waitingFor(url);
  await cloud.advance(2_000);
  assert.deepEqual(await vain, []);
});

test('a long poll outlives a purge of its queue', async () => {
  const url = await queue();
  const poll = receive(url, { WaitTimeSeconds: 20 });
  await waitingFor(url);
  await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
  await send(url, 'after the purge');
  assert.deepEqual(bodies(await poll), ['after the purge']);
});

/** A request sent afterwards on the same cloud has been answered: the poll before it waits. */
async function waitingFor(url: string): Promise<void> {
  for (let i = 0; i < 5; i++) await counts(url);
}

test('messages survive a restart', async () => {
  const own = await startCloud();
  const client = own.client(SQSClient);
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'durable' }));
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'small' }));
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'large'.repeat(1000) }));
  await own.close({ keep: true });
  const again = await startCloud({ dataDirectory: own.dataDirectory });
  const { Messages } = await again
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl: `${again.endpoint}/000000000000/durable`, MaxNumberOfMessages: 10 }));
  assert.deepEqual(
    Messages?.map(({ Body }) => Body?.length),
    [5, 5000],
  );
  await again.close();
});

test('large messages of one batch are received and deleted each on its own', async () => {
  const url = await queue();
  const sizes = [10, 900, 1_500, 9_000, 12_000, 600, 40_000, 700, 5, 3_000];
  const texts = sizes.map((size, i) => `${i} ${'é'.repeat(size)}`);
  const color = (i: number) => ({ color: { DataType: 'String', StringValue: `shade ${i}` } });
  const Entries = texts.map((MessageBody, i) => ({ Id: String(i), MessageBody, ...(i % 2 === 1 && { MessageAttributes: color(i) }) }));
  const { Successful = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  assert.equal(Successful.length, texts.length);
  const left = new Map(texts.map((text, i) => [text, i]));
  while (left.size > 0) {
    const page = await receive(url, { MaxNumberOfMessages: 3, MessageAttributeNames: ['All'] });
    assert.ok(page.length > 0);
    for (const { Body, ReceiptHandle, MessageAttributes } of page) {
      const i = left.get(Body!)!;
      assert.equal(MessageAttributes?.['color']?.StringValue, i % 2 === 1 ? `shade ${i}` : undefined);
      left.delete(Body!);
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    }
  }
  assert.deepEqual(await counts(url), [0, 0, 0]);
});

test('the trace of a call goes with its message, unless the message has one of its own', async () => {
  const url = (await sqs.send(new CreateQueueCommand({ QueueName: 'traced' }))).QueueUrl!;
  const traced = cloud.client(SQSClient);
  traced.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['X-Amzn-Trace-Id'] = 'Root=1-a;Sampled=1';
      return next(args);
    },
    { step: 'build' },
  );
  const own = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-b' } };
  await traced.send(new SendMessageCommand({ QueueUrl: url, MessageBody: '1' }));
  await traced.send(new SendMessageCommand({ QueueUrl: url, MessageBody: '2', MessageSystemAttributes: own }));
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['AWSTraceHeader'] }),
  );
  assert.deepEqual(Messages?.map((one) => one.Attributes?.AWSTraceHeader).sort(), ['Root=1-a;Sampled=1', 'Root=1-b']);
});

test('a batch is measured with its invalid entries, and attributes may be named in any script', async () => {
  const url = (await sqs.send(new CreateQueueCommand({ QueueName: 'measured', Attributes: { MaximumMessageSize: '1024' } }))).QueueUrl!;
  const batch = (body: string) => sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [{ Id: '1', MessageBody: body }] }));
  assert.equal(
    (await batch('x'.repeat(1025))).Failed?.[0]?.Message,
    'One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.',
  );
  await assert.rejects(batch('x'.repeat(1_048_577)), { name: 'BatchRequestTooLong', message: /You have sent 1048577 bytes/ });
  const MessageAttributes = { 'größe.1': { DataType: 'String', StringValue: 'x' } };
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', MessageAttributes }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MessageAttributeNames: ['*'] }));
  assert.equal(Messages?.[0]?.MessageAttributes?.['größe.1']?.StringValue, 'x');
});
