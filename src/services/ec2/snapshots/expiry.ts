/** The reconciler of snapshots that the direct API is writing: gives up those that are not completed in time. */

import { snapshots } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { Reconciler } from '../../../framework/reconciler.ts';

const rowsPerPass = 100;

export const expiry: Reconciler = {
  name: 'ec2/unfinished-snapshots',
  watches: [snapshots],
  async run({ store, clock }) {
    return store.write(async (tx) => {
      for (const { row } of await snapshots.scanIndex(tx, 'writing', [], { limit: rowsPerPass })) {
        if (row.writing!.until > clock.now()) return { nextAt: row.writing!.until };
        await snapshots.put(tx, { ...row, state: 'error' });
      }
      return undefined;
    });
  },
};
