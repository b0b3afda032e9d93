/** SNS: a message that goes to a hundred queues against a hundred messages that are sent one by one, by what they cost the server. */

import { load } from './load.ts';
import { startHaneul } from './haneul.ts';
import { cpuMicroseconds, median, type Server } from './processes.ts';
import { signed, signedJson } from './sign.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const QUEUES = 100;
const MESSAGES = Number(process.env['MESSAGES'] ?? 50);
const CONNECTIONS = 16;
const idleMilliseconds = 300;

export type SnsFigures = { /** Microseconds of CPU for one message in one queue. */ fannedOut: number; separate: number };

const body = 'x'.repeat(256);
const topic = 'arn:aws:sns:us-east-1:000000000000:bench';
const queue = (n: number): string => `bench-${n}`;

const toSqs = (port: number, operation: string, input: object): Buffer => signedJson(port, 'sqs', '1.0', `AmazonSQS.${operation}`, input);

function toSns(port: number, Action: string, parameters: Record<string, string>): Buffer {
  return signed({
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: Buffer.from(new URLSearchParams({ Action, Version: '2010-03-31', ...parameters }).toString()),
    service: 'sns',
    port,
  });
}

async function all(port: number, requests: readonly Buffer[]): Promise<void> {
  const result = await load({ port, connections: CONNECTIONS, total: requests.length, request: (n) => requests[n]! });
  if (result.failures > 0) throw new Error(`${result.failures} calls failed: ${result.firstFailure}`);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** A topic with a hundred queues, which all take from it as they are. */
async function setUp(port: number): Promise<void> {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' }],
  });
  await all(port, [toSns(port, 'CreateTopic', { Name: 'bench' })]);
  await all(
    port,
    numbers(QUEUES).map((n) => toSqs(port, 'CreateQueue', { QueueName: queue(n), Attributes: { Policy } })),
  );
  await all(
    port,
    numbers(QUEUES).map((n) =>
      toSns(port, 'Subscribe', {
        ...{ TopicArn: topic, Protocol: 'sqs', Endpoint: `arn:aws:sqs:us-east-1:000000000000:${queue(n)}` },
        ...{ 'Attributes.entry.1.key': 'RawMessageDelivery', 'Attributes.entry.1.value': 'true' },
      }),
    ),
  );
}

/** What the server spends until it rests again. */
async function cost(server: Server, requests: readonly Buffer[]): Promise<number> {
  const before = cpuMicroseconds(server.pid);
  await all(server.port, requests);
  for (let last = -1, now = cpuMicroseconds(server.pid); now - last > idleMilliseconds * 50; now = cpuMicroseconds(server.pid)) {
    last = now;
    await new Promise((resolve) => setTimeout(resolve, idleMilliseconds));
  }
  return cpuMicroseconds(server.pid) - before;
}

/** Every message must be there: what is lost costs nothing. */
async function checkArrived(port: number, expected: number): Promise<void> {
  const input = { QueueUrl: `http://127.0.0.1:${port}/000000000000/${queue(QUEUES - 1)}`, AttributeNames: ['ApproximateNumberOfMessages'] };
  let text = '';
  await load({
    ...{ port, connections: 1, total: 1, request: () => toSqs(port, 'GetQueueAttributes', input) },
    onResponse: (response) => (text = response),
  });
  const found = Number(/"ApproximateNumberOfMessages": ?"(\d+)"/.exec(text)?.[1]);
  if (found !== expected) throw new Error(`${found} of ${expected} messages arrived`);
}

export async function measureSns(): Promise<SnsFigures> {
  const server = await startHaneul();
  const { port } = server;
  const [fannedOut, separate] = [[], []] as [number[], number[]];
  try {
    await setUp(port);
    for (let round = 0; round <= ROUNDS; round++) {
      const published = await cost(
        server,
        numbers(MESSAGES).map(() => toSns(port, 'Publish', { TopicArn: topic, Message: body })),
      );
      await checkArrived(port, MESSAGES * (2 * round + 1));
      const sent = await cost(
        server,
        numbers(MESSAGES * QUEUES).map((n) =>
          toSqs(port, 'SendMessage', { QueueUrl: `http://127.0.0.1:${port}/000000000000/${queue(n % QUEUES)}`, MessageBody: body }),
        ),
      );
      if (round === 0) continue; // warms up
      fannedOut.push(published / (MESSAGES * QUEUES));
      separate.push(sent / (MESSAGES * QUEUES));
    }
  } finally {
    await server.stop();
  }
  return { fannedOut: median(fannedOut), separate: median(separate) };
}

if (import.meta.main) {
  const { fannedOut, separate } = await measureSns();
  console.log(`One message to ${QUEUES} queues: ${fannedOut.toFixed(0)} us CPU a queue`);
  console.log(`One message to one queue: ${separate.toFixed(0)} us CPU`);
  console.log(`ratio: ${(fannedOut / separate).toFixed(2)} (goal 0.15)`);
}
