/** Finds the records of a shard from a position on, and brings their bytes. */

import type { KeyObject } from 'node:crypto';
import { turn } from '../../../framework/blob-encryption/any-range.ts';
import { unwrap } from '../../../framework/blob-encryption/data-keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { BlobRef, BlobStore } from '../../../store/blob-store.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { retentionMilliseconds } from '../limits.ts';
import { openingKey, type KeyUser } from '../streams/encryption.ts';
import { batches, positions, runs, type Batch, type Run, type Shard, type Stream } from '../tables.ts';
import { isMarked, runInBatch } from './batch.ts';
import { unpack, type PackedRecord } from './packing.ts';
import { sequencesOf } from './sequence.ts';

export type ReadRecord = { position: number; sequence: string; arrived: number; key: string; data: Buffer };

/** `next` is the position after what was looked at; `behind` says that there is more to read. */
export type ReadPage = {
  records: ReadRecord[];
  next: number;
  behind: boolean;
  /** Of data and keys. */
  bytes: number;
  /** When the last thing that was looked at arrived. */
  reached?: number;
};

/** Who reads: a caller, or a channel's role. */
export type Reader = Pick<ServiceRequest, 'blobs' | 'clock'> & KeyUser;

export type ReadLimits = { records: number; bytes: number };

const rowsPerPage = 64;
const piecesAtOnce = 16;
/** A reader that finds nothing of its shard gives up after so many pages: the next call goes on from there. */
const emptyPagesMax = 40;
const blobBytesInMemoryMax = 1 << 20;

/** Records of one shard that lie together, or a batch that may have some. */
type Piece = Run | Batch;
/** Pieces that may hold records of a shard, and up to which position there are no others. */
type Found = { pieces: Piece[]; through: number; reached?: number; more: boolean };

/** What arrived before this moment has been trimmed, whether its bytes have gone or not. */
export function trimHorizon(stream: Stream, now: number): number {
  return now - retentionMilliseconds(stream.retentionHours);
}

/** Reads until a limit is met; a first record is read whatever its size. Throws what KMS refuses of the keys of what is read. */
export async function readRecords(request: Reader, stream: Stream, shard: Shard, from: number, limits: ReadLimits): Promise<ReadPage> {
  const horizon = trimHorizon(stream, request.clock.now());
  const page: ReadPage = { records: [], next: from, behind: false, bytes: 0 };
  for (let pages = 1; ; pages++) {
    const found = await request.store.read((tx) => piecesFrom(tx, shard, page.next));
    const live = found.pieces.filter((piece) => piece.arrived >= horizon);
    for (let at = 0; at < live.length; at += piecesAtOnce) {
      const some = live.slice(at, at + piecesAtOnce);
      // oxlint-disable-next-line no-await-in-loop -- a few pieces after another, so that not much more is in memory than is answered
      const keys = await keysOf(request, stream, some);
      // oxlint-disable-next-line no-await-in-loop -- as above
      const packed = await Promise.all(some.map((piece) => packedOf(request.blobs, keys, piece, shard.number)));
      for (const [i, piece] of some.entries()) {
        if (!addRun(page, limits, shard, piece.arrived, packed[i]!)) return { ...page, behind: true };
      }
    }
    page.next = Math.max(page.next, found.through + 1);
    if (found.reached !== undefined) page.reached = found.reached;
    if (!found.more) return page;
    if (pages >= emptyPagesMax && page.records.length === 0) return { ...page, behind: true };
  }
}

type Packed = { first: number; records: readonly PackedRecord[] };

/** Adds what a run holds from the page's next position on. False when a limit was met before its end. */
function addRun(page: ReadPage, limits: ReadLimits, shard: Shard, arrived: number, { first, records }: Packed): boolean {
  const sequence = sequencesOf(shard, arrived);
  for (let i = Math.max(0, page.next - first); i < records.length; i++) {
    const { key, data } = records[i]!;
    const size = data.length + Buffer.byteLength(key);
    if (page.records.length >= limits.records || (page.records.length > 0 && page.bytes + size > limits.bytes)) return false;
    const position = first + i;
    page.records.push({ position, sequence: sequence(position), arrived, key, data: data as Buffer });
    page.next = position + 1;
    page.bytes += size;
    page.reached = arrived;
  }
  return true;
}

