/** The records that say which blobs live, how many owners each has, and where its bytes lie now. */

import { below, decodeKey, encodeKey } from '../keys.ts';
import type { Entry, Key, ReadTransaction, Value, WriteTransaction } from '../store.ts';

/** A blob in a segment: `home` names it for ever; `moved` is where compaction has put its bytes. */
export type SegmentEntry = { owners: number; size: number; moved?: Location };
export type Location = { segment: string; offset: number };
/** Bytes; absent until the segment has been measured, which is done once, after its last append. `damaged`: blobs that cannot be moved. */
export type SegmentRecord = { size?: number; live?: number; damaged?: number };
export type DoomedKind = 'segment' | 'file' | 'remote';

export const segmentsPrefix = encodeKey('blob-segment');
export const doomedPrefix = encodeKey('blob-doomed');

export const homeKey = ({ segment, offset }: Location): Key => encodeKey('blob', segment, offset);
export const movedKey = ({ segment, offset }: Location): Key => encodeKey('blob-moved', segment, offset);
export const fileKey = (file: string): Key => encodeKey('blob-file', file);
export const segmentKey = (segment: string): Key => encodeKey('blob-segment', segment);
export const doomedKey = (kind: DoomedKind, name: string): Key => encodeKey('blob-doomed', kind, name);
/** One key for each removal, so that removals never conflict with each other. */
export const deadKey = (at: string, home: Location): Key => encodeKey('blob-dead', at, home.segment, home.offset);

export const homesIn = (segment: string) => below(encodeKey('blob', segment));
export const movedInto = (segment: string) => below(encodeKey('blob-moved', segment));
export const deadIn = (segment: string) => below(encodeKey('blob-dead', segment));

export function encodeEntry({ owners, size, moved }: SegmentEntry): Value {
  return JSON.stringify(moved ? [owners, size, moved.segment, moved.offset] : [owners, size]);
}

export function decodeEntry(value: Value): SegmentEntry {
  const [owners, size, segment, offset] = JSON.parse(value) as [number, number, string?, number?];
  return segment === undefined ? { owners, size } : { owners, size, moved: { segment, offset: offset! } };
}

export async function entryAt(tx: ReadTransaction, key: Key): Promise<SegmentEntry | undefined> {
  const value = await tx.get(key);
  return value === undefined ? undefined : decodeEntry(value);
}

/** The location that ends a key of homesIn and movedInto. */
export function locationOf([key]: Entry): Location {
  const [, segment, offset] = decodeKey(key) as [string, string, number];
  return { segment, offset };
}

export async function doom(tx: WriteTransaction, kind: DoomedKind, name: string, now: number): Promise<void> {
  await tx.put(doomedKey(kind, name), JSON.stringify(now));
}
