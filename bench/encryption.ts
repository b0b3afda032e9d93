/** What the encryption of S3's bytes costs: the same calls to the cloud and to one that does not encrypt, in turns. `node bench/encryption.ts` */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startHaneul, haneulEnvironment } from './haneul.ts';
import { load } from './load.ts';
import { cpuMicroseconds, freePort, median, start, type Server } from './processes.ts';
import { signed } from './sign.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 9);
const GOAL_RATIO = 0.85;
const MiB = 1024 * 1024;

type Case = { name: string; calls: number; connections: number; request: (port: number, round: number, n: number) => Buffer };
type Measured = { perSecond: number; cpu: number };

const small = randomBytes(1024);
const big = randomBytes(32 * MiB);
const put = (port: number, path: string, body: Buffer): Buffer => signed({ method: 'PUT', path, body, service: 's3', port });
const get = (port: number, path: string): Buffer => signed({ method: 'GET', path, service: 's3', port });

const cases: readonly Case[] = [
  { name: 'PUT 1 KiB', calls: 1_000, connections: 16, request: (port, round, n) => put(port, `/bench/small-${round}-${n}`, small) },
  { name: 'GET 1 KiB', calls: 2_000, connections: 16, request: (port, round, n) => get(port, `/bench/small-${round}-${n % 1_000}`) },
  { name: 'PUT 32 MiB', calls: 4, connections: 2, request: (port, _round, n) => put(port, `/bench/big-${n}`, big) },
  { name: 'GET 32 MiB', calls: 8, connections: 2, request: (port, _round, n) => get(port, `/bench/big-${n % 4}`) },
];

async function measure({ port, pid }: Server, { calls, connections, request }: Case, round: number): Promise<Measured> {
  const before = cpuMicroseconds(pid);
  const result = await load({ port, connections, total: calls, request: (n) => request(port, round, n) });
  if (result.failures > 0) throw new Error(`${result.failures} of ${calls} failed: ${result.firstFailure.slice(0, 500)}`);
  return { perSecond: result.perSecond, cpu: (cpuMicroseconds(pid) - before) / calls };
}

if (import.meta.main) {
  const port = await freePort();
  const plain = await start(
    process.execPath,
    [join(import.meta.dirname, 'unencrypted-server.ts'), String(port)],
    /^Ready\.$/,
    port,
    haneulEnvironment,
  );
  const encrypting = await startHaneul();
  try {
    const rounds = new Map(cases.map(({ name }) => [name, [] as [Measured, Measured][]]));
    for (const server of [plain, encrypting])
      await load({ port: server.port, connections: 1, total: 1, request: () => put(server.port, '/bench', Buffer.alloc(0)) });
    for (let round = 0; round <= ROUNDS; round++)
      for (const one of cases) {
        const pair: [Measured, Measured] = [await measure(encrypting, one, round), await measure(plain, one, round)];
        if (round > 0) rounds.get(one.name)!.push(pair); // the first one warms up
      }
    const ratio = (pairs: readonly [Measured, Measured][], of: keyof Measured): number => median(pairs.map(([a, b]) => a[of] / b[of]));
    console.table(
      Object.fromEntries(
        [...rounds].map(([name, pairs]) => {
          const speed = ratio(pairs, 'perSecond');
          const cpu = Math.round(median(pairs.map(([{ cpu: used }]) => used)));
          const shown = { 'µs CPU': cpu, 'CPU against without': ratio(pairs, 'cpu').toFixed(2), 'speed against without': speed.toFixed(2) };
          return [name, { ...shown, goal: speed >= GOAL_RATIO ? 'met' : 'missed' }];
        }),
      ),
    );
  } finally {
    await Promise.all([plain.stop(), encrypting.stop()]);
  }
}
