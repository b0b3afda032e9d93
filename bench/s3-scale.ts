/**
 * One bucket grown through the API, measured at 10 k, 100 k, 500 k, 1 M and 2 M keys beside a bucket that stays at 10 k, so that whatever
 * else the machine does slows both. `node bench/s3-scale.ts [--keys 10000000]`; SIZES=10000,50000 for a quick look.
 * BENEATH=10000000: the last step's objects are written into the store while the cloud is stopped (bench/beneath.ts), where the machine has
 * no hours for them; how many bytes they take is then not told.
 */

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillBucket } from './beneath.ts';
import { printFigures, sendAll, sideBySide, sizesWanted, type Figure } from './growth.ts';
import { startHaneul } from './haneul.ts';
import { residentMebibytes } from './processes.ts';
import { signed } from './sign.ts';
import { directoryBytes, storedBytes, type DirectoryBytes, type StoredBytes } from './stored-bytes.ts';

const GOAL_BYTES = 300;
const CONTROL_KEYS = 10_000;
const OBJECT_BYTES = 8;
const CONNECTIONS = 48;
const CALLS = 3_000;
const PAGES = 80;
/** Names below one of the eight directories on the third level, each a directory itself. */
const USERS = 1_250;

/** `request` for a bucket of so many keys. */
type Case = { name: string; calls: number; request: (bucket: string, keys: number) => Buffer };
export type Step = {
  keys: number;
  figures: Record<string, Figure>;
  putsPerSecond: number;
  resident: number;
  bytes: DirectoryBytes;
};

/** Three levels of two directories each, then one of many, then a name; keys come in no order. */
function keyOf(n: number): string {
  const name = (Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  const user = String((n >>> 3) % USERS).padStart(4, '0');
  return `d${n & 1}/d${(n >>> 1) & 1}/d${(n >>> 2) & 1}/u${user}/${name}`;
}

function bodyOf(n: number): Buffer {
  return Buffer.from(n.toString(16).padStart(OBJECT_BYTES, '0'));
}

function cases(port: number): Case[] {
  const random = (keys: number): number => Math.floor(Math.random() * keys);
  const page = (name: string, query: (keys: number) => Record<string, string>): Case => ({
    name,
    calls: PAGES,
    request: (bucket, keys) => list(port, bucket, query(keys)),
  });
  return [
    { name: 'put', calls: CALLS, request: (bucket, keys) => put(port, bucket, random(keys)) },
    {
      name: 'get',
      calls: CALLS,
      request: (bucket, keys) => signed({ method: 'GET', path: `/${bucket}/${keyOf(random(keys))}`, service: 's3', port }),
    },
    page('list from the beginning', () => ({})),
    page('list from anywhere', (keys) => ({ 'start-after': `${keyOf(random(keys)).slice(0, 5)}/` })),
    page('list, prefix of 1 level', () => ({ prefix: 'd0/' })),
    page('list, prefix of 2 levels', () => ({ prefix: 'd1/d0/' })),
    page('list, prefix of 3 levels', () => ({ prefix: 'd0/d1/d1/' })),
    page('roll up at 1 level: 2 prefixes', () => ({ delimiter: '/' })),
    page('roll up at 3 levels: 2 prefixes', () => ({ delimiter: '/', prefix: 'd1/d0/' })),
    page('roll up at 4 levels: 1,000 prefixes', () => ({ delimiter: '/', prefix: 'd0/d0/d1/' })),
  ];
}

function put(port: number, bucket: string, n: number): Buffer {
  return signed({ method: 'PUT', path: `/${bucket}/${keyOf(n)}`, body: bodyOf(n), service: 's3', port });
}

function list(port: number, bucket: string, query: Record<string, string>): Buffer {
  const text = Object.entries({ ...query, 'list-type': '2' })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .toSorted()
    .join('&');
  return signed({ method: 'GET', path: `/${bucket}`, query: text, service: 's3', port });
}

/** Makes the keys from one number up to another. Answers how many a second. */
function grow(port: number, bucket: string, from: number, to: number): Promise<number> {
  return sendAll(port, CONNECTIONS, to - from, (i) => put(port, bucket, from + i));
}

async function measure(port: number, keys: number): Promise<Step['figures']> {
  const figures: Step['figures'] = {};
  for (const { name, calls, request } of cases(port))
    figures[name] = await sideBySide(
      port,
      calls,
      () => request('grown', keys),
      () => request('control', CONTROL_KEYS),
    );
  return figures;
}

const DIRECTORIES = 8;

/** Keys of the numbers from one up to another, in their order. */
function* inOrder(from: number, to: number): Generator<{ key: string; body: Buffer }> {
  const step = DIRECTORIES * USERS;
  const places = Array.from({ length: step }, (_, n) => n).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const place of places) {
    const numbers: number[] = [];
    for (let n = place; n < to; n += step) if (n >= from) numbers.push(n);
    const names = numbers.map((n) => ({ key: keyOf(n), body: bodyOf(n) }));
    yield* names.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }
}

