/** What every driver of blobs must do, wherever it keeps them. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { BlobMissing, BlobTooLarge, StageExpired, type BlobRef, type Staged } from '../blob-store.ts';
import type { RunningBlobStore } from '../blobs/blobs.ts';
import { hashBytes } from '../hashing.ts';
import type { Store } from '../store.ts';

export type BlobStoreInTest = {
  store: Store;
  blobs: RunningBlobStore;
  /** Moves the driver's clock. */
  pass(minutes: number): void;
  /** The big blobs that the driver holds, whoever owns them. */
  big(): Promise<string[]>;
};

export const blobSizes = [0, 1, 192, 193, 1024, 262_144, 1 << 20, (1 << 20) + 1, (2 << 20) - 8, 2 << 20, 2_621_440, 3_000_001];
const never = new AbortController().signal;

export async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

const keep = async ({ store, blobs }: BlobStoreInTest, staged: Staged): Promise<BlobRef> => {
  await store.write((tx) => blobs.adopt(tx, staged));
  return staged.ref;
};
const put = async (place: BlobStoreInTest, bytes: Buffer): Promise<BlobRef> => keep(place, await place.blobs.stage(bytes));

/** What is true of a fresh store, by the sentence that says it. */
const behaviours: Record<string, (place: BlobStoreInTest) => Promise<void>> = {
  'blobs of every size come back, as bytes and as a stream, from pieces and at once': async (place) => {
    const { blobs } = place;
    for (const size of blobSizes) {
      const bytes = randomBytes(size);
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < size; at += 70_001) yield bytes.subarray(at, at + 70_001);
      }
      for (const staged of [
        await blobs.stage(bytes, { hashes: ['crc32', 'md5'] }),
        await blobs.stage(pieces(), { hashes: ['crc32', 'md5'] }),
      ]) {
        assert.deepEqual(staged.hashes, hashBytes(['crc32', 'md5'], bytes));
        const ref = await keep(place, staged);
        assert.equal(ref.size, size);
        assert.ok((await blobs.bytes(ref)).equals(bytes));
        assert.ok((await collect(blobs.read(ref))).equals(bytes));
      }
    }
  },

  'ranges are exact, across blocks and at the edges': async (place) => {
    for (const size of blobSizes) {
      const bytes = randomBytes(size);
      const ref = await put(place, bytes);
      const edges = [0, 1, 262_143, 262_144, 262_145, 524_288, size - 1, size].filter((edge) => edge >= 0 && edge <= size);
      for (const start of edges) {
        for (const end of edges.filter((edge) => edge >= start)) {
          const where = `${start} to ${end} of ${size}`;
          assert.ok((await collect(place.blobs.read(ref, { start, end }))).equals(bytes.subarray(start, end)), where);
          assert.ok((await collect(place.blobs.read(ref, { start, end, ownPieces: 1000 }))).equals(bytes.subarray(start, end)), where);
        }
      }
      assert.throws(() => place.blobs.read(ref, { start: 0, end: size + 1 }), RangeError);
    }
  },

  'a source that fails, or has too many bytes, leaves nothing behind': async (place) => {
    const { blobs, big } = place;
    async function* failing(): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < 30; n++) yield randomBytes(1_000_000);
      throw new Error('the client has gone');
    }
    await assert.rejects(blobs.stage(failing(), { hashes: ['md5'] }), /the client has gone/);
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield randomBytes(100_000);
    }
    await assert.rejects(blobs.stage(endless(), { bytesMax: 5_000_000 }), BlobTooLarge);
    await assert.rejects(blobs.stage(randomBytes(11), { bytesMax: 10 }), BlobTooLarge);
    assert.deepEqual(await big(), []);
  },

  'discarding removes what was staged, but never what was adopted': async (place) => {
    const staged = await place.blobs.stage(randomBytes(2_000_000));
    await place.blobs.discard(staged);
    assert.deepEqual(await place.big(), []);
    const kept = await place.blobs.stage(randomBytes(2_000_000));
    await keep(place, kept);
    await place.blobs.discard(kept);
    assert.equal((await place.blobs.bytes(kept.ref)).length, 2_000_000);
  },

  'what is staged must be adopted soon': async (place) => {
    const staged = await place.blobs.stage(randomBytes(1_000));
    place.pass(11);
    await assert.rejects(keep(place, staged), StageExpired);
  },

  'ids that nobody made are refused': async (place) => {
    const { blobs } = place;
    for (const id of ['', 'f...', 'f.../../etc/passwd.0', 's.../x.0.0.0', 'r.../x.0.0', 'i.0.AAAA', 's.a.b'])
      await assert.rejects(async () => collect(blobs.read({ id, size: 1 })), TypeError, id);
  },

  'a blob goes a minute after its last owner, and a reader who has begun reads on': async (place) => {
    const { store, blobs, big, pass } = place;
    const bytes = randomBytes(4_000_000);
    const ref = await put(place, bytes);
    await store.write((tx) => blobs.share(tx, ref));
    await store.write((tx) => blobs.remove(tx, ref));
    const ofTwo = await blobs.stage(randomBytes(4_000_000));
    await store.write((tx) => blobs.adopt(tx, ofTwo, 2));
    await store.write((tx) => blobs.remove(tx, ofTwo.ref));
    pass(20);
    await blobs.maintain(never);
    assert.equal((await big()).length, 2, 'one owner of each is left');
    await store.write((tx) => blobs.remove(tx, ofTwo.ref));
    await store.write((tx) => blobs.remove(tx, ref));
    await blobs.maintain(never);
    assert.equal((await big()).length, 2, 'within the grace');
    const reading = blobs.read(ref)[Symbol.asyncIterator]();
    const parts = [(await reading.next()).value as Buffer];
    pass(2);
    assert.equal((await blobs.maintain(never)).filesRemoved, 2);
    assert.deepEqual(await big(), []);
    for (let next = await reading.next(); !next.done; next = await reading.next()) parts.push(next.value as Buffer);
    assert.ok(Buffer.concat(parts).equals(bytes));
    await assert.rejects(blobs.bytes(ref), BlobMissing);
  },

  'what a crash left staged is collected, what is just being staged is not': async (place) => {
    const { blobs, big, pass } = place;
    await blobs.stage(randomBytes(2_000_000));
    const kept = await put(place, randomBytes(2_000_000));
    await blobs.maintain(never);
    assert.equal((await big()).length, 2);
    pass(16);
    assert.equal((await blobs.maintain(never)).filesRemoved, 1);
    assert.equal((await blobs.bytes(kept)).length, 2_000_000);
    pass(300);
    assert.equal((await blobs.maintain(never)).filesRemoved, 0);
  },

  'an upload that takes hours is not taken for left behind': async (place) => {
    const { blobs, big, pass } = place;
    const bytes = randomBytes(20_000_000);
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 18_000_000);
      pass(6_000);
      assert.equal((await blobs.maintain(never)).filesRemoved, 0);
      yield bytes.subarray(18_000_000);
    }
    const ref = await keep(place, await blobs.stage(slowly()));
    pass(600);
    await blobs.maintain(never);
    assert.ok((await blobs.bytes(ref)).equals(bytes));
    assert.equal((await big()).length, 1);
  },

  'a store that was emptied lets go of all blobs': async (place) => {
    await put(place, randomBytes(2_000_000));
    await put(place, randomBytes(2_000));
    await place.blobs.forgetAll();
    place.pass(20);
    await place.blobs.maintain(never);
    assert.deepEqual(await place.big(), []);
  },
};

export function blobConformance(name: string, open: () => Promise<BlobStoreInTest>): void {
  for (const [behaviour, prove] of Object.entries(behaviours)) test(`${name}: ${behaviour}`, async () => prove(await open()));
}
