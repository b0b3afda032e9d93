/** Reads big blobs, or ranges of them, in pieces of about 512 KiB, verifying the checksum of every block, or leaving it to a reader who knows better. */

import { crc32 } from 'node:zlib';
import { Readable } from 'node:stream';
import type { SelfWriting } from '../../framework/http-message.ts';
import { BlobCorrupt } from '../blob-store.ts';
import { blockBytes, blockCount, checksumBytes, fileBytes } from './block-checksums.ts';
import type { WholeRange } from './byte-range.ts';
import { closeFile, openFile, readAt, statOf } from './descriptors.ts';

const blocksPerRead = 4;
const pieceBytes = blocksPerRead * blockBytes;
const bytesReadAhead = 1 << 20;
const checksumsPerRead = 16 * 1024; // for 4 GiB of the blob

/** Besides being a stream, it can write itself out of two buffers that it uses in turn; a piece is good until `write` resolves. */
export type FileRange = Readable & SelfWriting;

/** The bytes from `start` up to `end`; `missing` makes the error for a file that is not there. */
export function readFileRange(path: string, size: number, { start, end, ownPieces }: WholeRange, missing: () => Error): FileRange {
  let descriptor: number | undefined;
  let position = start;
  let block = Math.floor(start / blockBytes);
  const last = blockCount(end);
  let checksums: Buffer = Buffer.alloc(0);
  let firstChecksum = 0;

  let begun: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    descriptor = await openFile(path, 'r').catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? missing() : error;
    });
    const { size: stored } = await statOf(descriptor);
    if (stored < fileBytes(size)) throw new BlobCorrupt(`${path} has lost its end`);
  };

  const checksumOf = async (file: number, index: number): Promise<number> => {
    if (index < firstChecksum || (index - firstChecksum) * checksumBytes >= checksums.length) {
      firstChecksum = index;
      checksums = await readAt(file, Math.min(checksumsPerRead, last - index) * checksumBytes, size + index * checksumBytes);
    }
    const at = (index - firstChecksum) * checksumBytes;
    if (at + checksumBytes > checksums.length) throw new BlobCorrupt(`${path} has lost its end`);
    return checksums.readUInt32BE(at);
  };

  const bytesPerRead = readLength(ownPieces);
  const readUnchecked = async (file: number, buffer?: Buffer): Promise<Buffer> => {
    const bytes = await readAt(file, Math.min(bytesPerRead, end - position), position, buffer);
    position += bytes.length;
    if (bytes.length < bytesPerRead && position < end) throw new BlobCorrupt(`${path} has lost its end`);
    return bytes;
  };
  const readChecked = async (file: number, buffer?: Buffer): Promise<Buffer> => {
    const from = block * blockBytes;
    const to = Math.min(size, from + Math.min(blocksPerRead, last - block) * blockBytes);
    const bytes = await readAt(file, to - from, from, buffer);
    for (let at = 0; at < to - from; at += blockBytes, block++) {
      const part = bytes.subarray(at, at + blockBytes);
      if (crc32(part) !== (await checksumOf(file, block))) throw new BlobCorrupt(`${path} is damaged in block ${block}`);
    }
    position = Math.min(to, end);
    return bytes.subarray(Math.max(0, start - from), Math.min(bytes.length, end - from));
  };
  const readNext = ownPieces === undefined ? readChecked : readUnchecked;

  const stream = new Readable({
    highWaterMark: bytesReadAhead,
    construct(done) {
      (begun ??= begin()).then(() => done(), done);
    },
    read() {
      if (position >= end) return void this.push(null);
      readNext(descriptor!).then(
        (bytes) => this.push(bytes),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      if (descriptor === undefined) return done(error);
      closeFile(descriptor).then(() => done(error), done);
    },
  });
  const next = (buffer: Buffer): Promise<Buffer | undefined> =>
    (begun ??= begin()).then(() => (position < end ? readNext(descriptor!, buffer) : undefined));
  return Object.assign(harmless(stream), {
    writeTo: (write: Write) => writeInTurn(bytesPerRead, next, write).finally(() => stream.destroy()),
  });
}

/** Whoever reads is told of an error all the same, and a writer by `writeTo`: one that comes before they begin would end the process. */
function harmless(stream: Readable): Readable {
  return stream.on('error', () => {});
}

/** As many whole pieces of the reader's as make about one of ours. */
function readLength(ownPieces: number | undefined): number {
  return ownPieces === undefined ? pieceBytes : Math.max(1, Math.floor(pieceBytes / ownPieces)) * ownPieces;
}

type Write = Parameters<SelfWriting['writeTo']>[0];

/** Reads into one buffer while the other is being written: the read is asked for first, since what a write begins with may be long work. */
async function writeInTurn(bytes: number, next: (buffer: Buffer) => Promise<Buffer | undefined>, write: Write): Promise<void> {
  let buffers = [Buffer.allocUnsafeSlow(bytes), Buffer.allocUnsafeSlow(bytes)] as const;
  let written: Promise<void> = Promise.resolve();
  let reading = next(buffers[0]);
  try {
    for (let piece = await reading; piece; piece = await reading) {
      await written;
      buffers = [buffers[1], buffers[0]];
      reading = next(buffers[0]);
      reading.catch(() => {}); // awaited in the next round, or by whoever ends this early
      written = write(piece);
      written.catch(() => {}); // awaited in the next round, which may fail before
    }
    await written;
  } finally {
    await reading.catch(() => {}); // the file must not be closed under a read: its number may be another file's by then
  }
}
