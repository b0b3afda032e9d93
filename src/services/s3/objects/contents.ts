/** The bytes of an object: which blobs hold a range of it, and a stream over them. */

import { Readable } from 'node:stream';
import type { BlobRef, BlobStore } from '../../../store/blob-store.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { wholeReadBytesMax } from '../limits.ts';
import { scanNumbers } from '../listings/bounds.ts';
import { parts, type ObjectRecord, type Part, type Parts } from '../tables.ts';
import type { ByteRange } from './ranges.ts';

/** A run of bytes of one blob. */
export type Slice = { blob: BlobRef; start: number; end: number };

/** The slices that hold a range of an object. */
export async function slicesOf(tx: ReadTransaction, object: ObjectRecord, range: ByteRange): Promise<Slice[]> {
  if (object.blob) return [{ blob: object.blob, ...range }];
  const slices: Slice[] = [];
  const { rows, offset } = await partsAround(tx, object.parts!, range);
  let at = offset;
  for (const part of rows) {
    const start = Math.max(range.start, at);
    const end = Math.min(range.end, at + part.size);
    if (start < end) slices.push({ blob: part.blob, start: start - at, end: end - at });
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

/** Bytes of the slices in order: small ones in one piece, others as a stream that opens one blob after another. */
export async function open(blobs: BlobStore, slices: readonly Slice[]): Promise<Uint8Array | Readable> {
  const [only, ...more] = slices;
  if (!only) return new Uint8Array(0);
  if (more.length > 0) return Readable.from(sliceBytes(blobs, slices), { objectMode: false });
  const { blob, start, end } = only;
  if (blob.size > wholeReadBytesMax) return blobs.read(blob, { start, end });
  const bytes = await blobs.bytes(blob);
  return start === 0 && end === blob.size ? bytes : bytes.subarray(start, end);
}

async function* sliceBytes(blobs: BlobStore, slices: readonly Slice[]): AsyncGenerator<Uint8Array> {
  for (const { blob, start, end } of slices) yield* blobs.read(blob, { start, end }) as AsyncIterable<Uint8Array>;
}
