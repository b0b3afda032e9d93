/** Counts items and bytes of tables and indexes, about every six hours as AWS does; between two counts the numbers are old. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { below, justAfter } from '../../../store/keys.ts';
import type { Key } from '../../../store/store.ts';
import { spacePrefix } from '../storage/keys.ts';
import { decodeRow } from '../storage/rows.ts';
import { tables } from '../tables.ts';
import { allIndexes, isFilling, type TableRecord } from './table.ts';

const hourMilliseconds = 3_600_000;
const countMilliseconds = 6 * hourMilliseconds;
const rowsPerPage = 500;

export type Count = { items: number; bytes: number };

export const counter: Reconciler = {
  name: 'dynamodb/counter',
  every: hourMilliseconds,
  run: async (context) => {
    for await (const table of tables.each(context.store)) if (isDue(table, context.now)) await countTable(context, table);
  },
};

/** A new table is empty; one that is being filled is counted when it is whole. */
function isDue(table: TableRecord, now: number): boolean {
  return !isFilling(table) && now - (table.counted ?? table.created) >= countMilliseconds;
}

async function countTable(context: ReconcilerContext, table: TableRecord): Promise<void> {
  const own = await countSpace(context, table, table.space);
  const ofIndexes = new Map<string, Count>();
  for (const { space } of allIndexes(table)) ofIndexes.set(space, await countSpace(context, table, space));
  if (context.signal.aborted) return;
  await context.store.write(async (tx) => {
    const present = await tables.get(tx, table.account, table.region, table.name);
    if (present?.id !== table.id) return;
    const indexes = present.indexes.map((index) => ({ ...index, ...ofIndexes.get(index.space) }));
    const vectors = present.vectors?.map((index) => ({ ...index, ...ofIndexes.get(index.space) }));
    await tables.put(tx, { ...present, ...own, indexes, ...(vectors && { vectors }), counted: context.now });
  });
}

/** A page at a time, so that nothing waits for it. */
async function countSpace({ store, signal }: ReconcilerContext, table: TableRecord, space: string): Promise<Count> {
  const { gte, lt } = below(spacePrefix(table, space));
  const count: Count = { items: 0, bytes: 0 };
  for (let from: Key | undefined = gte; from && !signal.aborted;) {
    const start: Key = from;
    const page = await store.read(async (tx) => {
      const rows = await tx.range({ gte: start, lt, limit: rowsPerPage });
      const sizes = await Promise.all(rows.map(async ([key, value]) => (await decodeRow(tx, key, value)).bytes));
      return { sizes, last: rows.at(-1)?.[0] };
    });
    count.items += page.sizes.length;
    count.bytes += page.sizes.reduce((sum, bytes) => sum + bytes, 0);
    from = page.sizes.length === rowsPerPage ? justAfter(page.last!) : undefined;
  }
  return count;
}
