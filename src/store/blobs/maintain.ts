/** Housekeeping of the blob directory: what nobody owns goes, and segments that are mostly dead are compacted. */

import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { below, decodeKey, encodeKey } from '../keys.ts';
import type { Entry, Key, Store } from '../store.ts';
import { isFileName } from './blob-id.ts';
import { compactSegment, measureSegment } from './compaction.ts';
import { filePath, isUnderWay } from './file-writer.ts';
import { deadIn, doom, doomedPrefix, fileKey, segmentKey, segmentsPrefix, type DoomedKind, type SegmentRecord } from './index-records.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { SegmentWriter } from './segment-writer.ts';

export type MaintainPlaces = {
  store: Store;
  segmentsDirectory: string;
  filesDirectory: string;
  writer: SegmentWriter;
  reader: SegmentReader;
  now: () => number;
};

/** What one pass did. `blobsDamaged`: blobs that compaction could not read; their segment stays as it is. */
export type Maintenance = {
  filesRemoved: number;
  segmentsRemoved: number;
  segmentsCompacted: number;
  blobsDamaged: number;
  bytesFreed: number;
};

/** Bytes that were let go of stay this long: a reader may hold a reference that it read just before. */
export const graceMilliseconds = 60_000;
/** What was written this long ago and not adopted never will be: longer than `adoptMillisecondsMax`, with room for clocks that differ. */
export const orphanMilliseconds = 15 * 60_000;
const liveShareMin = 0.5;
const pageEntries = 500;
const sweptKey = encodeKey('blob-swept');
/** Files are named by the clock of the node that made them: how far a clock may be behind. */
const clockSkewMilliseconds = 60 * 60_000;

export async function maintain(places: MaintainPlaces, signal: AbortSignal): Promise<Maintenance> {
  const done: Maintenance = { filesRemoved: 0, segmentsRemoved: 0, segmentsCompacted: 0, blobsDamaged: 0, bytesFreed: 0 };
  await places.writer.retireIdle();
  await maintainSegments(places, signal, done);
  await sweepFiles(places, signal, done);
  await removeDoomed(places, signal, done);
  return done;
}

async function maintainSegments(places: MaintainPlaces, signal: AbortSignal, done: Maintenance): Promise<void> {
  for (const [key, value] of await places.store.read((tx) => tx.range(below(segmentsPrefix)))) {
    signal.throwIfAborted();
    const name = decodeKey(key)[1] as string;
    if (name === places.writer.current()) continue;
    const file = await statOrNothing(join(places.segmentsDirectory, name));
    // A record without its file: its creation crashed, or is just under way.
    const age = places.now() - (file?.mtimeMs ?? creationTime(name));
    if (age < orphanMilliseconds) continue;
    await maintainSegment(places, name, file?.size ?? 0, JSON.parse(value) as SegmentRecord, done);
  }
}

async function maintainSegment(
  places: MaintainPlaces,
  name: string,
  size: number,
  record: SegmentRecord,
  done: Maintenance,
): Promise<void> {
  const { store } = places;
  const dead = await takeDead(store, name);
  const live = record.live === undefined ? await measureSegment(store, name) : Math.max(0, record.live - dead);
  if (live !== record.live)
    await store.write((tx) => tx.put(segmentKey(name), JSON.stringify({ ...record, size, live } satisfies SegmentRecord)));
  if (record.damaged || live > size * liveShareMin) return;
  const { moved, damaged } = await compactSegment(places, name);
  done.blobsDamaged += damaged;
  if (damaged > 0) {
    await store.write((tx) => tx.put(segmentKey(name), JSON.stringify({ ...record, size, live, damaged } satisfies SegmentRecord)));
    return;
  }
  await store.write(async (tx) => {
    await tx.delete(segmentKey(name));
    await doom(tx, 'segment', name, places.now());
  });
  if (moved > 0) done.segmentsCompacted++;
}

