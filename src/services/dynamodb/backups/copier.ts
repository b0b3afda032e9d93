/** Makes backups: copies the table's rows, then undoes what changed meanwhile. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { headOf } from '../change-feeds/feed.ts';
import { backups, clearances, feedHeads, tables } from '../tables.ts';
import { forEachAccessible } from '../tables/own-work.ts';
import { withoutFeed } from '../tables/table.ts';
import type { Backup } from './backup.ts';
import { copyPage, undoPage } from './copying.ts';

export const backupCopier: Reconciler = {
  name: 'dynamodb/backup-copier',
  watches: [backups, tables],
  run: (context) => forEachAccessible(context, backups.eachIndexed(context.store, 'creating'), (backup) => make(context, backup)),
};

/** Rows are copied as they lie; the changes of meanwhile have to be read. */
async function make({ store, signal, now }: ReconcilerContext, { account, region, id, status }: Backup): Promise<void> {
  if (status !== 'CREATING') return;
  while (!signal.aborted && (await store.write((tx) => step(tx, [account, region, id], now))));
}

/** One page of work; true while there is more. */
async function step(tx: WriteTransaction, key: [string, string, string], now: ReconcilerContext['now']): Promise<boolean> {
  const backup = await backups.get(tx, ...key);
  if (backup?.status !== 'CREATING') return false;
  const place = { account: backup.account, region: backup.region };
  const feed = { ...place, space: backup.feed };
  if (!backup.copied) {
    const from = { ...place, space: backup.table.space };
    const { cursor, bytes } = await copyPage(tx, from, { ...place, space: backup.space }, backup.cursor);
    const next: Backup = { ...backup, bytes: backup.bytes + bytes, ...(cursor !== undefined && { cursor }) };
    if (cursor === undefined) {
      // From here on changes are of no concern, and those that were must be undone from the last one.
      const table = await tables.get(tx, backup.account, backup.region, backup.table.name);
      if (table) await tables.put(tx, withoutFeed(table, backup.feed));
      next.copied = true;
      next.cursor = String((await headOf(tx, feed, now)).next - 1);
    }
    await backups.put(tx, next);
    return true;
  }
  const copy = { ...backup.table, space: backup.space };
  const left = await undoPage(tx, feed, copy, Number(backup.cursor), () => true);
  if (left !== undefined) {
    await backups.put(tx, { ...backup, cursor: String(left) });
    return true;
  }
  await feedHeads.delete(tx, backup.account, backup.region, backup.feed);
  await clearances.put(tx, feed);
  const { cursor: _, copied: __, ...whole } = backup;
  await backups.put(tx, { ...whole, status: 'AVAILABLE' });
  return false;
}