async function measureBeneath(data: string, from: number, keys: number): Promise<void> {
  await fillBucket(data, 'grown', inOrder(from, keys));
  const { port, pid, stop } = await startHaneul(data);
  try {
    const figures = await measure(port, keys);
    printFigures(
      `${keys.toLocaleString('en')} keys, most written beneath, ${Math.round(residentMebibytes(pid).now)} MiB resident`,
      figures,
    );
  } finally {
    await stop();
  }
}

export async function measureScale(
  data: string,
  sizes: readonly number[],
  told: (step: Step) => void,
): Promise<{ steps: Step[]; stored: StoredBytes }> {
  const server = await startHaneul(data);
  const { port, pid } = server;
  const steps: Step[] = [];
  try {
    for (const bucket of ['grown', 'control'])
      await sendAll(port, 1, 1, () => signed({ method: 'PUT', path: `/${bucket}`, service: 's3', port }));
    await grow(port, 'control', 0, CONTROL_KEYS);
    let keys = 0;
    for (const size of sizes) {
      const putsPerSecond = await grow(port, 'grown', keys, size);
      keys = size;
      const resident = residentMebibytes(pid).now;
      const bytes = directoryBytes(data);
      const figures = await measure(port, keys);
      steps.push({ keys, figures, putsPerSecond, resident, bytes });
      told(steps.at(-1)!);
    }
    return { steps, stored: storedBytes(data) };
  } finally {
    await server.stop();
  }
}

/** Beyond the object's bytes, by what it is spent on. */
function perObject({ keys, bytes }: Step): Record<string, number> {
  const objects = keys + CONTROL_KEYS;
  const { store, log, blobs } = bytes;
  return {
    'records and indexes': Math.round(store / objects),
    'write-ahead log': Math.round(log / objects),
    'audit trail': Math.round(blobs / objects), // objects of so few bytes lie in their records
    total: Math.round((store + log + blobs) / objects - OBJECT_BYTES),
  };
}

function print(step: Step): void {
  const { keys, putsPerSecond, resident, figures } = step;
  printFigures(`${keys.toLocaleString('en')} keys, ${Math.round(putsPerSecond)} puts/s, ${Math.round(resident)} MiB resident`, figures);
  console.log('Bytes an object beyond its own:', perObject(step), `(goal ≤ ${GOAL_BYTES})`);
}

if (import.meta.main) {
  const data = mkdtempSync(join(tmpdir(), 'haneul-bench-'));
  try {
    const sizes = sizesWanted('--keys', [10_000, 100_000, 500_000, 1_000_000, 2_000_000]);
    const { stored } = await measureScale(data, sizes, print);
    console.log('\nRows of the store, by table, with the bytes of their keys and values:');
    console.table(stored);
    const beneath = Number(process.env['BENEATH'] ?? 0);
    if (beneath > sizes.at(-1)!) await measureBeneath(data, sizes.at(-1)!, beneath);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
