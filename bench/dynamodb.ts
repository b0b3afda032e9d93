/**
 * DynamoDB against dynalite, interleaved in one run: durable PutItem against dynalite on disk, GetItem and Query of 100 items against
 * dynalite in memory. Haneul verifies signatures and decides on every call, dynalite does neither. With ITEMS, growth to so many items.
 */

import { startHaneul } from './haneul.ts';
import { load } from './load.ts';
import { startDynalite } from './peers.ts';
import { cpuMicroseconds, median, type Server } from './processes.ts';
import { signedJson } from './sign.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
/** V8 goes on compiling for some twenty thousand calls, on other cores if there are any: rounds that are not counted. */
const WARM_UP_ROUNDS = Number(process.env['WARM_UP_ROUNDS'] ?? 6);
const CALLS = Number(process.env['CALLS'] ?? 4_000);
const QUERIES = Number(process.env['QUERIES'] ?? 800);
const ITEMS = Number(process.env['ITEMS'] ?? 0);
const CONNECTIONS = 32;
const QUERIED_ITEMS = 100;
const SMALL = 10_000;

type Measured = { perSecond: number; cpuMicroseconds: number; p50Milliseconds: number };
type Pair = { haneul: Measured; dynalite: Measured };
export type DynamodbFigures = { put: Pair; get: Pair; query: Pair };

const call = (port: number, operation: string, input: object): Buffer =>
  signedJson(port, 'dynamodb', '1.0', `DynamoDB_20120810.${operation}`, input);

async function send(port: number, operation: string, input: object): Promise<void> {
  const result = await load({ port, connections: 1, total: 1, request: () => call(port, operation, input) });
  if (result.failures > 0) throw new Error(`${operation}: ${result.firstFailure}`);
}

