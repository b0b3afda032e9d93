/** Reads blobs from another S3, verified, in constant memory; a body that is cut off is taken up where it ended. */

import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { BlobCorrupt, BlobMissing } from '../blob-store.ts';
import { blockBytes, blockCount, checksumBytes } from '../blobs/block-checksums.ts';
import type { WholeRange } from '../blobs/byte-range.ts';
import { away, type RemoteClient } from './client.ts';
import type { RemotePlace } from './place.ts';

export type RemoteReader = { client: RemoteClient; place: RemotePlace };
type Extent = { name: string; size: number };

/** A body may be cut off this often in a row without a byte between. */
const cutsMax = 4;

/** All bytes of a small blob. */
export async function readSmall(reader: RemoteReader, { name, size }: Extent, crc: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of bytesOf(reader, name, 0, size)) parts.push(part);
  const bytes = Buffer.concat(parts);
  if (crc32(bytes) !== crc) throw new BlobCorrupt(`the object ${name} is damaged`);
  return bytes;
}

/** A range of a big blob, behind whose bytes lie the checksums of its blocks. */
export function readBig(reader: RemoteReader, blob: Extent, { start, end, ownPieces }: WholeRange): Readable {
  const bytes = ownPieces === undefined ? checkedBytes(reader, blob, start, end) : bytesOf(reader, blob.name, start, end);
  return Readable.from(bytes, { objectMode: false, highWaterMark: 1 << 20 });
}

async function* checkedBytes(reader: RemoteReader, { name, size }: Extent, start: number, end: number): AsyncGenerator<Buffer> {
  if (start === end) return;
  const first = Math.floor(start / blockBytes);
  const last = blockCount(end);
  const table: Buffer[] = [];
  for await (const part of bytesOf(reader, name, size + first * checksumBytes, size + last * checksumBytes)) table.push(part);
  const sums = Buffer.concat(table);
  let block = first;
  for await (const bytes of blocks(bytesOf(reader, name, first * blockBytes, Math.min(size, last * blockBytes)))) {
    if (crc32(bytes) !== sums.readUInt32BE((block - first) * checksumBytes))
      throw new BlobCorrupt(`the object ${name} is damaged in block ${block}`);
    const at = block++ * blockBytes;
    yield bytes.subarray(Math.max(0, start - at), Math.max(0, Math.min(bytes.length, end - at)));
  }
}

async function* blocks(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (let bytes of source) {
    while (length + bytes.length >= blockBytes) {
      const cut = blockBytes - length;
      yield Buffer.concat([...held, bytes.subarray(0, cut)]);
      bytes = bytes.subarray(cut);
      held = [];
      length = 0;
    }
    if (bytes.length > 0) held.push(bytes);
    length += bytes.length;
  }
  if (length > 0) yield Buffer.concat(held);
}

/** The bytes from `start` up to `end` of an object, as they come. */
async function* bytesOf({ client, place }: RemoteReader, name: string, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start, cuts = 0; at < end;) {
    const range = `bytes=${at}-${end - 1}`;
    const { status, body } = await client.send({ method: 'GET', name, headers: { range }, takes: [404, 416] });
    if (status === 404 || status === 416) {
      body.resume();
      throw status === 404 ? new BlobMissing(`the object ${name} is gone`) : new BlobCorrupt(`the object ${name} has lost its end`);
    }
    const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      for (;;) {
        const next = await pieces.next().catch((error: unknown) => {
          if (++cuts > cutsMax) throw away(place, error);
        });
        if (!next || next.done) break; // cut off, or at its end
        cuts = 0;
        at += next.value.length;
        yield next.value;
      }
    } finally {
      if (at < end) body.destroy(); // the connection cannot be used again
    }
    if (at < end && body.complete) throw new BlobCorrupt(`the object ${name} has lost its end`);
    if (at > end) throw new BlobCorrupt(`more came of the object ${name} than was asked for`);
  }
}
