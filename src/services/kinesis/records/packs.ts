/** Takes packs and batches away, oldest first, with their runs and their bytes. */

import type { BlobStore } from '../../../store/blob-store.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { dataKeyKeptAnewMilliseconds } from '../limits.ts';
import { batches, dataKeys, packs, runs } from '../tables.ts';

const packsPerPage = 100;
/** A pack may have as many runs as a call has records: a transaction stays short by counting them. */
const runsPerPage = 2_000;

/** Removes what arrived before a moment, as much as one transaction should. True when there may be more. */
export async function removeRecords(tx: WriteTransaction, blobs: BlobStore, stream: string, before: number): Promise<boolean> {
  const more = await removeBatches(tx, blobs, stream, before);
  return (await removePacks(tx, blobs, stream, before)) || more;
}

/** Data keys under which nothing lies that arrived since. */
export async function unusedDataKeys(tx: ReadTransaction, stream: string, since: number): Promise<string[]> {
  const rows = await dataKeys.scan(tx, [stream], { limit: runsPerPage });
  return rows.filter(({ row }) => row.used + dataKeyKeptAnewMilliseconds < since).map(({ row }) => row.id);
}

export async function removeUnusedDataKeys(tx: WriteTransaction, stream: string, since: number): Promise<void> {
  for (const id of await unusedDataKeys(tx, stream, since)) await dataKeys.delete(tx, stream, id);
}

/** When the oldest records of a stream arrived; undefined when it has none. */
export async function oldestArrival(tx: ReadTransaction, stream: string): Promise<number | undefined> {
  const [pack] = await packs.scan(tx, [stream], { limit: 1 });
  const [batch] = await batches.scan(tx, [stream], { limit: 1 });
  return pack && batch ? Math.min(pack.row.arrived, batch.row.arrived) : (pack ?? batch)?.row.arrived;
}

async function removeBatches(tx: WriteTransaction, blobs: BlobStore, stream: string, before: number): Promise<boolean> {
  const rows = await batches.scan(tx, [stream], { limit: packsPerPage });
  for (const { row } of rows) {
    if (row.arrived >= before) return false;
    await batches.delete(tx, stream, row.last);
    await blobs.remove(tx, row.blob);
  }
  return rows.length === packsPerPage;
}

async function removePacks(tx: WriteTransaction, blobs: BlobStore, stream: string, before: number): Promise<boolean> {
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
