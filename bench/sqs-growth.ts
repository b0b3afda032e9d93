/**
 * One queue in which more and more messages wait: send, receive and delete at 0, 10 k, 100 k, 500 k and 1 M of them, beside a queue in which
 * none do. `node bench/sqs-growth.ts [--messages 1000000]`; SIZES=0,50000 for a quick look.
 */

import { printFigures, sendAll, sideBySide, sizesWanted, type Figure } from './growth.ts';
import { startHaneul } from './haneul.ts';
import { residentMebibytes } from './processes.ts';
import { signedJson } from './sign.ts';

const CALLS = 1_000;
const CONNECTIONS = 32;
const BATCH = 10;
/** What lies in both queues while calls are measured, so that there is something to receive in the empty one, too. */
const MessageBody = 'x'.repeat(256);

const call = (port: number, operation: string, input: object): Buffer => signedJson(port, 'sqs', '1.0', `AmazonSQS.${operation}`, input);
const url = (port: number, queue: string): string => `http://127.0.0.1:${port}/000000000000/${queue}`;

async function grow(port: number, from: number, to: number): Promise<number> {
  const batches = Math.ceil((to - from) / BATCH);
  if (batches === 0) return 0;
  const Entries = Array.from({ length: BATCH }, (_, n) => ({ Id: String(n), MessageBody }));
  return (
    BATCH * (await sendAll(port, CONNECTIONS, batches, () => call(port, 'SendMessageBatch', { QueueUrl: url(port, 'grown'), Entries })))
  );
}

/** Leaves as many messages as it has found. */
async function measure(port: number): Promise<Record<string, Figure>> {
  const handles: [string[], string[]] = [[], []];
  const keep = (isControl: boolean, text: string): void => {
    const handle = /"ReceiptHandle": ?"([^"]+)"/.exec(text)?.[1];
    if (handle === undefined) throw new Error(`nothing was received: ${text}`);
    handles[isControl ? 1 : 0].push(handle);
  };
  const both = (make: (queue: string, n: number) => Buffer, onResponse?: (isControl: boolean, text: string) => void): Promise<Figure> =>
    sideBySide(
      port,
      CALLS,
      (n) => make('grown', n),
      (n) => make('control', n),
      onResponse,
    );
  return {
    send: await both((queue) => call(port, 'SendMessage', { QueueUrl: url(port, queue), MessageBody })),
    receive: await both((queue) => call(port, 'ReceiveMessage', { QueueUrl: url(port, queue) }), keep),
    delete: await both((queue, n) =>
      call(port, 'DeleteMessage', { QueueUrl: url(port, queue), ReceiptHandle: handles[queue === 'control' ? 1 : 0][n] }),
    ),
  };
}

if (import.meta.main) {
  const server = await startHaneul();
  const { port, pid } = server;
  try {
    for (const QueueName of ['grown', 'control'])
      await sendAll(port, 1, 1, () => call(port, 'CreateQueue', { QueueName, Attributes: { VisibilityTimeout: '43200' } }));
    let messages = 0;
    for (const size of sizesWanted('--messages', [0, 10_000, 100_000, 500_000, 1_000_000])) {
      const perSecond = await grow(port, messages, size);
      messages = size;
      const figures = await measure(port);
      const resident = Math.round(residentMebibytes(pid).now);
      printFigures(`${size.toLocaleString('en')} messages wait, ${Math.round(perSecond)}/s sent, ${resident} MiB resident`, figures);
    }
  } finally {
    await server.stop();
  }
}
