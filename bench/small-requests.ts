/** Small requests: S3 objects of 1 KiB against s3rver (not durable there), and STS GetCallerIdentity against a bare node:http server, interleaved in one run. */

import { randomBytes } from 'node:crypto';
import { load, type LoadResult } from './load.ts';
import { startHaneul } from './haneul.ts';
import { startBareServer, startS3rver } from './peers.ts';
import { cpuMicroseconds, median, type Server } from './processes.ts';
import { signed } from './sign.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const CONNECTIONS = 16;
/** The key that s3rver knows; it verifies signatures too, as the SDKs send them. */
const s3rverKey = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER', service: 's3' };

export type Measured = { perSecond: number; cpuMicroseconds: number; p99Milliseconds: number };
export type SmallRequests = Record<'haneulPut' | 'haneulGet' | 's3rverPut' | 's3rverGet' | 'haneulSts' | 'barePost', Measured>;

/** The medians of all rounds. Bodies are random and differ, keys are new in every round. */
export async function measureSmallRequests(): Promise<SmallRequests> {
  const servers = { haneul: await startHaneul(), s3rver: await startS3rver(), bare: await startBareServer() };
  try {
    await load({
      port: servers.haneul.port,
      connections: 1,
      total: 1,
      request: () => signed({ method: 'PUT', path: '/bench', service: 's3', port: servers.haneul.port }),
    });
    const rounds: Record<string, Measured[]> = {};
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [name, measure] of Object.entries(measures(servers, round))) {
        const measured = await measure();
        if (round > 0) (rounds[name] ??= []).push(measured); // round 0 warms up
      }
    }
    return Object.fromEntries(Object.entries(rounds).map(([name, all]) => [name, middle(all)])) as SmallRequests;
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}

function measures(
  { haneul, s3rver, bare }: Record<'haneul' | 's3rver' | 'bare', Server>,
  round: number,
): Record<keyof SmallRequests, () => Promise<Measured>> {
  const path = (n: number): string => `/bench/round-${round}/object-${n}`;
  const put = (n: number) => ({
    method: 'PUT',
    path: path(n),
    headers: { 'content-type': 'application/octet-stream' },
    body: randomBytes(1024),
  });
  const get = (n: number) => ({ method: 'GET', path: path(n) });
  const identity = (port: number): Buffer =>
    signed({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from('Action=GetCallerIdentity&Version=2011-06-15'),
      service: 'sts',
      port,
    });
  return {
    s3rverPut: () => run(s3rver, 600, (n) => signed({ ...put(n), ...s3rverKey, port: s3rver.port })),
    haneulPut: () => run(haneul, 8_000, (n) => signed({ ...put(n), service: 's3', port: haneul.port })),
    s3rverGet: () => run(s3rver, 1_000, (n) => signed({ ...get(n % 600), ...s3rverKey, port: s3rver.port })),
    haneulGet: () => run(haneul, 12_000, (n) => signed({ ...get(n % 8_000), service: 's3', port: haneul.port })),
    barePost: () => run(bare, 12_000, () => identity(bare.port)),
    haneulSts: () => run(haneul, 12_000, () => identity(haneul.port)),
  };
}

/** Requests are signed before the clock starts. */
async function run(server: Server, total: number, make: (n: number) => Buffer): Promise<Measured> {
  const requests = Array.from({ length: total }, (_, n) => make(n));
  const before = cpuMicroseconds(server.pid);
  const result: LoadResult = await load({ port: server.port, connections: CONNECTIONS, total, request: (n) => requests[n]! });
  if (result.failures > 0) throw new Error(`${result.failures} of ${total} requests failed: ${result.firstFailure}`);
  return {
    perSecond: result.perSecond,
    cpuMicroseconds: (cpuMicroseconds(server.pid) - before) / total,
    p99Milliseconds: result.p99Milliseconds,
  };
}

function middle(all: readonly Measured[]): Measured {
  return {
    perSecond: median(all.map((one) => one.perSecond)),
    cpuMicroseconds: median(all.map((one) => one.cpuMicroseconds)),
    p99Milliseconds: median(all.map((one) => one.p99Milliseconds)),
  };
}

if (import.meta.main) console.table(await measureSmallRequests());
