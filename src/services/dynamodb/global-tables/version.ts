/**
 * The version of an item: the moment of its last write in milliseconds, and the region in which it was made. Every member compares versions
 * alike, so all of them end with the same item. A write is later than every version that its replica has seen, even where clocks differ.
 */

import type { Key, ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { spacePrefix } from '../storage/keys.ts';
import type { Member } from './global-table.ts';

/** A tombstone is the version of an item that was deleted: `key` is the JSON of its key then, for a key in the store does not always tell it. */
export type Version = { time: number; region: string; key?: string };

/** What an item has that was there before its table had replicas: earlier than every other. */
export const firstVersion: Version = { time: 0, region: '' };

type Stored = [format: 1, time: number, region: string, key?: string];

/** The key of a version, from the key of its item. */
function versionKey(table: Member, itemKey: Key): Key {
  const own = itemKey.subarray(spacePrefix(table, table.space).length);
  return Buffer.concat([spacePrefix(table, table.global.versions), own]);
}

export async function readVersion(tx: ReadTransaction, table: Member, itemKey: Key): Promise<Version | undefined> {
  const text = await tx.get(versionKey(table, itemKey));
  return text === undefined ? undefined : parse(text);
}

export function parse(text: string): Version {
  const [, time, region, key] = JSON.parse(text) as Stored;
  return { time, region, ...(key !== undefined && { key }) };
}

export async function putVersion(tx: WriteTransaction, table: Member, itemKey: Key, { time, region, key }: Version): Promise<void> {
  const stored: Stored = key === undefined ? [1, time, region] : [1, time, region, key];
  await tx.put(versionKey(table, itemKey), JSON.stringify(stored));
}

/** Gives an item that was just written or deleted here a version that is later than the one before. `key` is its key as JSON. */
export async function stamp(
  tx: WriteTransaction,
  table: Member,
  key: { store: Key; json: string },
  deleted: boolean,
  now: number,
): Promise<void> {
  const before = await readVersion(tx, table, key.store);
  const version = { time: Math.max(now, (before?.time ?? 0) + 1), region: table.region };
  await putVersion(tx, table, key.store, deleted ? { ...version, key: key.json } : version);
}

/** Of two versions, of items or of settings. */
export function isLater(a: Pick<Version, 'time' | 'region'>, b: Pick<Version, 'time' | 'region'>): boolean {
  return a.time === b.time ? a.region > b.region : a.time > b.time;
}
