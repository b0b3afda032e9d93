/** Takes packs away, oldest first, with their runs and their bytes. */

import type { BlobStore } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { packs, runs } from '../tables.ts';

const packsPerPage = 100;
/** A pack may have as many runs as a call has records: a transaction stays short by counting them. */
const runsPerPage = 2_000;

/** Removes packs that arrived before a moment, as many as one transaction should. True when there may be more. */
export async function removePacks(tx: WriteTransaction, blobs: BlobStore, stream: string, before: number): Promise<boolean> {
  const rows = await packs.scan(tx, [stream], { limit: packsPerPage });
  let removed = 0;
  for (const { row } of rows) {
    if (row.arrived >= before) return false;
    if (removed > runsPerPage) return true;
    for (const [shard, last] of row.runs) await runs.delete(tx, stream, shard, last);
    await packs.delete(tx, stream, row.arrived, row.first);
    await blobs.remove(tx, row.blob);
    removed += row.runs.length;
  }
  return rows.length === packsPerPage;
}
