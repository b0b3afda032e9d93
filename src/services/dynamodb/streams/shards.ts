/** Shards of a stream: one at a time takes records, for some hours, then its child does. */

import { hash } from 'node:crypto';
import type { WriteTransaction } from '../../../store/store.ts';
import type { FeedHead } from '../change-feeds/feed.ts';
import { streams } from '../tables.ts';
import type { TableRecord } from '../tables/table.ts';

export type Shard = {
  id: string;
  parent?: string;
  /** Numbers of its first record and, once it is closed, its last; an empty one ends before it begins. */
  first: number;
  last?: number;
  /** Milliseconds since the epoch. */
  started: number;
  ended?: number;
};

/** A shard takes records for about four hours: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
export const shardMilliseconds = 4 * 3_600_000;

const shardId = (space: string, started: number, first: number): string =>
  `shardId-${String(started).padStart(20, '0')}-${hash('md5', `${space} ${started} ${first}`).slice(0, 8)}`;

export const firstShard = (space: string, started: number): Shard => ({ id: shardId(space, started, 1), first: 1, started });

/** Closes the shard that takes records and opens its child. */
export async function rollShard(tx: WriteTransaction, table: TableRecord, head: FeedHead, now: number): Promise<void> {
  const stream = (await streams.get(tx, table.account, table.region, table.name, table.stream!.label))!;
  const parent = stream.shards.at(-1)!;
  parent.last = head.next - 1;
  parent.ended = now;
  stream.shards.push({ id: shardId(stream.space, now, head.next), parent: parent.id, first: head.next, started: now });
  await streams.put(tx, stream);
}
