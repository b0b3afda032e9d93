/** SQS: send, receive and delete against three bare node:http echoes and the moto server, and long polls that wait, interleaved in one run. */

import { execFileSync } from 'node:child_process';
import { load, type LoadResult } from './load.ts';
import { startHaneul } from './haneul.ts';
import { startBareServer } from './peers.ts';
import { cpuMicroseconds, freePort, median, start, type Server } from './processes.ts';
import { signedJson } from './sign.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
/** V8 goes on compiling for some twenty thousand calls: rounds that are not counted. */
const WARM_UP_ROUNDS = Number(process.env['WARM_UP_ROUNDS'] ?? 3);
const CONNECTIONS = 64;
const CYCLES = Number(process.env['CYCLES'] ?? 3_000);
const MOTO_CYCLES = 100;
const WAITING = 1_000;
const QUEUE = '000000000000/bench';
const UNSEALED = '000000000000/unsealed';

export type Cycle = { perSecond: number; cpuMicroseconds: number };
export type SqsFigures = {
  haneul: Cycle;
  /** The same in a queue without encryption. */ unsealed: Cycle;
  echoes: Cycle;
  moto: Cycle | undefined;
  wakeMilliseconds: number;
  sendMilliseconds: number;
  echoMilliseconds: number;
  waitingCpuShare: number;
};

const call = (port: number, operation: string, input: object): Buffer => signedJson(port, 'sqs', '1.0', `AmazonSQS.${operation}`, input);

const url = (port: number, queue = QUEUE): string => `http://127.0.0.1:${port}/${queue}`;
const body = 'x'.repeat(256);

