/** How many messages there are: kept counts for all of them, bounded reads of the index for those in flight or delayed. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction, Store, WriteTransaction } from '../../../store/store.ts';
import { inFlightMax } from '../limits.ts';
import { counts, dues, messages, type DueKind, type Queue } from '../tables.ts';

export const countShards = 8;
const pageRows = 5_000;
/** Beyond so many delayed messages the number is only a lower bound. */
const delayedCountedMax = 200_000;

/** Adds to the kept count of a pile, in the row that the caller has drawn. */
export async function addToCount(tx: WriteTransaction, pile: string, shard: number, change: number): Promise<void> {
  const row = await counts.get(tx, pile, shard);
  await counts.put(tx, { pile, shard, messages: (row?.messages ?? 0) + change });
}

export async function countAll(tx: ReadTransaction, pile: string): Promise<number> {
  const rows = await counts.scan(tx, [pile]);
  return Math.max(
    0,
    rows.reduce((sum, { row }) => sum + row.messages, 0),
  );
}

export async function approximateCounts(
  request: Pick<ServiceRequest, 'store' | 'now'>,
  queue: Queue,
): Promise<{ visible: number; inFlight: number; delayed: number }> {
  const { store, now } = request;
  const all = await store.read((tx) => countAll(tx, queue.pile));
  const inFlight = await countInFlight(store, queue.pile, now);
  const delayed = queue.fifo
    ? await countDelayedFifo(store, queue, now)
    : await countLater(store, queue.pile, 'ready', now, delayedCountedMax);
  return { visible: Math.max(0, all - inFlight - delayed), inFlight, delayed };
}

export const countInFlight = (store: Store, pile: string, now: number): Promise<number> =>
  countLater(store, pile, 'flight', now, inFlightMax);

/** Rows of one kind that are due after a moment, a page at a time. */
async function countLater(store: Store, pile: string, kind: DueKind, now: number, max: number): Promise<number> {
  let found = 0;
  for (let from: readonly (string | number)[] = [pile, kind, now, '\u{10ffff}']; found < max;) {
    const page = await store.read((tx) => dues.between(tx, from, [pile, kind, Infinity], { limit: pageRows }));
    found += page.length;
    if (page.length < pageRows) break;
    const last = page.at(-1)!.row;
    from = [pile, kind, last.at, `${last.place}!`];
  }
  return Math.min(found, max);
}

/** Delays of FIFO queues are the queue's, so the delayed messages are the newest. */
async function countDelayedFifo(store: Store, queue: Queue, now: number): Promise<number> {
  if (queue.delaySeconds === 0) return 0;
  const page = await store.read((tx) => messages.scan(tx, [queue.pile], { reverse: true, limit: pageRows }));
  return page.filter(({ row }) => !row.inFlight && row.receives === 0 && row.due > now).length;
}
