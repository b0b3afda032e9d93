/** Bytes go when their last owner has let go, and not before; compaction moves what lives, under load and more than once. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { BlobRef } from '../blob-store.ts';
import { openBlobs, type RunningBlobStore } from '../blobs/blobs.ts';
import { openStore } from '../open-store.ts';
import type { Store } from '../store.ts';

const minute = 60_000;
const never = new AbortController().signal;

type Place = {
  store: Store;
  blobs: RunningBlobStore;
  directory: string;
  pass(minutes: number): void;
  put(bytes: Buffer): Promise<BlobRef>;
  files(): string[];
  segments(): string[];
};

/** A blob store whose clock the test moves. */
async function open(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'haneul-house-'));
  const store = await openStore({ temporary: true });
  let ahead = 0;
  const blobs = await openBlobs({ directory, store, now: () => Date.now() + ahead });
  after(async () => {
    await blobs.close();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    store,
    blobs,
    directory,
    pass: (minutes) => void (ahead += minutes * minute),
    put: async (bytes) => {
      const staged = await blobs.stage(bytes);
      await store.write((tx) => blobs.adopt(tx, staged));
      return staged.ref;
    },
    files: () => readdirSync(join(directory, 'files'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('-')),
    segments: () => readdirSync(join(directory, 'segments')),
  };
}

test('a segment of which little lives is compacted, again and again, and its blobs keep their names', async () => {
  const { store, blobs, pass, put, segments } = await open();
  const bodies = Array.from({ length: 200 }, (_, n) => randomBytes(300 + n * 50));
  const refs = await Promise.all(bodies.map(put));
  let living = refs.map((_, n) => n);
  for (let round = 0; round < 3; round++) {
    const dead = living.filter((_, i) => i % 4 !== 0);
    living = living.filter((_, i) => i % 4 === 0);
    for (const n of dead) await store.write((tx) => blobs.remove(tx, refs[n]!));
    pass(20);
    const before = segments();
    assert.equal((await blobs.maintain(never)).segmentsCompacted, 1, `round ${round}`);
    for (const n of living) assert.ok((await blobs.bytes(refs[n]!)).equals(bodies[n]!));
    pass(2);
    await blobs.maintain(never);
    assert.equal(segments().filter((name) => before.includes(name)).length, 0, 'the old files are gone');
    for (const n of living) assert.ok((await blobs.bytes(refs[n]!)).equals(bodies[n]!));
  }
  for (const n of living) await store.write((tx) => blobs.remove(tx, refs[n]!));
  pass(20);
  await blobs.maintain(never);
  pass(2);
  await blobs.maintain(never);
  assert.deepEqual(segments(), []);
});

test('a segment that mostly lives is left alone', async () => {
  const { store, blobs, pass, put, segments } = await open();
  const refs = await Promise.all(Array.from({ length: 10 }, () => put(randomBytes(1_000))));
  await store.write((tx) => blobs.remove(tx, refs[0]!));
  pass(20);
  const before = segments();
  await blobs.maintain(never);
  pass(20);
  await blobs.maintain(never);
  assert.deepEqual(segments(), before);
});

test('compaction under load loses nothing: blobs are read, shared, removed and staged meanwhile', async () => {
  const { store, blobs, pass, put } = await open();
  const living = new Map<string, { ref: BlobRef; bytes: Buffer }>();
  const add = async (): Promise<void> => {
    const bytes = randomBytes(200 + Math.floor(Math.random() * 20_000));
    const ref = await put(bytes);
    living.set(ref.id, { ref, bytes });
  };
  const removeOne = async (): Promise<void> => {
    const [first] = living.values();
    living.delete(first!.ref.id);
    await store.write((tx) => blobs.remove(tx, first!.ref));
  };
  await Promise.all(Array.from({ length: 400 }, add));
  for (let n = 0; n < 260; n++) await removeOne();
  pass(20);
  await add(); // begins the next segment
  let compacting = true;
  const load = async (): Promise<void> => {
    while (compacting) {
      await add();
      await removeOne();
      const [, second] = living.values();
      assert.ok((await blobs.bytes(second!.ref)).equals(second!.bytes));
    }
  };
  const loads = [load(), load(), load()];
  assert.equal((await blobs.maintain(never)).segmentsCompacted, 1);
  compacting = false;
  await Promise.all(loads);
  pass(2);
  await blobs.maintain(never);
  for (const { ref, bytes } of living.values()) assert.ok((await blobs.bytes(ref)).equals(bytes));
});

test('a damaged blob keeps its segment: compaction moves the rest and removes nothing', async () => {
  const { store, blobs, directory, pass, put, segments } = await open();
  const bodies = Array.from({ length: 20 }, () => randomBytes(1_000));
  const refs: BlobRef[] = [];
  for (const body of bodies) refs.push(await put(body));
  for (const ref of refs.slice(3)) await store.write((tx) => blobs.remove(tx, ref));
  const [segment] = segments();
  const descriptor = openSync(join(directory, 'segments', segment!), 'r+');
  writeSync(descriptor, randomBytes(2), 0, 2, 500);
  closeSync(descriptor);
  pass(20);
  assert.equal((await blobs.maintain(never)).blobsDamaged, 1);
  pass(2);
  await blobs.maintain(never);
  assert.ok(segments().includes(segment!));
  assert.ok((await blobs.bytes(refs[1]!)).equals(bodies[1]!));
});

test('forgetting all leaves an empty directory after a while', async () => {
  const { blobs, pass, put, files, segments } = await open();
  await put(randomBytes(2_000_000));
  await put(randomBytes(2_000));
  await blobs.forgetAll();
  pass(20);
  await blobs.maintain(never);
  pass(2);
  await blobs.maintain(never);
  assert.deepEqual([files(), segments()], [[], []]);
});
