/** The bytes of an object: which blobs hold a range of it, and a stream over them. */

import { Readable } from 'node:stream';
import { isSelfWriting } from '../../../framework/body.ts';
import type { SelfWriting } from '../../../framework/http-message.ts';
import { release, type BlobRef, type BlobStore } from '../../../store/blob-store.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { frameBytesOf, unwrap } from '../../../framework/blob-encryption/data-keys.ts';
import {
  decryptFrames,
  decryptStream,
  frameReader,
  storedFrameBytes,
  storedRange,
  type BlobKey,
} from '../../../framework/blob-encryption/frames.ts';
import { wholeReadBytesMax } from '../limits.ts';
import { scanNumbers } from '../listings/bounds.ts';
import { parts, type ObjectRecord, type Part, type Parts } from '../tables.ts';
import type { ByteRange } from './ranges.ts';

/** A run of bytes of one blob, counted before encryption. */
export type Slice = {
  blob: BlobRef;
  start: number;
  end: number;
  /** Wrapped; absent for bytes in the clear. */ dataKey?: string | undefined;
};

/** The slices that hold a range of an object. */
export async function slicesOf(tx: ReadTransaction, object: ObjectRecord, range: ByteRange): Promise<Slice[]> {
  if (object.blob) return [{ blob: object.blob, dataKey: object.dataKey, ...range }];
  const slices: Slice[] = [];
  const { rows, offset } = await partsAround(tx, object.parts!, range);
  let at = offset;
  for (const part of rows) {
    const start = Math.max(range.start, at);
    const end = Math.min(range.end, at + part.size);
    if (start < end) slices.push({ blob: part.blob, dataKey: part.dataKey, start: start - at, end: end - at });
    at += part.size;
  }
  return slices;
}

/** The range of one part by its number, and the part. Undefined when the object has no such part. */
export async function partRange(
  tx: ReadTransaction,
  object: ObjectRecord,
  number: number,
): Promise<{ range: ByteRange; part?: Part } | undefined> {
  if (!object.parts) return number === 1 ? { range: { start: 0, end: object.size } } : undefined;
  const part = await parts.get(tx, object.parts.id, number);
  if (!part) return undefined;
  const { id, size } = object.parts;
  const start =
    size === undefined
      ? (await scanNumbers(parts, tx, [id], 1, number)).reduce((sum, before) => sum + before.size, 0)
      : (number - 1) * size;
  return { range: { start, end: start + part.size }, part };
}

async function partsAround(tx: ReadTransaction, { id, size }: Parts, { start, end }: ByteRange): Promise<{ rows: Part[]; offset: number }> {
  if (size === undefined) return { rows: (await parts.scan(tx, [id])).map(({ row }) => row), offset: 0 };
  const first = Math.floor(start / size);
  const last = Math.ceil(end / size);
  return { rows: await scanNumbers(parts, tx, [id], first + 1, last + 1), offset: first * size };
}

/**
 * Bytes of the slices in order: small ones in one piece (at once when they are in memory), others as a stream that opens one blob after another. `remember` lets the
 * plain bytes of a small blob stay in memory: not for those under a customer's key, which are in the clear only while they are asked for.
 */
export function open(
  blobs: BlobStore,
  slices: readonly Slice[],
  wrapping: BlobKey,
  remember = false,
): Uint8Array | Readable | Promise<Uint8Array> {
  const [only, ...more] = slices;
  if (!only) return new Uint8Array(0);
  if (more.length > 0) return manyOf(blobs, slices, wrapping);
  const { blob } = only;
  if (blob.size > wholeReadBytesMax) return streamOf(blobs, only, wrapping);
  const kept = remember ? blobs.kept(blob) : undefined;
  return kept ? within(kept, only) : wholeOf(blobs, only, wrapping, remember).then((whole) => within(whole, only));
}

function within(whole: Buffer, { start, end }: Slice): Buffer {
  return start === 0 && end === whole.length ? whole : whole.subarray(start, end);
}

/** All plain bytes of a small blob. */
async function wholeOf(blobs: BlobStore, { blob, dataKey }: Slice, wrapping: BlobKey, remember: boolean): Promise<Buffer> {
  const stored = await blobs.bytes(blob);
  if (dataKey === undefined) return stored;
  const plain = decryptFrames(unwrap(wrapping, dataKey), stored, { frame: 0, plain: frameBytesOf(dataKey) });
  if (remember) blobs.keep(blob, plain);
  return plain;
}

function streamOf(blobs: BlobStore, { blob, start, end, dataKey }: Slice, wrapping: BlobKey): Readable {
  if (dataKey === undefined) return blobs.read(blob, { start, end });
  const plain = frameBytesOf(dataKey);
  const where = storedRange({ start, end }, blob.size, plain);
  const window = { plain, frame: where.frame, skip: where.skip, length: end - start };
  const stored = blobs.read(blob, { start: where.start, end: where.end, ownPieces: storedFrameBytes(plain) });
  const key = unwrap(wrapping, dataKey);
  const stream = Readable.from(decryptStream(key, stored, window), { objectMode: false });
  stream.once('close', () => stored.destroy()); // who never began to read does not end the generator
  return isSelfWriting(stored)
    ? Object.assign(stream, { writeTo: (write: Write) => writeDecrypted(stored, frameReader(key, window), write) })
    : stream;
}

type Write = Parameters<SelfWriting['writeTo']>[0];

/** Each piece is decrypted into bytes of its own, which go out in order, while the next is read and decrypted. */
async function writeDecrypted(stored: SelfWriting, frames: ReturnType<typeof frameReader>, write: Write): Promise<void> {
  let sent: Promise<unknown> = Promise.resolve();
  const send = async (plain: readonly Buffer[]): Promise<void> => {
    await sent;
    sent = Promise.all(plain.map((bytes) => write(bytes).then(() => release(bytes))));
    sent.catch(() => {}); // seen by whoever awaits the next piece, or the end
  };
  await stored.writeTo((piece) => send(frames.update(piece)));
  await send(frames.final());
  await sent;
}

/** A body of many blobs: a stream, and besides it each blob in turn writes itself where it can. */
function manyOf(blobs: BlobStore, slices: readonly Slice[], wrapping: BlobKey): Readable & SelfWriting {
  const stream = Readable.from(sliceBytes(blobs, slices, wrapping), { objectMode: false });
  const writeTo = async (write: Write): Promise<void> => {
    for (const slice of slices) {
      const part = streamOf(blobs, slice, wrapping);
      if (isSelfWriting(part)) await part.writeTo(write);
      else for await (const bytes of part) await write(bytes as Uint8Array);
    }
  };
  return Object.assign(stream, { writeTo });
}

async function* sliceBytes(blobs: BlobStore, slices: readonly Slice[], wrapping: BlobKey): AsyncGenerator<Uint8Array> {
  for (const slice of slices) yield* streamOf(blobs, slice, wrapping) as AsyncIterable<Uint8Array>;
}
