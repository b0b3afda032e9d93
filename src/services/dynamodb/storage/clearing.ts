/** Takes away, page by page, the rows of tables and indexes that were deleted. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { below } from '../../../store/keys.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { clearances, type Clearance } from '../tables.ts';
import { spacePrefix } from './keys.ts';
import { dropParts, hasParts } from './rows.ts';

const rowsPerPage = 500;

export const clearing: Reconciler = {
  name: 'dynamodb/clearing',
  watches: [clearances],
  run: async ({ store, signal }) => {
    for await (const clearance of clearances.each(store)) {
      while (!signal.aborted && (await store.write((tx) => clearPage(tx, clearance))));
    }
  },
};

/** True while there is more. */
async function clearPage(tx: WriteTransaction, clearance: Clearance): Promise<boolean> {
  const rows = await tx.range({ ...below(spacePrefix(clearance, clearance.space)), limit: rowsPerPage });
  for (const [key, value] of rows) {
    if (hasParts(value)) await dropParts(tx, key);
    await tx.delete(key);
  }
  if (rows.length === rowsPerPage) return true;
  await clearances.delete(tx, clearance.account, clearance.region, clearance.space);
  return false;
}
