/** Fills a new index from the table's items, page by page; writes that go on meanwhile keep their entries themselves. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { below, justAfter } from '../../../store/keys.ts';
import type { Key, WriteTransaction } from '../../../store/store.ts';
import { fitsKeys } from '../items/key-checks.ts';
import { entryOf, putEntry } from '../items/write.ts';
import { tables } from '../tables.ts';
import { forEachAccessible } from '../tables/own-work.ts';
import { allIndexes, isFilling, type TableIndex, type TableRecord } from '../tables/table.ts';
import type { Item } from '../values/attribute-value.ts';
import { changeVectorEntry } from '../vectors/entries.ts';
import { vectorIndexes, type VectorIndex } from '../vectors/vector-index.ts';
import { indexEntryKey, spacePrefix } from './keys.ts';
import { decodeRow } from './rows.ts';

const rowsPerPage = 200;

export const backfill: Reconciler = {
  name: 'dynamodb/backfill',
  watches: [tables],
  run: (context) =>
    forEachAccessible(context, tables.each(context.store), async (table) => {
      for (const { name, status } of table.indexes) if (status === 'CREATING') await fill(context, table, name);
      // Restored and imported tables have their items first.
      if (isFilling(table)) return;
      for (const { name, status } of vectorIndexes(table)) if (status === 'CREATING') await fill(context, table, name);
    }),
};

async function fill({ store, signal }: ReconcilerContext, table: TableRecord, index: string): Promise<void> {
  let from: Key | undefined = spacePrefix(table, table.space);
  while (from && !signal.aborted) {
    const start: Key = from;
    from = await store.write((tx) => fillPage(tx, table, index, start));
  }
}

/** Where the next page begins; undefined when the index is done with. */
async function fillPage(
  tx: WriteTransaction,
  { account, region, name, id }: TableRecord,
  indexName: string,
  from: Key,
): Promise<Key | undefined> {
  const table = await tables.get(tx, account, region, name);
  const index = table && allIndexes(table).find((one) => one.name === indexName);
  // The table or the index may have gone, or been made anew.
  if (!table || table.id !== id || index?.status !== 'CREATING') return undefined;
  const entries = await tx.range({ gte: from, lt: below(spacePrefix(table, table.space)).lt, limit: rowsPerPage });
  for (const [key, value] of entries) await fillOne(tx, table, index, (await decodeRow(tx, key, value)).item);
  if (entries.length === rowsPerPage) return justAfter(entries.at(-1)![0]);
  delete index.status;
  await tables.put(tx, table);
  return undefined;
}

/** Items whose attributes do not fit the index stay out of it. */
async function fillOne(tx: WriteTransaction, table: TableRecord, index: TableIndex | VectorIndex, item: Item): Promise<void> {
  if (!('keys' in index)) {
    await changeVectorEntry(tx, table, index, undefined, item);
    return;
  }
  const entry = entryOf(table, index, item);
  if (!entry || !fitsKeys(item, index.keys)) return;
  await putEntry(tx, table, indexEntryKey(table, index, entry), entry);
}
