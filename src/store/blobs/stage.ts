/** Takes bytes in: by their number they go into the id, a segment, or a file of their own. */

import { BlobTooLarge, release, type Staged, type StageOptions } from '../blob-store.ts';
import { loadXxHashes } from '../../framework/xxhash.ts';
import { createStreamHash, hashBytes } from '../hashing.ts';
import { formatInline, inlineBytesMax } from './blob-id.ts';
import type { HotBlobs } from './hot-blobs.ts';

/** Longer blobs get files of their own. */
export const segmentBlobBytesMax = 1 << 20;

/** Takes the bytes of one big blob. */
export type BigWriter = {
  /** A promise means: wait before you give more. The bytes must not be changed any more. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** Resolves when the bytes are durable, with the blob's id and the CRC-32 of what was written. */
  finish(): Promise<{ id: string; crc32: number }>;
  /** Removes what was written. */
  abort(): Promise<void>;
};

/** Where bytes are put that are too many for an id. */
export type StagePlaces = {
  hot: HotBlobs;
  /** Makes the bytes of a small blob durable; resolves with its id. */
  putSmall(bytes: Uint8Array): Promise<string>;
  /** `owned`: nobody else needs the bytes that the writer is given. */
  openBig(owned: boolean): Promise<BigWriter>;
};

export async function stageBytes(
  places: StagePlaces,
  bytes: Uint8Array,
  { hashes = [], bytesMax = Infinity, through }: StageOptions,
): Promise<Staged> {
  if (bytes.length > bytesMax) throw tooLarge(bytesMax);
  if (bytes.length > segmentBlobBytesMax) return stageStream(places, pieces(bytes), { hashes, ...(through && { through }) });
  await loadXxHashes(hashes);
  const stored = through ? joined(through.update(bytes), through.final()) : bytes;
  return stageSmall(places, stored, { hashes: hashBytes(hashes, bytes), taken: bytes.length, changed: through !== undefined });
}

export async function stageStream(
  places: StagePlaces,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { hashes = [], bytesMax = Infinity, through, owned = false }: StageOptions,
): Promise<Staged> {
  // A file's block checksums give the CRC-32 of the whole for nothing, so nobody computes it on the way: of what is stored as it came.
  const wantsCrc32 = !through && hashes.includes('crc32');
  const hash = createStreamHash(wantsCrc32 ? hashes.filter((name) => name !== 'crc32') : hashes, owned && through ? release : undefined);
  const held: Uint8Array[] = [];
  let [taken, size] = [0, 0];
  let file: BigWriter | undefined;
  const keep = async (bytes: Uint8Array): Promise<void> => {
    size += bytes.length;
    if (bytes.length === 0) return;
    if (file) return file.write(bytes);
    held.push(bytes);
    if (size <= segmentBlobBytesMax) return;
    file = await places.openBig(through !== undefined);
    for (const earlier of held.splice(0)) await file.write(earlier);
  };
  try {
    for await (const bytes of source) {
      taken += bytes.length;
      if (taken > bytesMax) throw tooLarge(bytesMax);
      if (bytes.length === 0) continue;
      const stored = through ? through.update(bytes) : bytes;
      const hashed = hash.update(bytes);
      await keep(stored);
      if (hashed) await hashed;
    }
    if (through) await keep(through.final());
    if (!file) {
      const bytes = held.length === 1 ? held[0]! : Buffer.concat(held);
      const digests = { ...(await hash.digest()), ...(wantsCrc32 && hashBytes(['crc32'], bytes)) };
      return await stageSmall(places, bytes, { hashes: digests, taken, changed: through !== undefined });
    }
    const [digests, written] = await Promise.all([hash.digest(), file.finish()]);
    if (wantsCrc32) digests.crc32 = bigEndian(written.crc32);
    return { ref: { id: written.id, size }, hashes: digests, taken };
  } catch (error) {
    hash.abort();
    await file?.abort();
    throw error;
  }
}

type Taken = Pick<Staged, 'hashes' | 'taken'> & { /** What is stored is not what came. */ changed: boolean };

async function stageSmall(places: StagePlaces, bytes: Uint8Array, { hashes, taken, changed }: Taken): Promise<Staged> {
  const size = bytes.length;
  if (size <= inlineBytesMax) return { ref: { id: formatInline(bytes), size }, hashes, taken };
  const id = await places.putSmall(bytes);
  if (!changed) places.hot.keep(id, bytes);
  return { ref: { id, size }, hashes, taken };
}

function joined(first: Uint8Array, last: Uint8Array): Uint8Array {
  return last.length === 0 ? first : first.length === 0 ? last : Buffer.concat([first, last]);
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += segmentBlobBytesMax) yield bytes.subarray(at, at + segmentBlobBytesMax);
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function tooLarge(bytesMax: number): BlobTooLarge {
  return new BlobTooLarge(`the blob has more than ${bytesMax} bytes`);
}
