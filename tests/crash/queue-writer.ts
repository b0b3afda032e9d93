/** Sends, receives and deletes messages of a queue of its own, and knows which must be there; in a FIFO queue also in which order. */

import assert from 'node:assert/strict';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { clientOptions, isConnectionLost, type Writer } from './writers.ts';

const backlog = 30;
const hiddenSeconds = 5;

type Doubt = { number: number; what: 'send' | 'delete' };

export function queueWriter(name: string): Writer {
  const fifo = name.endsWith('.fifo');
  const present = new Set<number>();
  let doubt: Doubt | undefined;
  let sent = 0;
  let count = 0;

  const send = async (sqs: SQSClient, url: string, number: number): Promise<void> => {
    doubt = { number, what: 'send' };
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: bodyOf(number),
        ...(fifo && { MessageGroupId: 'all', MessageDeduplicationId: String(number) }),
      }),
    );
    present.add(number);
    doubt = undefined;
    count++;
  };
  const work = async (sqs: SQSClient, url: string): Promise<void> => {
    const input = { QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: hiddenSeconds };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
    const numbers = Messages.map(numberOf);
    for (const number of numbers) assert.ok(present.has(number), `${name}: message ${number} was deleted, and came back`);
    if (fifo) assert.deepEqual(numbers, [...present].sort((a, b) => a - b).slice(0, numbers.length), `${name}: in the order of sending`);
    for (const [i, message] of Messages.entries()) {
      doubt = { number: numbers[i]!, what: 'delete' };
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle! }));
      present.delete(numbers[i]!);
      doubt = undefined;
      count++;
    }
  };

  return {
    acknowledged: () => count,
    async run(endpoint) {
      const sqs = new SQSClient(clientOptions(endpoint));
      const url = `${endpoint}/000000000000/${name}`;
      try {
        await sqs.send(new CreateQueueCommand({ QueueName: name, ...(fifo && { Attributes: { FifoQueue: 'true' } }) }));
        for (;;) {
          await send(sqs, url, sent++);
          if (present.size > backlog) await work(sqs, url);
        }
      } catch (error) {
        if (!isConnectionLost(error) || error instanceof assert.AssertionError) throw error;
      } finally {
        sqs.destroy();
      }
    },
    async check(endpoint) {
      const found = await peek(endpoint, name);
      const numbers = found.map(({ Body }) => Number(Body.split(' ', 1)[0]));
      for (const [i, { Body }] of found.entries()) assert.equal(Body, bodyOf(numbers[i]!), `${name}: a message is whole`);
      if (doubt) {
        if (numbers.includes(doubt.number)) present.add(doubt.number);
        else present.delete(doubt.number);
        doubt = undefined;
      }
      const ascending = [...present].sort((a, b) => a - b);
      assert.deepEqual(fifo ? numbers : [...numbers].sort((a, b) => a - b), ascending, `${name}: what was acknowledged, once each`);
    },
  };
}

/** Small ones lie in their records, every fifth in a blob. */
function bodyOf(number: number): string {
  return `${number} ${'x'.repeat(number % 5 === 0 ? 4_000 : 40)}`;
}

function numberOf({ Body }: Message): number {
  return Number(Body!.split(' ', 1)[0]);
}

/** All messages without receiving them; none before the queue was made. */
async function peek(endpoint: string, name: string): Promise<{ Body: string }[]> {
  const query = new URLSearchParams({ QueueUrl: `${endpoint}/000000000000/${name}`, ShowInvisible: 'true', ShowDelayed: 'true' });
  const response = await fetch(`${endpoint}/_aws/sqs/messages?${query}`);
  if (response.status === 404) return [];
  assert.equal(response.status, 200, await response.clone().text());
  return ((await response.json()) as { Messages: { Body: string }[] }).Messages;
}
