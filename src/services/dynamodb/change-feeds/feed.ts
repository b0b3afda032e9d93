/**
 * A table's changes in their order, for whoever follows it: its stream, a Kinesis stream, a backup that is being made,
 * point-in-time recovery, other regions. A feed is a space of rows like a
 * table's items (storage/rows.ts), keyed by a number that grows by one; a row's JSON is the record as GetRecords answers it, and the
 * second number before it is the second of its making. A table without a feed pays nothing.
 */

import type { StreamViewType } from '@aws-sdk/client-dynamodb';
import { extendKey } from '../../../store/keys.ts';
import type { Key, ReadTransaction } from '../../../store/store.ts';
import { spacePrefix } from '../storage/keys.ts';
import { decodeRow } from '../storage/rows.ts';
import { feedHeads } from '../tables.ts';

export type Feed = {
  kind: 'stream' | 'kinesis' | 'backup' | 'history' | 'replication';
  /** Names its rows in storage. */
  space: string;
  view: StreamViewType;
};

/** Where a feed lies. */
export type FeedPlace = { account: string; region: string; space: string };

/** The number that the feed's next record gets, and since when its last shard takes records (streams/shards.ts). */
export type FeedHead = FeedPlace & { next: number; shardStarted: number };

export type FeedRecord = { number: number; bytes: number; /** Milliseconds since the epoch, whole seconds. */ at: number; json: string };

export const recordKey = (place: FeedPlace, number: number): Key => extendKey(spacePrefix(place, place.space), [number]);

/** Sequence numbers are decimal texts of equal length, so they sort as texts too. */
export const sequenceNumber = (number: number): string => `1${String(number).padStart(24, '0')}`;

/** The number behind a sequence number; undefined for a text that is none of ours. */
export function numberOf(sequence: string): number | undefined {
  return /^1\d{24}$/.test(sequence) ? Number(sequence.slice(1)) : undefined;
}

export async function headOf(tx: ReadTransaction, { account, region, space }: FeedPlace, now: number): Promise<FeedHead> {
  return (await feedHeads.get(tx, account, region, space)) ?? { account, region, space, next: 1, shardStarted: now };
}

/** Records from `first` to `last`, both inclusive, until there are `count` of them or they reach `bytesMax`. */
export async function readRecords(
  tx: ReadTransaction,
  place: FeedPlace,
  { first, last, count, bytesMax }: { first: number; last: number; count: number; bytesMax: number },
): Promise<FeedRecord[]> {
  const records: FeedRecord[] = [];
  if (first > last) return records;
  const rows = await tx.range({ gte: recordKey(place, first), lt: recordKey(place, last + 1), limit: count });
  let bytes = 0;
  for (const [key, value] of rows) {
    if (bytes >= bytesMax) break;
    const row = await decodeRow(tx, key, value);
    bytes += row.json.length;
    records.push({ number: numberIn(row.json), bytes: row.bytes, at: row.pageBytes * 1_000, json: row.json });
  }
  return records;
}

const sequenceMark = '"SequenceNumber":"';

/** The record says its number itself, after everything that a stranger wrote. */
function numberIn(json: string): number {
  const at = json.lastIndexOf(sequenceMark) + sequenceMark.length;
  return numberOf(json.slice(at, at + 25))!;
}
