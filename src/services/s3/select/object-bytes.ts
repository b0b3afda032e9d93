/** The bytes of the object that is queried: plain, by range, counted; unpacked where they are compressed, cut at records where a part is asked for. */

import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Bzip2Fault, unpackBzip2 } from './bzip2.ts';
import { selectError } from './errors.ts';

/** How much of an object was looked at so far, and what it was unpacked. */
export type Progress = { scanned: number; processed: number; returned: number };

export type ObjectBytes = { readonly size: number; read(start: number, end: number): AsyncIterable<Uint8Array> };
export type Compression = 'NONE' | 'GZIP' | 'BZIP2';
/** The bytes of the first and the last byte at which a record may begin. */
export type ScanRange = { readonly first: number; readonly last: number };

/** Counts what is read. */
export async function* scanned(source: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    progress.scanned += bytes.length;
    yield bytes;
  }
}

/** Throws InvalidCompressionFormat for what is not compressed so, TruncatedInput for what breaks off. */
export async function* unpacked(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  progress: Progress,
): AsyncGenerator<Uint8Array> {
  const plain = compression === 'GZIP' ? gunzipped(source) : compression === 'BZIP2' ? bunzipped(source) : source;
  for await (const bytes of plain) {
    progress.processed += bytes.length;
    yield bytes;
  }
}

const firstGzipByte = 0x1f;

async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first: number | undefined;
  const watched = async function* () {
    for await (const bytes of source) {
      first ??= bytes[0];
      yield bytes;
    }
  };
  // What goes wrong is seen by whoever reads.
  const gunzip = pipeline(watched, createGunzip(), () => {}) as Readable;
  try {
    for await (const bytes of gunzip) yield bytes as Uint8Array;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined || !code.startsWith('Z_')) throw error;
    throw selectError(first === firstGzipByte ? 'TruncatedInput' : 'InvalidCompressionFormat', error);
  }
}

async function* bunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* unpackBzip2(source);
  } catch (error) {
    if (!(error instanceof Bzip2Fault)) throw error;
    throw selectError(error.isForeign ? 'InvalidCompressionFormat' : 'TruncatedInput', error);
  }
}

/** The records that begin within a range: the last of them is read to its end, beyond the range. */
export async function* recordsWithin(object: ObjectBytes, { first, last }: ScanRange, delimiter: string): AsyncGenerator<Uint8Array> {
  const mark = Buffer.from(delimiter);
  const from = Math.max(0, first - mark.length);
  // A record that began before the range belongs to who asked for that one.
  let inside = first === 0;
  let held: Buffer = Buffer.alloc(0);
  let offset = from;
  for await (const bytes of object.read(from, object.size)) {
    held = held.length === 0 ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : Buffer.concat([held, bytes]);
    if (!inside) {
      const begin = held.indexOf(mark);
      const cut = begin === -1 ? Math.max(0, held.length - mark.length + 1) : begin + mark.length;
      held = held.subarray(cut);
      offset += cut;
      if (begin === -1) continue;
      inside = true;
      if (offset > last) return;
    }
    const end = offset + held.length > last ? held.indexOf(mark, Math.max(0, last + 1 - mark.length - offset)) : -1;
    const ready = end === -1 ? Math.max(0, held.length - mark.length + 1) : end + mark.length;
    yield held.subarray(0, ready);
    if (end !== -1) return;
    held = held.subarray(ready);
    offset += ready;
  }
  if (inside && held.length > 0) yield held;
}

/** Text of UTF-8. Throws InvalidTextEncoding. */
export async function* textOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (error) {
      throw selectError('InvalidTextEncoding', error);
    }
  };
  for await (const bytes of source) yield decode(bytes);
  const last = decode();
  if (last !== '') yield last;
}