async function createTable(port: number): Promise<void> {
  await send(port, 'CreateTable', {
    TableName: 'bench',
    AttributeDefinitions: [
      { AttributeName: 'owner', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'owner', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
}

/** About 200 bytes of the kinds that applications keep. */
const itemOf = (owner: string, at: number): object => ({
  owner: { S: owner },
  at: { N: String(at) },
  title: { S: `A thing that somebody keeps, number ${at}` },
  price: { N: '1299.95' },
  open: { BOOL: true },
  tags: { SS: ['blue', 'round', 'new'] },
  place: { M: { city: { S: 'Seoul' }, floor: { N: '7' } } },
});

/** Measures calls that were made beforehand. */
async function measure(server: Server, requests: readonly Buffer[]): Promise<Measured> {
  const before = cpuMicroseconds(server.pid);
  const result = await load({ port: server.port, connections: CONNECTIONS, total: requests.length, request: (n) => requests[n]! });
  if (result.failures > 0) throw new Error(`${result.failures} calls failed: ${result.firstFailure}`);
  return {
    perSecond: result.perSecond,
    cpuMicroseconds: (cpuMicroseconds(server.pid) - before) / requests.length,
    p50Milliseconds: result.p50Milliseconds,
  };
}

const repeated = (count: number, make: (n: number) => Buffer): Buffer[] => Array.from({ length: count }, (_, n) => make(n));

const puts = (port: number, round: number): Buffer[] =>
  repeated(CALLS, (n) => call(port, 'PutItem', { TableName: 'bench', Item: itemOf(`o${n % 500}`, round * CALLS + n) }));

const gets = (port: number): Buffer[] =>
  repeated(CALLS, (n) =>
    call(port, 'GetItem', { TableName: 'bench', Key: { owner: { S: 'queried' }, at: { N: String(n % QUERIED_ITEMS) } } }),
  );

const queries = (port: number): Buffer[] =>
  repeated(QUERIES, () =>
    call(port, 'Query', {
      TableName: 'bench',
      KeyConditionExpression: '#o = :o AND #a >= :from',
      ExpressionAttributeNames: { '#o': 'owner', '#a': 'at' },
      ExpressionAttributeValues: { ':o': { S: 'queried' }, ':from': { N: '0' } },
    }),
  );

async function prepare(server: Server): Promise<void> {
  await createTable(server.port);
  for (let at = 0; at < QUERIED_ITEMS; at++) await send(server.port, 'PutItem', { TableName: 'bench', Item: itemOf('queried', at) });
}

function middle(all: readonly Measured[]): Measured {
  const of = (name: keyof Measured): number => median(all.map((one) => one[name]));
  return { perSecond: of('perSecond'), cpuMicroseconds: of('cpuMicroseconds'), p50Milliseconds: of('p50Milliseconds') };
}

export async function measureDynamodb(): Promise<DynamodbFigures> {
  const [haneul, disk, memory] = [await startHaneul(), await startDynalite(true), await startDynalite(false)];
  const kinds = {
    put: { peer: disk, make: puts },
    get: { peer: memory, make: gets },
    query: { peer: memory, make: queries },
  };
  const seen = { put: [[], []], get: [[], []], query: [[], []] } as Record<keyof typeof kinds, [Measured[], Measured[]]>;
  try {
    for (const server of [haneul, disk, memory]) await prepare(server);
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      for (const [name, { peer, make }] of Object.entries(kinds) as [keyof typeof kinds, (typeof kinds)['put']][]) {
        const one = await measure(haneul, make(haneul.port, round));
        const other = await measure(peer, make(peer.port, round));
        if (round < WARM_UP_ROUNDS) continue;
        seen[name][0].push(one);
        seen[name][1].push(other);
      }
    }
  } finally {
    for (const server of [haneul, disk, memory]) await server.stop();
  }
  const pair = (name: keyof typeof kinds): Pair => ({ haneul: middle(seen[name][0]), dynalite: middle(seen[name][1]) });
  return { put: pair('put'), get: pair('get'), query: pair('query') };
}

/** Latency of one PutItem and one GetItem at a time, with 10,000 items and with many. */
async function measureGrowth(): Promise<void> {
  const server = await startHaneul();
  try {
    await createTable(server.port);
    for (let count = 0, stage = SMALL; ; stage = Math.min(stage * 10, ITEMS)) {
      for (; count < stage; count += CALLS * 25) {
        const batches = Math.min(CALLS, Math.ceil((stage - count) / 25));
        const requests = repeated(batches, (n) => {
          const Requests = Array.from({ length: 25 }, (_, i) => ({
            PutRequest: { Item: itemOf(`g${(n * 25 + i) % 1_000}`, count + n * 25 + i) },
          }));
          return call(server.port, 'BatchWriteItem', { RequestItems: { bench: Requests } });
        });
        await measure(server, requests);
      }
      const put = await measure(server, puts(server.port, 0));
      const get = await measure(
        server,
        repeated(CALLS, (n) =>
          call(server.port, 'GetItem', { TableName: 'bench', Key: { owner: { S: `g${n % 1_000}` }, at: { N: String(n) } } }),
        ),
      );
      console.log(
        `${stage} items: put ${put.p50Milliseconds.toFixed(2)} ms, get ${get.p50Milliseconds.toFixed(2)} ms (p50, ${CONNECTIONS} connections)`,
      );
      if (stage >= ITEMS) break;
    }
  } finally {
    await server.stop();
  }
}

if (import.meta.main) {
  const told = ({ perSecond, cpuMicroseconds: cpu }: Measured): string => `${perSecond.toFixed(0)}/s, ${cpu.toFixed(0)} us CPU`;
  if (ITEMS > 0) await measureGrowth();
  else {
    const figures = await measureDynamodb();
    const rows = [
      ['PutItem, durable, against dynalite on disk', figures.put, 1.5],
      ['GetItem, against dynalite in memory', figures.get, 1.5],
      [`Query of ${QUERIED_ITEMS} items, against dynalite in memory`, figures.query, 3],
    ] as const;
    for (const [what, { haneul, dynalite }, goal] of rows)
      console.log(
        `${what}: ${told(haneul)}; ${told(dynalite)}; ratio ${(haneul.perSecond / dynalite.perSecond).toFixed(2)} (goal ${goal})`,
      );
  }
}
