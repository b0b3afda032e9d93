/** How many messages there are: kept counts for all of them, bounded reads of the index for those in flight or delayed. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction, Store, WriteTransaction } from '../../../store/store.ts';
import { inFlightMax } from '../limits.ts';
import { heldPile } from './held-pile.ts';
import { counts, dues, messages, type Queue } from '../tables.ts';

export const countShards = 8;
const pageRows = 5_000;
/** Beyond so many messages in flight or delayed the numbers are only lower bounds. */
const countedMax = 400_000;

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
  const later = await countLater(store, queue, now);
  const delayed = queue.fifo ? await countDelayedFifo(store, queue, now) : later.delayed;
  return { visible: Math.max(0, all - later.inFlight - delayed), inFlight: later.inFlight, delayed };
}

export async function countInFlight(store: Store, queue: Queue, now: number): Promise<number> {
  return (await countLater(store, queue, now)).inFlight;
}

/** Messages that are due after a moment, a page at a time. */
async function countLater(store: Store, { pile, fifo }: Queue, now: number): Promise<{ inFlight: number; delayed: number }> {
  const where = fifo ? heldPile(pile) : pile;
  let found = 0;
  let inFlight = 0;
  for (let from: readonly (string | number)[] = [where, now, '\u{10ffff}']; found < countedMax;) {
    const page = await store.read((tx) => dues.between(tx, from, [where, Infinity], { limit: pageRows }));
    found += page.length;
    for (const { row } of page) if (row.kind === 'flight') inFlight++;
    if (page.length < pageRows) break;
    const last = page.at(-1)!.row;
    from = [where, last.at, `${last.place}!`];
  }
  return { inFlight: Math.min(inFlight, inFlightMax), delayed: found - inFlight };
}

/** Delays of FIFO queues are the queue's, so the delayed messages are the newest. */
async function countDelayedFifo(store: Store, queue: Queue, now: number): Promise<number> {
  if (queue.delaySeconds === 0) return 0;
  const page = await store.read((tx) => messages.scan(tx, [queue.pile], { reverse: true, limit: pageRows }));
  return page.filter(({ row }) => !row.inFlight && row.receives === 0 && row.due > now).length;
}
