/** Takes away what is older than a day: records, shards that have none any more, streams that have ended. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { below } from '../../../store/keys.ts';
import type { Key, WriteTransaction } from '../../../store/store.ts';
import { recordKey } from '../change-feeds/feed.ts';
import { spacePrefix } from '../storage/keys.ts';
import { decodeRow, deleteRow } from '../storage/rows.ts';
import { clearances, feedHeads, streams } from '../tables.ts';
import { retentionMilliseconds, type Stream } from './stream.ts';

const hourMilliseconds = 3_600_000;
const rowsPerPage = 200;

export const streamTrimmer: Reconciler = {
  name: 'dynamodb/stream-trimmer',
  every: hourMilliseconds,
  run: async (context) => {
    for await (const stream of streams.each(context.store)) await trim(context, stream);
  },
};

async function trim({ store, now, signal }: ReconcilerContext, stream: Stream): Promise<void> {
  const before = now - retentionMilliseconds;
  if (stream.disabled !== undefined && stream.disabled <= before) return store.write((tx) => remove(tx, stream));
  while (!signal.aborted && (await store.write((tx) => trimPage(tx, stream, before))));
  await store.write((tx) => dropShards(tx, stream, before));
}

async function remove(tx: WriteTransaction, { account, region, name, label, space }: Stream): Promise<void> {
  await streams.delete(tx, account, region, name, label);
  await feedHeads.delete(tx, account, region, space);
  await clearances.put(tx, { account, region, space });
}

/** True while there may be more. */
async function trimPage(tx: WriteTransaction, stream: Stream, before: number): Promise<boolean> {
  const from: Key = recordKey(stream, 0);
  const rows = await tx.range({ gte: from, lt: below(spacePrefix(stream, stream.space)).lt, limit: rowsPerPage });
  for (const [key, value] of rows) {
    const row = await decodeRow(tx, key, value);
    if (row.pageBytes * 1_000 > before) return false;
    await deleteRow(tx, key, row.parts);
  }
  return rows.length === rowsPerPage;
}

/** A closed shard goes when its last record has. */
async function dropShards(tx: WriteTransaction, { account, region, name, label }: Stream, before: number): Promise<void> {
  const stream = await streams.get(tx, account, region, name, label);
  const kept = stream?.shards.filter((shard) => shard.ended === undefined || shard.ended > before);
  if (stream && kept!.length < stream.shards.length) await streams.put(tx, { ...stream, shards: kept! });
}
