/** Moves what lives out of a segment, so that its file can go. Owners keep their ids: only the index knows of the move. */

import { crc32 } from 'node:zlib';
import { justAfter } from '../keys.ts';
import type { Entry, Key, Store } from '../store.ts';
import { decodeEntry, encodeEntry, entryAt, homeKey, homesIn, locationOf, movedInto, movedKey, type Location } from './index-records.ts';
import { headerBytes, verifyHeader } from './segment-header.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { SegmentWriter } from './segment-writer.ts';

export type CompactionPlaces = { store: Store; writer: SegmentWriter; reader: SegmentReader };

type Live = { home: Location; at: Location; size: number };

const pageEntries = 256;
const pageBytesMax = 8 << 20;

/** Bytes in a segment that have an owner, headers included. */
export async function measureSegment(store: Store, segment: string): Promise<number> {
  let bytes = 0;
  for await (const page of liveIn(store, segment)) for (const { size } of page) bytes += size + headerBytes;
  return bytes;
}

/** Copies every live blob into this process's own segment and repoints it, unless its owner has let go meanwhile. */
export async function compactSegment(
  { store, writer, reader }: CompactionPlaces,
  segment: string,
): Promise<{ moved: number; damaged: number }> {
  let moved = 0;
  let damaged = 0;
  for await (const page of liveIn(store, segment)) {
    for (const some of bySize(page)) {
      const copies = await Promise.all(some.map(async (live) => ({ live, bytes: await readVerified(reader, live) })));
      const whole = copies.filter((copy) => copy.bytes !== undefined);
      damaged += copies.length - whole.length;
      const copied = await Promise.all(whole.map(async ({ live, bytes }) => ({ live, to: await writer.append(bytes!) })));
      await store.write(async (tx) => {
        for (const { live, to } of copied) {
          const entry = await entryAt(tx, homeKey(live.home));
          const at = entry?.moved ?? live.home;
          if (!entry || at.segment !== live.at.segment || at.offset !== live.at.offset) continue;
          if (entry.moved) await tx.delete(movedKey(entry.moved));
          await tx.put(homeKey(live.home), encodeEntry({ ...entry, moved: { segment: to.segment, offset: to.offset } }));
          await tx.put(movedKey(to), JSON.stringify([live.home.segment, live.home.offset, live.size]));
        }
      });
      moved += copied.length;
    }
  }
  return { moved, damaged };
}

/** First the blobs that were written there and have not moved away, then those that compaction has moved there. */
async function* liveIn(store: Store, segment: string): AsyncGenerator<Live[]> {
  for await (const page of pages(store, homesIn(segment))) {
    yield page.flatMap((entry) => {
      const { moved, size } = decodeEntry(entry[1]);
      const home = locationOf(entry);
      return moved ? [] : [{ home, at: home, size }];
    });
  }
  for await (const page of pages(store, movedInto(segment))) {
    yield page.map((entry) => {
      const [homeSegment, offset, size] = JSON.parse(entry[1]) as [string, number, number];
      return { home: { segment: homeSegment, offset }, at: locationOf(entry), size };
    });
  }
}

async function* pages(store: Store, range: { gte: Key; lt: Key }): AsyncGenerator<Entry[]> {
  for (let gte = range.gte; ;) {
    const page = await store.read((tx) => tx.range({ gte, lt: range.lt, limit: pageEntries }));
    if (page.length > 0) yield page;
    if (page.length < pageEntries) return;
    gte = justAfter(page.at(-1)![0]);
    await new Promise(setImmediate);
  }
}

function bySize(page: readonly Live[]): Live[][] {
  const groups: Live[][] = [];
  let bytes = pageBytesMax;
  for (const live of page) {
    if (bytes + live.size > pageBytesMax) {
      groups.push([]);
      bytes = 0;
    }
    bytes += live.size;
    groups.at(-1)!.push(live);
  }
  return groups;
}

/** Undefined when the bytes are not what was written. */
async function readVerified(reader: SegmentReader, { at, size }: Live): Promise<Buffer | undefined> {
  const record = await reader.read(at.segment, at.offset - headerBytes, size + headerBytes);
  if (record?.length !== size + headerBytes) return undefined;
  const bytes = record.subarray(headerBytes);
  return verifyHeader(record, size, crc32(bytes)) ? bytes : undefined;
}