async function post<T>(port: number, operation: string, input: object): Promise<T> {
  const text = call(port, operation, input).toString();
  const headers = Object.fromEntries(
    text
      .slice(0, text.indexOf('\r\n\r\n'))
      .split('\r\n')
      .slice(1)
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])
      .filter(([name]) => name !== 'host' && name !== 'content-length'),
  ) as Record<string, string>;
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: JSON.stringify(input) });
  if (!response.ok) throw new Error(`${operation}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Sends so many messages, receives them one by one, and deletes each. Only the three passes are measured, not the signing between them. */
async function cycles(server: Server, total: number, queue = QUEUE): Promise<Cycle> {
  const { port } = server;
  const QueueUrl = url(port, queue);
  const handles: string[] = [];
  let seconds = 0;
  let cpu = 0;
  const pass = async (requests: readonly Buffer[]): Promise<LoadResult> => {
    const before = cpuMicroseconds(server.pid);
    const result = await load({
      port,
      connections: CONNECTIONS,
      total,
      request: (n) => requests[n]!,
      onResponse: (text) => {
        const handle = /"ReceiptHandle": ?"([^"]+)"/.exec(text)?.[1];
        if (handle !== undefined) handles.push(handle);
      },
    });
    if (result.failures > 0) throw new Error(`${result.failures} of ${total} failed: ${result.firstFailure}`);
    seconds += result.seconds;
    cpu += cpuMicroseconds(server.pid) - before;
    return result;
  };
  const make = (operation: string, input: (n: number) => object): Buffer[] =>
    Array.from({ length: total }, (_, n) => call(port, operation, input(n)));
  await pass(make('SendMessage', () => ({ QueueUrl, MessageBody: body })));
  await pass(make('ReceiveMessage', () => ({ QueueUrl })));
  if (handles.length !== total) throw new Error(`${handles.length} of ${total} messages were received`);
  await pass(make('DeleteMessage', (n) => ({ QueueUrl, ReceiptHandle: handles[n] })));
  return { perSecond: total / seconds, cpuMicroseconds: cpu / total };
}

async function echoes(server: Server, total: number): Promise<Cycle> {
  const request = call(server.port, 'SendMessage', { QueueUrl: url(server.port), MessageBody: body });
  const before = cpuMicroseconds(server.pid);
  const result = await load({ port: server.port, connections: CONNECTIONS, total: total * 3, request: () => request });
  return { perSecond: total / result.seconds, cpuMicroseconds: (cpuMicroseconds(server.pid) - before) / total };
}

/**
 * Milliseconds from the answer of a send to the answer of the poll that waits for it (0 when that comes first), while others wait: the
 * send itself takes as long as the disk does.
 */
async function wakes(port: number, count: number): Promise<{ wakeMilliseconds: number; sendMilliseconds: number }> {
  const times: number[] = [];
  const sends: number[] = [];
  const QueueUrl = url(port, '000000000000/woken');
  for (let i = 0; i < count; i++) {
    const poll = post<{ Messages: { ReceiptHandle: string }[] }>(port, 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const begun = performance.now();
    const woken = poll.then(() => performance.now());
    await post(port, 'SendMessage', { QueueUrl, MessageBody: body });
    const acknowledged = performance.now();
    sends.push(acknowledged - begun);
    times.push(Math.max(0, (await woken) - acknowledged));
    await post(port, 'DeleteMessage', { QueueUrl, ReceiptHandle: (await poll).Messages[0]!.ReceiptHandle });
  }
  return { wakeMilliseconds: median(times), sendMilliseconds: median(sends) };
}

async function echoTime(port: number, count: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const begun = performance.now();
    await (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })).text();
    times.push(performance.now() - begun);
  }
  return median(times);
}

async function measureWaiting(
  haneul: Server,
  bare: Server,
): Promise<Pick<SqsFigures, 'wakeMilliseconds' | 'sendMilliseconds' | 'echoMilliseconds' | 'waitingCpuShare'>> {
  const { port } = haneul;
  await post(port, 'CreateQueue', { QueueName: 'woken' });
  await post(port, 'CreateQueue', { QueueName: 'silent' });
  const waiting = Array.from({ length: WAITING }, () =>
    post(port, 'ReceiveMessage', { QueueUrl: url(port, '000000000000/silent'), WaitTimeSeconds: 20 }),
  );
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const before = cpuMicroseconds(haneul.pid);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const waitingCpuShare = (cpuMicroseconds(haneul.pid) - before) / 2e6;
  const woken = await wakes(port, 50);
  const echoMilliseconds = await echoTime(bare.port, 200);
  await Promise.all(waiting);
  return { ...woken, echoMilliseconds, waitingCpuShare };
}

async function startMoto(): Promise<Server | undefined> {
  try {
    execFileSync('moto_server', ['--help'], { stdio: 'ignore' });
  } catch (error) {
    console.error(`No moto server: ${(error as Error).message}`);
    return undefined;
  }
  const port = await freePort();
  return start('bash', ['-c', `exec moto_server -p ${port} 2>&1`], /Running on http/, port);
}

export async function measureSqs(): Promise<SqsFigures> {
  const servers = { haneul: await startHaneul(), bare: await startBareServer(), moto: await startMoto() };
  try {
    for (const server of [servers.haneul, servers.moto]) if (server) await post(server.port, 'CreateQueue', { QueueName: 'bench' });
    await post(servers.haneul.port, 'CreateQueue', { QueueName: 'unsealed', Attributes: { SqsManagedSseEnabled: 'false' } });
    const rounds: { haneul: Cycle; unsealed: Cycle; echoes: Cycle; moto: Cycle | undefined }[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const measured = {
        echoes: await echoes(servers.bare, CYCLES),
        haneul: await cycles(servers.haneul, CYCLES),
        unsealed: await cycles(servers.haneul, CYCLES, UNSEALED),
        moto: servers.moto && (await cycles(servers.moto, MOTO_CYCLES)),
      };
      if (round >= WARM_UP_ROUNDS) rounds.push(measured);
    }
    const middle = (pick: (one: (typeof rounds)[number]) => Cycle): Cycle => ({
      perSecond: median(rounds.map((one) => pick(one).perSecond)),
      cpuMicroseconds: median(rounds.map((one) => pick(one).cpuMicroseconds)),
    });
    return {
      haneul: middle((one) => one.haneul),
      unsealed: middle((one) => one.unsealed),
      echoes: middle((one) => one.echoes),
      moto: servers.moto && middle((one) => one.moto!),
      ...(await measureWaiting(servers.haneul, servers.bare)),
    };
  } finally {
    await Promise.all(Object.values(servers).map((server) => server?.stop()));
  }
}

if (import.meta.main) {
  const { haneul, unsealed, echoes: bare, moto, ...waiting } = await measureSqs();
  console.table({ haneul, 'without encryption': unsealed, 'three echoes': bare, ...(moto && { moto }) });
  console.table(waiting);
  console.log(`CPU of a message against three bare echoes: ${(haneul.cpuMicroseconds / bare.cpuMicroseconds).toFixed(2)} (goal ≤ 4)`);
  console.log(`CPU of a message against one that is not sealed: ${(haneul.cpuMicroseconds / unsealed.cpuMicroseconds).toFixed(2)}`);
  if (moto) console.log(`Messages a second against moto: ${(haneul.perSecond / moto.perSecond).toFixed(1)} (goal ≥ 50)`);
  console.log(`Wake of a long poll against an echo: ${(waiting.wakeMilliseconds / waiting.echoMilliseconds).toFixed(2)} (goal ≤ 2)`);
}
