/** Takes away what the history of tables with point-in-time recovery need not go back to any more. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { deleteRow } from '../storage/rows.ts';
import { tables } from '../tables.ts';
import { oldRecords } from './copying.ts';

const hourMilliseconds = 3_600_000;
const dayMilliseconds = 86_400_000;

export const historyTrimmer: Reconciler = {
  name: 'dynamodb/history-trimmer',
  every: hourMilliseconds,
  run: async ({ store, now, signal }) => {
    for await (const { account, region, recovery } of tables.each(store)) {
      if (!recovery) continue;
      const feed = { account, region, space: recovery.space };
      const before = now - recovery.days * dayMilliseconds;
      let trimmed = 1;
      while (trimmed > 0 && !signal.aborted) {
        trimmed = await store.write(async (tx) => {
          const old = await oldRecords(tx, feed, before);
          for (const { key, parts } of old) await deleteRow(tx, key, parts);
          return old.length;
        });
      }
    }
  },
};