/** Sums and forgets what removals have noted of a segment. */
async function takeDead(store: Store, segment: string): Promise<number> {
  let sum = 0;
  for (;;) {
    const page = await store.write(async (tx) => {
      const entries = await tx.range({ ...deadIn(segment), limit: pageEntries });
      for (const [key] of entries) await tx.delete(key);
      return entries;
    });
    for (const [, bytes] of page) sum += Number(bytes);
    if (page.length < pageEntries) return sum;
  }
}

/**
 * Finds files that were staged and never adopted. All files that are named by a time before the mark have been looked at by an
 * earlier pass, so only the names of the rest are checked.
 */
async function sweepFiles({ store, filesDirectory, now }: MaintainPlaces, signal: AbortSignal, done: Maintenance): Promise<void> {
  const mark = Number((await store.read((tx) => tx.get(sweptKey))) ?? 0);
  let nextMark = now() - orphanMilliseconds - clockSkewMilliseconds;
  for (const directory of await readdir(filesDirectory)) {
    signal.throwIfAborted();
    const names = (await readdir(join(filesDirectory, directory))).filter((name) => isFileName(name) && creationTime(name) >= mark);
    for (let at = 0; at < names.length; at += pageEntries) {
      const page = names.slice(at, at + pageEntries);
      const known = await store.read(
        async (tx) =>
          [await tx.getMany(page.map(fileKey)), await tx.getMany(page.map((name) => encodeKey('blob-doomed', 'file', name)))] as const,
      );
      for (const [i, name] of page.entries()) {
        if (known[0][i] !== undefined || known[1][i] !== undefined) continue;
        if (isUnderWay(name)) {
          nextMark = Math.min(nextMark, creationTime(name));
          continue;
        }
        const file = await statOrNothing(filePath(filesDirectory, name));
        if (!file) continue;
        if (now() - file.mtimeMs < orphanMilliseconds) {
          nextMark = Math.min(nextMark, creationTime(name));
          continue;
        }
        await unlink(filePath(filesDirectory, name));
        done.filesRemoved++;
        done.bytesFreed += file.size;
      }
    }
  }
  if (nextMark > mark) await store.write((tx) => tx.put(sweptKey, String(nextMark)));
}

/** Removes the files whose time of grace is over; a reader that has one open goes on reading it. */
async function removeDoomed(places: MaintainPlaces, signal: AbortSignal, done: Maintenance): Promise<void> {
  let after: Key = doomedPrefix;
  for (;;) {
    const page: Entry[] = await places.store.read((tx) => tx.range({ ...below(doomedPrefix), gte: after, limit: pageEntries }));
    const due = page.filter(([, since]) => places.now() - Number(since) >= graceMilliseconds);
    for (const [key] of due) {
      signal.throwIfAborted();
      const [, kind, name] = decodeKey(key) as [string, DoomedKind, string];
      await removeFile(places, kind, name, done);
    }
    await places.store.write(async (tx) => {
      for (const [key] of due) await tx.delete(key);
    });
    if (page.length < pageEntries) return;
    after = Buffer.concat([page.at(-1)![0], Buffer.of(0)]);
  }
}

async function removeFile(
  { segmentsDirectory, filesDirectory, reader }: MaintainPlaces,
  kind: DoomedKind,
  name: string,
  done: Maintenance,
): Promise<void> {
  if (kind === 'remote') return; // not of this directory
  const path = kind === 'segment' ? join(segmentsDirectory, name) : filePath(filesDirectory, name);
  const file = await statOrNothing(path);
  if (kind === 'segment') reader.forget(name);
  if (!file) return; // a crash came between the file and its record
  await unlink(path);
  done.bytesFreed += file.size;
  if (kind === 'segment') done.segmentsRemoved++;
  else done.filesRemoved++;
}

/** The part of a segment's or a file's name that says when it was made. */
function creationTime(name: string): number {
  const parts = name.split('-');
  return Number.parseInt(parts.at(-2) ?? '', 36);
}

async function statOrNothing(path: string): Promise<{ size: number; mtimeMs: number } | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
