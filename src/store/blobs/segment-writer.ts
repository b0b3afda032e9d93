/** Appends blobs to this process's own segment file: many appends share one write, which ends when the bytes are on the disk. */

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Store } from '../store.ts';
import { closeFile, openFile, syncData, syncDirectory, writeAt } from './descriptors.ts';
import { segmentKey, type Location } from './index-records.ts';
import { headerBytes, writeHeader } from './segment-header.ts';

const segmentBytesMax = 256 << 20;
const groupBytesMax = 8 << 20;
/** An idle segment is not appended to again: whoever keeps house takes one that has not changed for long as finished. */
const idleMillisecondsMax = 5 * 60_000;
const { O_WRONLY, O_CREAT, O_EXCL } = constants;
/** Windows has none. */
const writeThrough: number | undefined = constants.O_DSYNC;
/** Each write syncs its bytes itself, where it can: that is one trip to the thread pool, where a write and an fdatasync are two. */
const durableNewFile = O_WRONLY | O_CREAT | O_EXCL | (writeThrough ?? 0);

export type Appended = Location & { crc: number };
export type SegmentWriter = {
  /** Resolves when the bytes are durable. */
  append(bytes: Uint8Array): Promise<Appended>;
  /** The segment that may still grow. */
  current(): string | undefined;
  /** Closes a segment that has become idle. */
  retireIdle(): Promise<void>;
  close(): Promise<void>;
};

type Append = { bytes: Uint8Array; resolve: (appended: Appended) => void; reject: (error: unknown) => void };
type Segment = { name: string; descriptor: number; size: number; /** Milliseconds. */ appendedAt: number };

/**
 * The first append of a process begins a new segment, so nothing ever follows a tail that a crash has torn; and a segment whose
 * write has failed is never appended to again, because nobody knows what the disk holds of it.
 */
export function createSegmentWriter(directory: string, node: string, store: Store, now: () => number): SegmentWriter {
  const queue: Append[] = [];
  let segment: Segment | undefined;
  let flushing: Promise<void> | undefined;

  const writable = async (): Promise<Segment> => {
    if (segment && segment.size < segmentBytesMax && !isIdle(segment, now())) return segment;
    await retire();
    segment = await createSegment(directory, node, store, now());
    return segment;
  };
  const retire = async (): Promise<void> => {
    const old = segment;
    segment = undefined;
    if (old) await closeFile(old.descriptor);
  };
  const flush = async (): Promise<void> => {
    await new Promise(setImmediate); // let the other appends of this turn join
    while (queue.length > 0) {
      const group = takeGroup(queue);
      try {
        const target = await writable();
        const appended = await appendGroup(target, group, now());
        group.forEach((append, i) => append.resolve(appended[i]!));
      } catch (error) {
        await retire().catch(() => {}); // the first error is the one that tells
        for (const append of group) append.reject(error);
      }
    }
    flushing = undefined;
  };

  return {
    append: (bytes) =>
      new Promise((resolve, reject) => {
        queue.push({ bytes, resolve, reject });
        flushing ??= flush();
      }),
    current: () => segment?.name,
    async retireIdle() {
      if (segment && !flushing && isIdle(segment, now())) await retire();
    },
    async close() {
      await flushing;
      await retire();
    },
  };
}

/** The directory entry and the record must be durable before the first blob in the file is. */
async function createSegment(directory: string, node: string, store: Store, now: number): Promise<Segment> {
  const name = `${node}-${now.toString(36)}-${randomBytes(4).toString('hex')}`;
  await store.write((tx) => tx.put(segmentKey(name), '{}'));
  const descriptor = await openFile(join(directory, name), durableNewFile, 0o600);
  await syncDirectory(directory);
  return { name, descriptor, size: 0, appendedAt: now };
}

/** A clock that was set back counts as idle too: nobody knows how long it was. */
function isIdle({ appendedAt }: Segment, now: number): boolean {
  return now < appendedAt || now - appendedAt > idleMillisecondsMax;
}

async function appendGroup(segment: Segment, group: readonly Append[], now: number): Promise<Appended[]> {
  const parts: Uint8Array[] = [];
  const appended: Appended[] = [];
  const headers = Buffer.allocUnsafe(headerBytes * group.length);
  const start = segment.size;
  let offset = start;
  for (const { bytes } of group) {
    const crc = crc32(bytes);
    const header = headers.subarray(headerBytes * appended.length, headerBytes * (appended.length + 1));
    writeHeader(header, bytes.length, crc, Math.floor(now / 1000));
    parts.push(header, bytes);
    offset += headerBytes;
    appended.push({ segment: segment.name, offset, crc });
    offset += bytes.length;
  }
  segment.size = offset;
  segment.appendedAt = now;
  await writeAt(segment.descriptor, parts, offset - start, start);
  if (writeThrough === undefined) await syncData(segment.descriptor);
  return appended;
}

function takeGroup(queue: Append[]): Append[] {
  let bytes = 0;
  const end = queue.findIndex((append) => (bytes += append.bytes.length) > groupBytesMax);
  return queue.splice(0, end < 0 ? queue.length : Math.max(1, end));
}
