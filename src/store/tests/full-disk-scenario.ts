/** Fills the small disk that full-disk.test.ts has mounted, and checks what the store and the blobs make of it. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlobRef } from '../blob-store.ts';
import { encodeKey } from '../keys.ts';
import { openBlobs, openStore } from '../open-store.ts';
import { StoreFull, type Store } from '../store.ts';

const dataDirectory = process.argv[2]!;
const ballast = join(dataDirectory, 'ballast');
const directory = join(dataDirectory, 'blobs');
const record = (): string => JSON.stringify(randomBytes(300).toString('base64'));

/** Writes eight at a time until the disk is full, and returns what was acknowledged. */
async function fill(store: Store, name: string): Promise<Map<number, string>> {
  const acknowledged = new Map<number, string>();
  let next = 0;
  let full = 0;
  const writer = async (): Promise<void> => {
    while (full < 20) {
      const [n, value] = [next++, record()];
      try {
        await store.write((tx) => tx.put(encodeKey(name, n), value));
        acknowledged.set(n, value);
      } catch (error) {
        assert.ok(error instanceof StoreFull, String(error));
        full++;
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, writer));
  return acknowledged;
}

async function check(store: Store, name: string, acknowledged: ReadonlyMap<number, string>): Promise<void> {
  for (const [n, value] of acknowledged) assert.equal(await store.read((tx) => tx.get(encodeKey(name, n))), value);
}

writeFileSync(ballast, randomBytes(3 << 20));
let store = await openStore({ dataDirectory });
let blobs = await openBlobs({ directory, store });

const small = randomBytes(50_000);
const refs: BlobRef[] = [];
await store.write(async () => {});
for (let n = 0; n < 20; n++) {
  const staged = await blobs.stage(small);
  await store.write((tx) => blobs.adopt(tx, staged));
  refs.push(staged.ref);
}
const first = await fill(store, 'first');
await check(store, 'first', first);
await assert.rejects(blobs.stage(randomBytes(3_000_000)), StoreFull);
await assert.rejects(
  (async () => {
    for (;;) await blobs.stage(randomBytes(1_000_000));
  })(),
  StoreFull,
);
for (const ref of refs) assert.ok((await blobs.bytes(ref)).equals(small), 'reads go on');

rmSync(ballast);
await store.write((tx) => tx.put(encodeKey('again'), '1'));
const staged = await blobs.stage(small);
await store.write((tx) => blobs.adopt(tx, staged));
writeFileSync(ballast, randomBytes(2_500_000));
const second = await fill(store, 'second');

// Killed here it would find the same: nothing below depends on a clean end, but for the lock.
await blobs.close();
await store.close();
rmSync(ballast);
store = await openStore({ dataDirectory });
blobs = await openBlobs({ directory, store });
await check(store, 'first', first);
await check(store, 'second', second);
for (const ref of [...refs, staged.ref]) assert.ok((await blobs.bytes(ref)).equals(small));
await blobs.close();
await store.close();
console.log(
  `${first.size} and ${second.size} records and ${refs.length + 1} blobs were acknowledged before the disk was full, and all are there`,
);
