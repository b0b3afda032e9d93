/** The reconciler of consumers: what was registered becomes ACTIVE. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { consumers } from '../tables.ts';

const rowsPerPage = 100;

export const registrar: Reconciler = {
  name: 'kinesis/consumers',
  watches: [consumers],
  async run({ store, signal }) {
    for (let more = true; more;) {
      signal.throwIfAborted();
      more = await store.write(async (tx) => {
        const rows = await consumers.scanIndex(tx, 'pending', [], { limit: rowsPerPage });
        for (const { row } of rows) await consumers.put(tx, { ...row, status: 'ACTIVE' });
        return rows.length === rowsPerPage;
      });
    }
  },
};
