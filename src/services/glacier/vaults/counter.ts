/** Counts, once a day, the vaults that were written to: AWS tells of a vault only what its last inventory found. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { dayMilliseconds } from '../limits.ts';
import { vaults } from '../tables.ts';

const vaultsPerPage = 100;

export const counter: Reconciler = {
  name: 'glacier/inventories',
  run: async ({ store, now, signal }) => {
    const midnight = Math.floor(now / dayMilliseconds) * dayMilliseconds;
    for (let full = true; full;) {
      signal.throwIfAborted();
      full = await store.write(async (tx) => {
        const rows = await vaults.scanIndex(tx, 'uncounted', [], { limit: vaultsPerPage });
        // Those of today wait for the day's end: what is written later in it belongs to the same inventory.
        const due = rows.filter(({ row }) => row.written! < midnight);
        for (const { row: vault } of due)
          await vaults.put(tx, { ...vault, inventory: { at: midnight, archives: vault.archives, bytes: vault.bytes } });
        return due.length === vaultsPerPage;
      });
    }
    return { nextAt: midnight + dayMilliseconds };
  },
};
