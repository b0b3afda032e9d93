/** One GiB up and down: with MD5 against the same server without hashing, and against a bare node:http server that streams the same file. */

import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOnce } from './fresh-client.ts';
import { load } from './load.ts';
import { haneulEnvironment, startHaneul } from './haneul.ts';
import { startBareServer } from './peers.ts';
import { freePort, median, resetPeak, residentMebibytes, start } from './processes.ts';
import { signed } from './sign.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
const MEBIBYTES = Number(process.env['MEBIBYTES'] ?? 1024);
const block = randomBytes(1 << 20);

export type BigObjects = {
  putMebibytesPerSecond: number;
  putUnhashedMebibytesPerSecond: number;
  putGrowthMebibytes: number;
  getMebibytesPerSecond: number;
  bareMebibytesPerSecond: number;
};

export async function measureBigObjects(): Promise<BigObjects> {
  const directory = mkdtempSync(join(tmpdir(), 'haneul-bench-file-'));
  const file = join(directory, 'file');
  const handle = await open(file, 'w');
  for (let i = 0; i < MEBIBYTES; i++) await handle.write(block);
  await handle.close();
  const hashing = await startHaneul();
  const plainPort = await freePort();
  const plain = await start(
    process.execPath,
    [join(import.meta.dirname, 'unhashed-server.ts'), String(plainPort)],
    /^Ready\.$/,
    plainPort,
    haneulEnvironment,
  );
  const bare = await startBareServer(file);
  try {
    const put: number[] = [];
    const unhashed: number[] = [];
    const get: number[] = [];
    const streamed: number[] = [];
    const growth: number[] = [];
    for (const { port } of [hashing, plain])
      await load({ port, connections: 1, total: 1, request: () => signed({ method: 'PUT', path: '/bench', service: 's3', port }) });
    for (let round = 0; round <= ROUNDS; round++) {
      await resetPeak(hashing.pid);
      const before = residentMebibytes(hashing.pid).now;
      const rates = [
        await upload(hashing.port),
        await upload(plain.port),
        await download(hashing.port, '/bench/big'),
        await download(bare.port, '/file'),
      ];
      const grown = residentMebibytes(hashing.pid).peak - before;
      if (round === 0) continue; // warms up
      [put, unhashed, get, streamed].forEach((list, i) => list.push(rates[i]!));
      growth.push(grown);
    }
    return {
      putMebibytesPerSecond: median(put),
      putUnhashedMebibytesPerSecond: median(unhashed),
      putGrowthMebibytes: Math.max(...growth),
      getMebibytesPerSecond: median(get),
      bareMebibytesPerSecond: median(streamed),
    };
  } finally {
    await Promise.all([hashing.stop(), plain.stop(), bare.stop()]);
    await rm(directory, { recursive: true });
  }
}

/** The body is not part of the signature (UNSIGNED-PAYLOAD), so that the ETag's MD5 is the only digest. */
async function upload(port: number): Promise<number> {
  const head = signed({ method: 'PUT', path: '/bench/big', headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, service: 's3', port });
  const headers = Object.fromEntries(
    head
      .toString('latin1')
      .split('\r\n')
      .slice(1, -2)
      .map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]),
  );
  const begun = performance.now();
  await new Promise<void>((resolve, reject) => {
    const request = http.request({
      port,
      host: '127.0.0.1',
      method: 'PUT',
      path: '/bench/big',
      headers: { ...headers, 'content-length': MEBIBYTES << 20 },
    });
    request.on('error', reject).on('response', (response) => {
      response
        .resume()
        .on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`PUT answered ${response.statusCode}`))));
    });
    let sent = 0;
    const pump = (): void => {
      while (sent < MEBIBYTES) {
        sent++;
        if (!request.write(block)) return void request.once('drain', pump);
      }
      request.end();
    };
    pump();
  });
  return MEBIBYTES / ((performance.now() - begun) / 1_000);
}

async function download(port: number, path: string): Promise<number> {
  const head = signed({
    method: 'GET',
    path,
    headers: { 'x-amz-content-sha256': createHash('sha256').digest('hex') },
    service: 's3',
    port,
  });
  const result = await loadOnce({ port, request: head });
  if (result.failures > 0) throw new Error(`GET ${path} failed: ${result.firstFailure}`);
  return MEBIBYTES / result.seconds;
}

if (import.meta.main) console.table(await measureBigObjects());
