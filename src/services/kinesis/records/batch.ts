/** The form of a batch: a mark for each shard that it may hold records of, and an index of its runs behind the records in its blob. */

import type { PackedRecord } from './packing.ts';
import { headBytes, write } from './packing.ts';

const markBits = 1024;
const entryBytes = 12;

/** A run as the index of a batch has it: positions count from the batch's first, bytes from the blob's beginning. */
export type IndexedRun = { offset: number; start: number; end: number };

type Group = { shard: number; records: readonly PackedRecord[] };

/** The records of all groups in a row, then the index, and where that begins. Each group has another shard. */
export function packBatch(groups: readonly Group[]): { bytes: Buffer; index: number } {
  let index = 0;
  for (const { records } of groups) for (const { key, data } of records) index += headBytes + Buffer.byteLength(key) + data.length;
  const bytes = Buffer.allocUnsafe(index + groups.length * entryBytes);
  let at = 0;
  let entry = index;
  for (const { shard, records } of groups) {
    at = write(bytes, at, records);
    bytes.writeUInt32BE(shard, entry);
    bytes.writeUInt32BE(records.length, entry + 4);
    bytes.writeUInt32BE(at, entry + 8);
    entry += entryBytes;
  }
  return { bytes, index };
}

/** The run of a shard by the index of a batch; undefined when the batch has none. */
export function runInBatch(index: Buffer, shard: number): IndexedRun | undefined {
  let [offset, start] = [0, 0];
  for (let entry = 0; entry < index.length; entry += entryBytes) {
    const end = index.readUInt32BE(entry + 8);
    if (index.readUInt32BE(entry) === shard) return { offset, start, end };
    offset += index.readUInt32BE(entry + 4);
    start = end;
  }
  return undefined;
}

/** One bit a shard, by its number's remainder: so a batch of any number of shards is marked in as many bytes. */
export function marksOf(shards: Iterable<number>): string {
  const marks = Buffer.alloc(markBits / 8);
  for (const shard of shards) marks[(shard % markBits) >> 3]! |= 1 << (shard & 7);
  return marks.toString('base64');
}

/** False when a batch holds nothing of a shard; true when it may. */
export function isMarked(marks: string, shard: number): boolean {
  const bit = shard % markBits;
  // Three bytes are four letters of base64: only the one with the bit is decoded.
  const from = Math.floor(bit / 24) * 4;
  return (Buffer.from(marks.slice(from, from + 4), 'base64')[(bit >> 3) % 3]! & (1 << (bit & 7))) !== 0;
}
