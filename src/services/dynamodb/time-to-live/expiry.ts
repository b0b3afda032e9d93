/** Deletes items whose time is over: every table with a time to live is walked once an hour of cloud time. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { below, justAfter } from '../../../store/keys.ts';
import type { Key, WriteTransaction } from '../../../store/store.ts';
import { changeItem, keyOf } from '../items/write.ts';
import { spacePrefix } from '../storage/keys.ts';
import { decodeRow } from '../storage/rows.ts';
import { isTableKeyOpen } from '../storage/table-keys.ts';
import { tables } from '../tables.ts';
import type { TableRecord } from '../tables/table.ts';
import { attributeOf, type Item } from '../values/attribute-value.ts';

const hourMilliseconds = 3_600_000;
const rowsPerPage = 200;
/** AWS takes a time that is further back for a mistake. */
const yearsBackMilliseconds = 5 * 365 * 86_400_000;

export const timeToLiveExpiry: Reconciler = {
  name: 'dynamodb/time-to-live',
  every: hourMilliseconds,
  run: async (context) => {
    for await (const table of tables.each(context.store))
      if (table.timeToLive !== undefined && isReadable(table)) await expire(context, table);
  },
};

/** A table whose key cannot be used waits for a later pass. */
const isReadable = ({ sse }: TableRecord): boolean => sse === undefined || isTableKeyOpen(sse.dataKey);

async function expire({ store, now, signal }: ReconcilerContext, table: TableRecord): Promise<void> {
  let from: Key | undefined = spacePrefix(table, table.space);
  while (from && !signal.aborted) {
    const start: Key = from;
    from = await store.write((tx) => expirePage(tx, table, start, now));
  }
}

async function expirePage(
  tx: WriteTransaction,
  { account, region, name, id }: TableRecord,
  from: Key,
  now: number,
): Promise<Key | undefined> {
  const table = await tables.get(tx, account, region, name);
  if (!table || table.id !== id || table.timeToLive === undefined) return undefined;
  const entries = await tx.range({ gte: from, lt: below(spacePrefix(table, table.space)).lt, limit: rowsPerPage });
  for (const [key, value] of entries) {
    const { item } = await decodeRow(tx, key, value);
    if (hasExpired(item, table.timeToLive, now))
      await changeItem(tx, table, { kind: 'delete', key: keyOf(table, item) }, { now, by: 'timeToLive' });
  }
  return entries.length === rowsPerPage ? justAfter(entries.at(-1)![0]) : undefined;
}

export function hasExpired(item: Item, attribute: string, now: number): boolean {
  const text = attributeOf(item, attribute)?.N;
  if (text === undefined) return false;
  const time = Number(text) * 1_000;
  return time <= now && time > now - yearsBackMilliseconds;
}
