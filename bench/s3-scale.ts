/**
 * One bucket grown through the API, measured at 10 k, 100 k, 500 k, 1 M and 2 M keys beside a bucket that stays at 10 k, so that whatever
 * else the machine does slows both. `node bench/s3-scale.ts [--keys 10000000]`; SIZES=10000,50000 for a quick look.
 */

import { load, type LoadResult } from './load.ts';
import { startHaneul } from './haneul.ts';
import { median, residentMebibytes } from './processes.ts';
import { signed } from './sign.ts';
import { directoryBytes, storedBytes, type DirectoryBytes, type StoredBytes } from './stored-bytes.ts';

const GOAL_RATIO = 1.5;
const GOAL_BYTES = 300;
const CONTROL_KEYS = 10_000;
const OBJECT_BYTES = 8;
const CONNECTIONS = 48;
const CALLS = 3_000;
const PAGES = 80;
/** Names below one of the eight directories on the third level, each a directory itself. */
const USERS = 1_250;

type Case = { name: string; requests: (bucket: string, keys: number) => Buffer[] };
type Figure = { milliseconds: number; control: number; ratio: number };
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
  const many = (count: number, make: () => Buffer): Buffer[] => Array.from({ length: count }, make);
  const put = (bucket: string, n: number): Buffer =>
    signed({ method: 'PUT', path: `/${bucket}/${keyOf(n)}`, body: bodyOf(n), service: 's3', port });
  const get = (bucket: string, n: number): Buffer => signed({ method: 'GET', path: `/${bucket}/${keyOf(n)}`, service: 's3', port });
  const page = (name: string, query: (keys: number) => Record<string, string>): Case => ({
    name,
    requests: (bucket, keys) => many(PAGES, () => list(port, bucket, query(keys))),
  });
  return [
    { name: 'put', requests: (bucket, keys) => many(CALLS, () => put(bucket, random(keys))) },
    { name: 'get', requests: (bucket, keys) => many(CALLS, () => get(bucket, random(keys))) },
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

function list(port: number, bucket: string, query: Record<string, string>): Buffer {
  const text = Object.entries({ ...query, 'list-type': '2' })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .toSorted()
    .join('&');
  return signed({ method: 'GET', path: `/${bucket}`, query: text, service: 's3', port });
}

async function run(port: number, requests: readonly Buffer[], connections: number): Promise<LoadResult> {
  const result = await load({ port, connections, total: requests.length, request: (n) => requests[n]! });
  if (result.failures > 0) throw new Error(`${result.failures} of ${requests.length} requests failed: ${result.firstFailure}`);
  return result;
}

/** Makes the keys from one number up to another; signed as they are sent. Answers how many a second. */
async function grow(port: number, bucket: string, from: number, to: number): Promise<number> {
  const result = await load({
    port,
    connections: CONNECTIONS,
    total: to - from,
    request: (i) => signed({ method: 'PUT', path: `/${bucket}/${keyOf(from + i)}`, body: bodyOf(from + i), service: 's3', port }),
  });
  if (result.failures > 0) throw new Error(`${result.failures} puts failed: ${result.firstFailure}`);
  return result.perSecond;
}

/** The median of one call's time in both buckets, whose calls take turns one by one. */
async function measure(port: number, { requests }: Case, keys: number): Promise<Figure> {
  const grown = requests('grown', keys);
  const control = requests('control', CONTROL_KEYS);
  const both = grown.flatMap((request, i) => [request, control[i]!]);
  const times: [number[], number[]] = [[], []];
  let answered = 0;
  let last = 0;
  const result = await load({
    port,
    connections: 1,
    total: both.length,
    request: (n) => both[n]!,
    onResponse: () => {
      const now = performance.now();
      if (answered >= both.length / 10) times[answered % 2]!.push(now - last); // the first ones warm up
      answered++;
      last = now;
    },
  });
  if (result.failures > 0) throw new Error(`${result.failures} of ${both.length} requests failed: ${result.firstFailure}`);
  const [milliseconds, atControl] = [median(times[0]), median(times[1])];
  return { milliseconds, control: atControl, ratio: milliseconds / atControl };
}

export async function measureScale(sizes: readonly number[], told: (step: Step) => void): Promise<{ steps: Step[]; stored: StoredBytes }> {
  const server = await startHaneul();
  const { port, pid, data } = server;
  const steps: Step[] = [];
  try {
    for (const bucket of ['grown', 'control']) await run(port, [signed({ method: 'PUT', path: `/${bucket}`, service: 's3', port })], 1);
    await grow(port, 'control', 0, CONTROL_KEYS);
    let keys = 0;
    for (const size of sizes) {
      const putsPerSecond = await grow(port, 'grown', keys, size);
      keys = size;
      const resident = residentMebibytes(pid).now;
      const bytes = directoryBytes(data);
      const figures: Step['figures'] = {};
      for (const one of cases(port)) figures[one.name] = await measure(port, one, keys);
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
  console.log(
    `\n${step.keys.toLocaleString('en')} keys, ${Math.round(step.putsPerSecond)} puts/s, ${Math.round(step.resident)} MiB resident`,
  );
  const round = (value: number): number => Math.round(value * 100) / 100;
  console.table(
    Object.fromEntries(
      Object.entries(step.figures).map(([name, { milliseconds, control, ratio }]) => [
        name,
        { ms: round(milliseconds), 'ms at 10 k': round(control), ratio: round(ratio), goal: ratio <= GOAL_RATIO ? 'met' : 'missed' },
      ]),
    ),
  );
  console.log('Bytes an object beyond its own:', perObject(step), `(goal ≤ ${GOAL_BYTES})`);
}

function sizesWanted(): number[] {
  if (process.env['SIZES']) return process.env['SIZES'].split(',').map(Number);
  const at = process.argv.indexOf('--keys');
  const last = at < 0 ? 2_000_000 : Number(process.argv[at + 1]);
  return [10_000, 100_000, 500_000, 1_000_000, 2_000_000, 5_000_000].filter((size) => size < last).concat(last);
}

if (import.meta.main) {
  const { stored } = await measureScale(sizesWanted(), print);
  console.log('\nRows of the store, by table, with the bytes of their keys and values:');
  console.table(stored);
}
