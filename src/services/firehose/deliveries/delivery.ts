/** The reconciler of deliveries: empties buffers whose time has come, and makes each batch an object in S3. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { retentionMilliseconds, retryMillisecondsMax, retryMillisecondsMin } from '../limits.ts';
import { cut } from '../records/buffer.ts';
import { removePieces } from '../records/pieces.ts';
import { batches, buffers, dues, streams, type Batch, type Due } from '../tables.ts';
import { putObjects } from './objects.ts';

const rowsPerPage = 100;
/** A batch may be 128 MiB, and lies in memory while it is sent. */
const atOnceMax = 4;

export const delivery: Reconciler = {
  name: 'firehose/delivery',
  watches: [dues, batches],
  async run(context) {
    const nextDue = await emptyBuffers(context);
    const nextBatch = await deliverBatches(context);
    const nextAt = Math.min(nextDue, nextBatch);
    return nextAt === Infinity ? {} : { nextAt };
  },
};

/** Gives when the next buffer is due. */
async function emptyBuffers({ store, clock, random, signal }: ReconcilerContext): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    const rows = await store.read((tx) => dues.scanIndex(tx, 'at', [], { limit: rowsPerPage }));
    const now = clock.now();
    const due = rows.map(({ row }) => row).filter(({ at }) => at <= now);
    for (const row of due) {
      const suffix = random.uuid();
      await store.write((tx) => emptyBuffer(tx, row, suffix, now));
    }
    if (due.length < rowsPerPage) return rows[due.length]?.row.at ?? Infinity;
  }
}

async function emptyBuffer(tx: Parameters<typeof dues.put>[0], due: Due, suffix: string, now: number): Promise<void> {
  const present = await dues.get(tx, due.stream);
  if (present?.at !== due.at) return;
  const stream = await streams.get(tx, due.account, due.region, due.name);
  const buffer = await buffers.get(tx, due.stream);
  if (stream?.id === due.stream && buffer) await cut(tx, stream, buffer, suffix, now);
  else await dues.delete(tx, due.stream);
}

/** Gives when the next batch is to be tried again. */
async function deliverBatches(context: ReconcilerContext): Promise<number> {
  const { store, clock, signal } = context;
  for (;;) {
    signal.throwIfAborted();
    const rows = await store.read((tx) => batches.scanIndex(tx, 'at', [], { limit: atOnceMax }));
    const due = rows.map(({ row }) => row).filter(({ at }) => at <= clock.now());
    await Promise.all(due.map((batch) => attempt(context, batch)));
    if (due.length < atOnceMax) return rows[due.length]?.row.at ?? Infinity;
  }
}

/** Afterwards the batch is gone, or waits for its next attempt. */
async function attempt(context: ReconcilerContext, batch: Batch): Promise<void> {
  const { store, clock } = context;
  const stream = await store.read((tx) => streams.get(tx, batch.account, batch.region, batch.name));
  // The reconciler of streams takes away what belonged to one that is gone.
  if (stream?.id !== batch.stream || stream.status === 'DELETING') return giveUp(context, batch);
  if (!batch.done) {
    try {
      await putObjects(context, stream, batch);
    } catch (error) {
      context.signal.throwIfAborted();
      context.log(`a batch of ${stream.name} cannot go to ${stream.destination.bucketArn}: ${(error as Error).message}`);
      if (clock.now() < batch.since + retentionMilliseconds) return again(context, batch);
      context.log(`a batch of ${stream.name} is given up after a day`);
    }
    // From here on its pieces may go: it must not be sent again without some of them.
    if (!(await rewrite(context, { ...batch, done: true }))) return;
  }
  await giveUp(context, batch);
}

async function giveUp({ store, blobs, signal }: ReconcilerContext, batch: Batch): Promise<void> {
  for (let more = true; more;) {
    signal.throwIfAborted();
    more = await store.write(async (tx) => {
      const left = await removePieces(tx, blobs, batch.stream, batch.first, batch.last);
      if (!left) await batches.delete(tx, batch.stream, batch.first);
      return left;
    });
  }
}

async function again(context: ReconcilerContext, batch: Batch): Promise<void> {
  const wait = Math.min(retryMillisecondsMax, retryMillisecondsMin * 2 ** Math.min(batch.failures, 10));
  await rewrite(context, { ...batch, failures: batch.failures + 1, at: context.clock.now() + wait });
}

/** False when the batch has gone with its stream. */
function rewrite({ store }: ReconcilerContext, batch: Batch): Promise<boolean> {
  return store.write(async (tx) => {
    if (!(await batches.get(tx, batch.stream, batch.first))) return false;
    await batches.put(tx, batch);
    return true;
  });
}
