/** Queues that an older release wrote: it kept every message in a row of its own, with the names of all members. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { encodeKey } from '../../../store/keys.ts';
import { openStore } from '../../../store/open-store.ts';
import { table } from '../../../store/table.ts';
import { dues, messages, type Due, type Message } from '../tables.ts';

const oldMessages = table<Message>('sqs/messages', { key: (message) => [message.pile, message.place] });
const oldDues = table<Due>('sqs/dues', { key: (due) => [due.pile, due.at, due.place] });

/** Puts a data directory back to what the release before packed rows left. */
async function writeAsBefore(dataDirectory: string): Promise<void> {
  const store = await openStore({ dataDirectory });
  try {
    await store.write(async (tx) => {
      for (const { row } of await messages.scan(tx)) await oldMessages.put(tx, row);
      for (const { row } of await dues.scan(tx)) {
        const { message, ...due } = row;
        if (message) await oldMessages.put(tx, message);
        await oldDues.put(tx, due);
      }
      for (const name of ['sqs/messages', 'sqs/dues']) await tx.delete(encodeKey('table-version', name));
    });
  } finally {
    await store.close();
  }
}

test('messages that an older release stored are counted, received once each and deleted, also by a handle of then', async (context) => {
  const first = await startCloud();
  const before = first.client(SQSClient);
  const { QueueUrl: path = '' } = await before.send(new CreateQueueCommand({ QueueName: 'old' }));
  const attributes = { color: { DataType: 'String', StringValue: 'blue' } };
  for (const MessageBody of ['taken', 'waiting', 'x'.repeat(2_000)])
    await before.send(new SendMessageCommand({ QueueUrl: path, MessageBody, MessageAttributes: attributes }));
  const { Messages: [taken] = [] } = await before.send(new ReceiveMessageCommand({ QueueUrl: path }));
  await first.close({ keep: true });
  await writeAsBefore(first.dataDirectory);

  const second = await startCloud({ dataDirectory: first.dataDirectory });
  context.after(() => second.close());
  const after = second.client(SQSClient);
  const QueueUrl = `${second.endpoint}/000000000000/old`;
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes } = await after.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }));
  assert.deepEqual(Attributes, { ApproximateNumberOfMessages: '2', ApproximateNumberOfMessagesNotVisible: '1' });
  const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] });
  const { Messages: rest = [] } = await after.send(receive);
  assert.deepEqual(rest.map(({ Body }) => Body!.slice(0, 7)).toSorted(), ['waiting', 'xxxxxxx']);
  assert.deepEqual(new Set(rest.map(({ MessageAttributes }) => MessageAttributes!['color']!.StringValue)), new Set(['blue']));
  for (const { ReceiptHandle } of [taken!, ...rest]) await after.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  await second.advance(60_000);
  assert.equal((await after.send(receive)).Messages, undefined);
});
