/** Streams as they are recorded, and how they begin and end with their tables. */

import type { StreamViewType } from '@aws-sdk/client-dynamodb';
import type { WriteTransaction } from '../../../store/store.ts';
import { headOf } from '../change-feeds/feed.ts';
import { streams } from '../tables.ts';
import { tableArn, withoutFeed, type KeySchema, type TableRecord } from '../tables/table.ts';
import { firstShard, type Shard } from './shards.ts';

export type Stream = {
  account: string;
  region: string;
  /** The table's name. */
  name: string;
  /** The moment of its making, which tells the streams of one table apart. */
  label: string;
  /** The feed that holds its records. */
  space: string;
  view: StreamViewType;
  keys: KeySchema;
  /** Milliseconds since the epoch. */
  created: number;
  disabled?: number;
  /** In order of their making; each but the first is the child of the one before it. */
  shards: Shard[];
};

/** How long records can be read, and streams of which the table is done with. */
export const retentionMilliseconds = 86_400_000;

export const streamArn = (stream: { account: string; region: string; name: string; label: string }): string =>
  `${tableArn(stream)}/stream/${stream.label}`;

/** The table with a stream, to be put by the caller. */
export async function enableStream(
  tx: WriteTransaction,
  table: TableRecord,
  view: StreamViewType,
  space: string,
  now: number,
): Promise<TableRecord> {
  const { account, region, name, keys } = table;
  let created = now;
  while (await streams.get(tx, account, region, name, labelOf(created))) created++;
  const label = labelOf(created);
  await streams.put(tx, { account, region, name, label, space, view, keys, created, shards: [firstShard(space, now)] });
  return { ...table, stream: { label, view }, feeds: [...(table.feeds ?? []), { kind: 'stream', space, view }] };
}

const labelOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, -1);

/** The table without its stream, to be put by the caller; the stream can be read for a day more. */
export async function disableStream(tx: WriteTransaction, table: TableRecord, now: number): Promise<TableRecord> {
  const { account, region, name } = table;
  const stream = table.stream && !table.stream.disabled && (await streams.get(tx, account, region, name, table.stream.label));
  if (!stream) return table;
  const head = await headOf(tx, stream, now);
  const last = stream.shards.at(-1)!;
  last.last = head.next - 1;
  last.ended = now;
  await streams.put(tx, { ...stream, disabled: now });
  // DescribeTable still tells the latest stream.
  return withoutFeed({ ...table, stream: { ...table.stream!, disabled: true } }, stream.space);
}
