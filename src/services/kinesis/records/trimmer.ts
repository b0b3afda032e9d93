/** The reconciler of retention: records that are older than their stream keeps them go, and closed shards after them. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { retentionMilliseconds } from '../limits.ts';
import { shards, streams, type Stream } from '../tables.ts';
import { oldestArrival, removeRecords, removeUnusedDataKeys, unusedDataKeys } from './packs.ts';
import { trimHorizon } from './reading.ts';

const rowsPerPage = 200;

export const trimmer: Reconciler = {
  name: 'kinesis/retention',
  watches: [streams],
  async run(context) {
    let nextAt = Infinity;
    for await (const stream of streams.each(context.store)) {
      context.signal.throwIfAborted();
      if (stream.status === 'DELETING') continue;
      nextAt = Math.min(nextAt, await trimRecords(context, stream), await trimShards(context, stream));
      await trimDataKeys(context, stream);
    }
    return nextAt === Infinity ? {} : { nextAt };
  },
};

/** Gives when the next record will be too old: for a stream without one, not before its retention has passed. */
async function trimRecords({ store, blobs, clock, signal }: ReconcilerContext, stream: Stream): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    const now = clock.now();
    const horizon = trimHorizon(stream, now);
    const arrived = await store.read((tx) => oldestArrival(tx, stream.id));
    if (arrived === undefined) return now + retentionMilliseconds(stream.retentionHours);
    // A millisecond later: a record is too old when its time is past, not when it is reached.
    if (arrived >= horizon) return arrived + retentionMilliseconds(stream.retentionHours) + 1;
    await store.write((tx) => removeRecords(tx, blobs, stream.id, horizon));
  }
}

/** After the records that lay under them. */
async function trimDataKeys({ store, clock }: ReconcilerContext, stream: Stream): Promise<void> {
  const horizon = trimHorizon(stream, clock.now());
  const unused = await store.read((tx) => unusedDataKeys(tx, stream.id, horizon));
  if (unused.length > 0) await store.write((tx) => removeUnusedDataKeys(tx, stream.id, horizon));
}

async function trimShards({ store, clock }: ReconcilerContext, stream: Stream): Promise<number> {
  const horizon = trimHorizon(stream, clock.now());
  return store.write(async (tx) => {
    for (const { row } of await shards.scanIndex(tx, 'closed', [stream.id], { limit: rowsPerPage })) {
      if (row.closed! >= horizon) return row.closed! + retentionMilliseconds(stream.retentionHours) + 1;
      await shards.delete(tx, stream.id, row.number);
    }
    return Infinity;
  });
}
