/** The store against the disk: durable writes of 64 writers beside a bare fdatasync loop in the same run, blob puts of 1 KiB, and reads. */

import { randomBytes } from 'node:crypto';
import { fdatasync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BlobRef } from '../src/store/blob-store.ts';
import { encodeKey } from '../src/store/keys.ts';
import { openBlobs, openStore } from '../src/store/open-store.ts';
import { median } from './processes.ts';

const rounds = Number(process.env['ROUNDS'] ?? 5);
const milliseconds = 1_000;
const workers = 64;
const datasync = promisify(fdatasync);

/** Operations a second, and microseconds of CPU for each (all threads). */
export type Rate = { perSecond: number; cpuMicroseconds: number };
export type StoreFigures = Record<
  'fdatasync of 4 KiB, one after another' | 'durable write of 200 B' | 'durable put of a 1 KiB blob' | 'get' | 'get of a 1 KiB blob',
  Rate
>;

/** Medians of rounds in which every case runs once. */
export async function measureStore(): Promise<StoreFigures> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'haneul-bench-store-'));
  const store = await openStore({ dataDirectory });
  const blobs = await openBlobs({ directory: join(dataDirectory, 'blobs'), store });
  const descriptor = openSync(join(dataDirectory, 'bare'), 'w');
  const refs: BlobRef[] = [];
  const anyKey = (): Uint8Array => encodeKey('bench', Math.floor(Math.random() * 100_000));
  const fresh = (bytes: number): Buffer => {
    const buffer = Buffer.allocUnsafe(bytes); // the bytes must differ: the same again would not be written
    for (let at = 0; at + 8 <= bytes; at += 8) buffer.writeDoubleLE(Math.random(), at);
    return buffer;
  };
  const cases: Record<keyof StoreFigures, () => Promise<Rate>> = {
    'fdatasync of 4 KiB, one after another': () =>
      rate(1, async () => {
        writeSync(descriptor, fresh(4096));
        await datasync(descriptor);
      }),
    'durable write of 200 B': () =>
      rate(workers, () => store.write((tx) => tx.put(anyKey(), JSON.stringify(randomBytes(147).toString('base64'))))),
    'durable put of a 1 KiB blob': () =>
      rate(workers, async () => {
        const staged = await blobs.stage(fresh(1024), { hashes: ['md5'] });
        await store.write((tx) => blobs.adopt(tx, staged));
        refs.push(staged.ref);
      }),
    get: () => rate(workers, () => store.read((tx) => tx.get(anyKey()))),
    'get of a 1 KiB blob': () => rate(workers, () => blobs.bytes(refs[Math.floor(Math.random() * refs.length)]!)),
  };
  const samples = new Map<string, Rate[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(cases)) samples.set(name, [...(samples.get(name) ?? []), await run()]);
  }
  await blobs.close();
  await store.close();
  rmSync(dataDirectory, { recursive: true });
  const medians = [...samples].map(([name, list]) => [
    name,
    { perSecond: median(list.map((rate) => rate.perSecond)), cpuMicroseconds: median(list.map((rate) => rate.cpuMicroseconds)) },
  ]);
  return Object.fromEntries(medians) as StoreFigures;
}

/** Keeps so many loops busy for a second; they give the event loop its turn. */
async function rate(loops: number, operation: () => Promise<unknown>): Promise<Rate> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let done = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() - start < milliseconds) {
      await operation();
      if (++done % 256 === 0) await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: loops }, loop));
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: done / ((performance.now() - start) / 1000), cpuMicroseconds: (user + system) / done };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const figures = await measureStore();
  const bare = figures['fdatasync of 4 KiB, one after another'].perSecond;
  for (const [name, { perSecond, cpuMicroseconds }] of Object.entries(figures)) {
    console.log(
      `${name.padEnd(40)} ${Math.round(perSecond).toLocaleString('en').padStart(9)} /s  ${cpuMicroseconds.toFixed(1).padStart(6)} µs CPU  ${(perSecond / bare).toFixed(1).padStart(6)} × the bare loop`,
    );
  }
}