/** In the order of their positions. A snapshot has all that will ever be at the positions that it has. */
async function piecesFrom(tx: ReadTransaction, { stream, number }: Shard, position: number): Promise<Found> {
  const narrow = await runs.between(tx, [stream, number, position], [stream, number + 1], { limit: rowsPerPage });
  const wide = await batches.between(tx, [stream, position], [stream, Number.MAX_SAFE_INTEGER], { limit: rowsPerPage });
  const ends = [narrow, wide].filter((rows) => rows.length === rowsPerPage).map((rows) => rows.at(-1)!.row.last);
  const seen = Math.max(narrow.at(-1)?.row.last ?? 0, wide.at(-1)?.row.last ?? 0);
  const through = Math.min(seen, ...ends);
  const within = [...narrow, ...wide].map(({ row }): Piece => row).filter(({ last }) => last <= through);
  within.sort((a, b) => a.last - b.last);
  const reached = within.at(-1)?.arrived;
  return {
    pieces: within.filter((piece) => !('marks' in piece) || isMarked(piece.marks, number)),
    through,
    ...(reached !== undefined && { reached }),
    more: ends.length > 0,
  };
}

/** `arrived` is when the first thing arrived that may hold a record of a shard: nothing from `next` on is older. Absent where nothing is there. */
type Waiting = { next: number; behind: boolean; arrived?: number };

/** Looks for what can be read from a position on, at no bytes, so that nobody's right is needed. */
export async function lookAhead(
  { store, clock }: Pick<Reader, 'store' | 'clock'>,
  stream: Stream,
  shard: Shard,
  from: number,
): Promise<Waiting> {
  const horizon = trimHorizon(stream, clock.now());
  for (let [next, pages] = [from, 1]; ; pages++) {
    const found = await store.read((tx) => piecesFrom(tx, shard, next));
    const first = found.pieces.find((piece) => piece.arrived >= horizon);
    if (first) return { next, behind: true, arrived: first.arrived };
    next = Math.max(next, found.through + 1);
    if (!found.more || pages >= emptyPagesMax) return { next, behind: found.more };
  }
}

/** What wraps the keys of pieces, by the data key that they name: of many under one, KMS is asked once. */
type Keys = ReadonlyMap<string | undefined, KeyObject>;

async function keysOf(request: Reader, stream: Stream, pieces: readonly Piece[]): Promise<Keys> {
  const keys = new Map<string | undefined, KeyObject>();
  const sealed = pieces.filter((piece) => piece.sealed !== undefined);
  for (const by of new Set(sealed.map(({ sealedBy }) => sealedBy))) keys.set(by, await openingKey(request, stream, by));
  return keys;
}

async function packedOf(blobs: BlobStore, keys: Keys, piece: Piece, shard: number): Promise<Packed> {
  const { blob, first, sealed, sealedBy } = piece;
  const key = sealed === undefined ? undefined : unwrap(keys.get(sealedBy)!, sealed);
  const part = async (start: number, end: number): Promise<Buffer> => {
    const bytes = await bytesOf(blobs, blob, start, end);
    return key ? turn(key, bytes, start) : bytes;
  };
  if (!('marks' in piece)) return { first, records: unpack(await part(piece.start, piece.end)) };
  const run = runInBatch(await part(piece.index, blob.size), shard);
  if (!run) return { first, records: [] };
  return { first: first + run.offset, records: unpack(await part(run.start, run.end)) };
}

/** A small part of a blob is copied, so that the answer does not hold the whole in memory. */
async function bytesOf(blobs: BlobStore, blob: BlobRef, start: number, end: number): Promise<Buffer> {
  if (blob.size <= blobBytesInMemoryMax) {
    const part = (await blobs.bytes(blob)).subarray(start, end);
    return part.length * 4 < blob.size ? Buffer.from(part) : part;
  }
  const parts: Buffer[] = [];
  for await (const part of blobs.read(blob, { start, end })) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The position that the next record of a stream will have. */
export async function nextPosition(tx: ReadTransaction, stream: Stream): Promise<number> {
  return (await positions.get(tx, stream.id))?.next ?? 1;
}

/** The position of the first record that arrived at a moment or after it. Times grow with positions, so it is found by halving. */
export async function positionAt(tx: ReadTransaction, stream: Stream, shard: number, time: number): Promise<number> {
  let low = 0;
  let high = await nextPosition(tx, stream);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = await pieceFrom(tx, stream, shard, middle);
    if (!found || found.arrived >= time) high = middle;
    else low = found.last + 1;
  }
  return low;
}

/** The first piece that ends at a position or after it. */
async function pieceFrom(tx: ReadTransaction, { id }: Stream, shard: number, position: number): Promise<Piece | undefined> {
  const [run] = await runs.between(tx, [id, shard, position], [id, shard + 1], { limit: 1 });
  const [batch] = await batches.between(tx, [id, position], [id, Number.MAX_SAFE_INTEGER], { limit: 1 });
  return run && (!batch || run.row.last < batch.row.last) ? run.row : batch?.row;
}
