/** Finds the records of a shard from a position on, and brings their bytes. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { BlobRef, BlobStore } from '../../../store/blob-store.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { retentionMilliseconds } from '../limits.ts';
import { positions, runs, type Run, type Shard, type Stream } from '../tables.ts';
import { unpack, type PackedRecord } from './packing.ts';
import { sequencesOf } from './sequence.ts';

export type ReadRecord = { position: number; sequence: string; arrived: number; key: string; data: Buffer };

/** `next` is the position after the last record; `behind` says that there is more to read. */
export type ReadPage = { records: ReadRecord[]; next: number; behind: boolean; /** Of data and keys. */ bytes: number };

export type ReadLimits = { records: number; bytes: number };

const runsPerPage = 64;
const runsAtOnce = 16;
const blobBytesInMemoryMax = 1 << 20;

/** What arrived before this moment has been trimmed, whether its bytes have gone or not. */
export function trimHorizon(stream: Stream, now: number): number {
  return now - retentionMilliseconds(stream.retentionHours);
}

/** Reads until a limit is met; a first record is read whatever its size. */
export async function readRecords(
  request: ServiceRequest,
  stream: Stream,
  shard: Shard,
  from: number,
  limits: ReadLimits,
): Promise<ReadPage> {
  const horizon = trimHorizon(stream, request.clock.now());
  const page: ReadPage = { records: [], next: from, behind: false, bytes: 0 };
  for (;;) {
    const found = await request.store.read((tx) => runsFrom(tx, shard, page.next, runsPerPage));
    const live = found.filter((run) => run.arrived >= horizon);
    if (found.length > 0 && live.length === 0) page.next = found.at(-1)!.last + 1;
    for (let at = 0; at < live.length; at += runsAtOnce) {
      const some = live.slice(at, at + runsAtOnce);
      // oxlint-disable-next-line no-await-in-loop -- a few runs after another, so that not much more is in memory than is answered
      const packed = await Promise.all(some.map((run) => bytesOf(request.blobs, run)));
      for (const [i, run] of some.entries()) {
        if (!addRun(page, limits, shard, run, unpack(packed[i]!))) return { ...page, behind: true };
      }
    }
    if (found.length < runsPerPage) return page;
  }
}

/** Adds what a run holds from the page's next position on. False when a limit was met before its end. */
function addRun(page: ReadPage, limits: ReadLimits, shard: Shard, run: Run, packed: readonly PackedRecord[]): boolean {
  const sequence = sequencesOf(shard, run.arrived);
  for (let i = Math.max(0, page.next - run.first); i < packed.length; i++) {
    const { key, data } = packed[i]!;
    const size = data.length + Buffer.byteLength(key);
    if (page.records.length >= limits.records || (page.records.length > 0 && page.bytes + size > limits.bytes)) return false;
    const position = run.first + i;
    page.records.push({ position, sequence: sequence(position), arrived: run.arrived, key, data: data as Buffer });
    page.next = position + 1;
    page.bytes += size;
  }
  return true;
}

async function runsFrom(tx: ReadTransaction, { stream, number }: Shard, position: number, limit: number): Promise<Run[]> {
  const rows = await runs.between(tx, [stream, number, position], [stream, number + 1], { limit });
  return rows.map(({ row }) => row);
}

async function bytesOf(blobs: BlobStore, { blob, start, end }: { blob: BlobRef; start: number; end: number }): Promise<Buffer> {
  if (blob.size <= blobBytesInMemoryMax) return (await blobs.bytes(blob)).subarray(start, end);
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
    const [found] = await runs.between(tx, [stream.id, shard, middle], [stream.id, shard + 1], { limit: 1 });
    if (!found || found.row.arrived >= time) high = middle;
    else low = found.row.last + 1;
  }
  return low;
}
