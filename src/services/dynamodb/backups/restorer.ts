/** Fills tables that are being restored, their indexes with them; nobody can use them before they are whole. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { headOf } from '../change-feeds/feed.ts';
import { changeEntry } from '../items/write.ts';
import { tables } from '../tables.ts';
import { forEachAccessible } from '../tables/own-work.ts';
import type { TableRecord } from '../tables/table.ts';
import { sealedAs, type Encoded, type Row } from '../storage/rows.ts';
import type { Item } from '../values/attribute-value.ts';
import { copyPage, undoPage } from './copying.ts';

export const restorer: Reconciler = {
  name: 'dynamodb/restorer',
  watches: [tables],
  run: (context) => forEachAccessible(context, tables.each(context.store), (table) => restore(context, table)),
};

async function restore({ store, signal, now }: ReconcilerContext, { account, region, name, restoring }: TableRecord): Promise<void> {
  if (!restoring) return;
  while (!signal.aborted && (await store.write((tx) => step(tx, [account, region, name], now))));
}

/** One page of work; true while there is more. */
async function step(tx: WriteTransaction, key: [string, string, string], now: number): Promise<boolean> {
  const table = await tables.get(tx, ...key);
  if (!table?.restoring) return false;
  const { restoring, ...whole } = table;
  const place = { account: table.account, region: table.region };
  const index = async (before: Item | undefined, after: Item | undefined): Promise<void> => {
    for (const one of table.indexes) await changeEntry(tx, table, one, before, after);
  };
  const history = restoring.history && { ...place, space: restoring.history.space };
  if (restoring.undo === undefined) {
    const from = { ...place, space: restoring.from };
    // Where the source lies under the same key or both in the clear, rows are copied as they are.
    const seal = (row: Row): Encoded => (row.seal === table.sse?.dataKey ? row : sealedAs(row, table.sse?.dataKey));
    const also = (row: Row): Promise<void> => index(undefined, row.item);
    const { cursor } = await copyPage(tx, from, { ...place, space: table.space }, restoring.cursor, { seal, also });
    if (cursor !== undefined) await tables.put(tx, { ...table, restoring: { ...restoring, cursor } });
    else if (history) await tables.put(tx, { ...table, restoring: { ...restoring, undo: (await headOf(tx, history, now)).next - 1 } });
    else await tables.put(tx, whole);
    return cursor !== undefined || history !== undefined;
  }
  const left = await undoPage(tx, history!, table, restoring.undo, (at) => at > restoring.history!.to, index);
  await tables.put(tx, left === undefined ? whole : { ...table, restoring: { ...restoring, undo: left } });
  return left !== undefined;
}
