/**
 * A bucket of a million objects is swept by its lifecycle rules while others are served: times of small requests before the sweep and
 * during it, taken by the same load. `node bench/s3-lifecycle.ts`; OBJECTS=100000 for a quick look. The objects are written into the store
 * before the start: how fast a bucket grows is another benchmark's matter.
 */

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { formatInline } from '../src/store/blobs/blob-id.ts';
import { openStore } from '../src/store/open-store.ts';
import { objects } from '../src/services/s3/tables.ts';
import { startHaneul } from './haneul.ts';
import { load, type LoadResult } from './load.ts';
import { residentMebibytes, type Server } from './processes.ts';
import { signed } from './sign.ts';

const OBJECTS = Number(process.env['OBJECTS'] ?? 1_000_000);
const REQUESTS_PER_WINDOW = 2_000;
const OBJECT_BYTES = 1_000;
const day = 86_400_000;

type Window = Pick<LoadResult, 'p50Milliseconds' | 'p99Milliseconds' | 'perSecond'>;
export type LifecycleFigures = { before: Window; during: Window; seconds: number; objects: number; residentGrowth: number };

/** Objects as PutObject would have left them a day ago, but for their bytes, which nobody reads: their hours are metered when they go. */
async function fill(data: string, bucket: string): Promise<void> {
  const store = await openStore({ dataDirectory: data });
  const etag = createHash('md5').digest('hex');
  const checksum = { algorithm: 'CRC64NVME' as const, value: 'AAAAAAAAAAA=' };
  const blob = { id: formatInline(new Uint8Array(0)), size: 0 };
  const modified = Date.now() - day;
  for (let n = 0; n < OBJECTS; n += 1_000)
    await store.write(async (tx) => {
      for (let i = n; i < n + 1_000; i++) {
        const key = `d${i % 10}/object-${String(i).padStart(8, '0')}`;
        await objects.put(tx, { bucket, key, modified, size: OBJECT_BYTES, etag, checksum, blob });
      }
    }, 'relaxed');
  await store.close();
}

/** A load as others would make it: puts and gets of small objects in a bucket without rules. */
async function window(port: number, keys: number): Promise<Window> {
  const one = (n: number): Buffer => {
    const path = `/others/object-${(n >> 1) % keys}`;
    return n % 2
      ? signed({ method: 'GET', path, service: 's3', port })
      : signed({ method: 'PUT', path, body: Buffer.alloc(1024, 'x'), service: 's3', port });
  };
  const result = await load({ port, connections: 4, total: REQUESTS_PER_WINDOW, request: one });
  if (result.failures > 0) throw new Error(`${result.failures} requests failed: ${result.firstFailure}`);
  return result;
}

async function send(port: number, method: string, path: string, query = '', body = ''): Promise<void> {
  const bytes = Buffer.from(body);
  const headers: Record<string, string> = body ? { 'content-md5': createHash('md5').update(bytes).digest('base64') } : {};
  const result = await load({
    port,
    connections: 1,
    total: 1,
    request: () => signed({ method, path, query, headers, body: bytes, service: 's3', port }),
  });
  if (result.failures > 0) throw new Error(result.firstFailure);
}

/** Takes as long as the work that comes due, which may be longer than fetch would wait. */
function advance(port: number, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, method: 'POST', path: '/_haneul/clock' }, (answer) => {
      answer
        .resume()
        .once('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`the clock answers ${answer.statusCode}`))));
    });
    call.once('error', reject).end(JSON.stringify({ action: 'advance', milliseconds }));
  });
}

const rules = `<LifecycleConfiguration><Rule><ID>all</ID><Filter/><Status>Enabled</Status><Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>`;

export async function measureLifecycle(): Promise<LifecycleFigures> {
  const data = mkdtempSync(join(tmpdir(), 'haneul-bench-'));
  try {
    let server = await startHaneul(data);
    for (const bucket of ['swept', 'others']) await send(server.port, 'PUT', `/${bucket}`);
    await server.stop();
    await fill(data, 'swept');
    server = await startHaneul(data);
    try {
      return await sweep(server);
    } finally {
      await server.stop();
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function sweep({ port, pid }: Server): Promise<LifecycleFigures> {
  await send(port, 'PUT', '/swept', 'lifecycle=', rules);
  const keys = 100;
  for (let n = 0; n < keys; n++) await send(port, 'PUT', `/others/object-${n}`, '', 'x');
  await window(port, keys); // warms up
  const before = middle([await window(port, keys), await window(port, keys), await window(port, keys)]);
  const resident = residentMebibytes(pid).now;
  const begun = performance.now();
  let swept = false;
  // Answers when the background work that came due has been done. Signatures go by the real clock or the cloud's, either is good.
  const sweeping = advance(port, 31 * day).then(() => (swept = true));
  const windows: Window[] = [];
  while (!swept) windows.push(await window(port, keys));
  await sweeping;
  const seconds = (performance.now() - begun) / 1_000;
  return { before, during: middle(windows), seconds, objects: OBJECTS, residentGrowth: residentMebibytes(pid).now - resident };
}

function middle(windows: readonly Window[]): Window {
  const of = (name: keyof Window): number => windows.map((one) => one[name]).toSorted((a, b) => a - b)[windows.length >> 1]!;
  return { p50Milliseconds: of('p50Milliseconds'), p99Milliseconds: of('p99Milliseconds'), perSecond: of('perSecond') };
}

if (import.meta.main) {
  const { before, during, seconds, objects: swept, residentGrowth } = await measureLifecycle();
  console.table({ before, during });
  console.log(
    `${swept.toLocaleString('en')} objects expired in ${Math.round(seconds)} s; memory grew by ${Math.round(residentGrowth)} MiB`,
  );
  console.log(
    `p50 ${(during.p50Milliseconds / before.p50Milliseconds).toFixed(2)} × and p99 ${(during.p99Milliseconds / before.p99Milliseconds).toFixed(2)} × as before`,
  );
}
