/** The reconciler of delivery streams: makes them ready, settles their encryption, and takes away what belongs to a deleted one. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { removePieces } from '../records/pieces.ts';
import { batches, buffers, checkpoints, dues, streams, type Stream } from '../tables.ts';

const rowsPerPage = 200;

export const builder: Reconciler = {
  name: 'firehose/streams',
  watches: [streams],
  async run(context) {
    for (;;) {
      const rows = await context.store.read((tx) => streams.scanIndex(tx, 'pending', [], { limit: rowsPerPage }));
      for (const { row } of rows) {
        context.signal.throwIfAborted();
        if (row.status === 'DELETING') await remove(context, row);
        else await settle(context, row);
      }
      if (rows.length < rowsPerPage) return;
    }
  },
};

async function settle({ store }: ReconcilerContext, { account, region, name, id }: Stream): Promise<void> {
  await store.write(async (tx) => {
    const stream = await streams.get(tx, account, region, name);
    if (stream?.id !== id || stream.status === 'DELETING') return;
    const { encrypting: _, ...settled } = stream;
    await streams.put(tx, { ...settled, status: 'ACTIVE' });
  });
}

/** Page by page, its own row last: a crash goes on from where it was. */
async function remove({ store, blobs, signal }: ReconcilerContext, { account, region, name, id }: Stream): Promise<void> {
  for (let more = true; more;) {
    signal.throwIfAborted();
    more = await store.write((tx) => removePieces(tx, blobs, id, 0, Number.MAX_SAFE_INTEGER - 1));
  }
  for (let more = true; more;) {
    signal.throwIfAborted();
    more = await store.write((tx) => removeRows(tx, id));
  }
  await store.write(async (tx) => {
    const present = await streams.get(tx, account, region, name);
    if (present?.id !== id) return;
    await buffers.delete(tx, id);
    await dues.delete(tx, id);
    await streams.delete(tx, account, region, name);
  });
}

async function removeRows(tx: WriteTransaction, id: string): Promise<boolean> {
  const cut = await batches.scan(tx, [id], { limit: rowsPerPage });
  for (const { row } of cut) await batches.delete(tx, id, row.first);
  const read = await checkpoints.scan(tx, [id], { limit: rowsPerPage });
  for (const { row } of read) await checkpoints.delete(tx, id, row.shard);
  return cut.length === rowsPerPage || read.length === rowsPerPage;
}
