/** The sweeper: messages past their retention, piles that no queue owns, names and ids whose time is over. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { delaySecondsMax, lateWriteMilliseconds, recreationMilliseconds } from '../limits.ts';
import { forgetKeys } from '../queues/message-keys.ts';
import {
  attempts,
  counts,
  deduplications,
  deletedQueues,
  droppedPiles,
  dues,
  groups,
  messages,
  order,
  queues,
  sequences,
  type DroppedPile,
  type Message,
  type Queue,
} from '../tables.ts';
import { addToCount } from './counting.ts';
import { heldPile } from './held-pile.ts';
import { isExpired, remove, renewHead } from './pile.ts';

const pageRows = 200;
/** As long as the shortest retention: what expires late is counted until then, but never received. */
const sweepMilliseconds = 60_000;

export const sweeper: Reconciler = {
  name: 'sqs/sweeper',
  watches: [droppedPiles],
  every: sweepMilliseconds,
  run: async (context) => {
    let nextAt = Infinity;
    for await (const dropped of droppedPiles.each(context.store)) nextAt = Math.min(nextAt, await sweepPile(context, dropped));
    await forgetIds(context);
    await forgetKeys(context.store, context.now);
    for await (const queue of queues.each(context.store)) nextAt = Math.min(nextAt, await sweepQueue(context, queue));
    return Number.isFinite(nextAt) ? { nextAt } : {};
  },
};

/** Deletes what is too old; returns when the next message will be, Infinity when there is none. */
async function sweepQueue(context: ReconcilerContext, queue: Queue): Promise<number> {
  return Math.min(await sweepWaiting(context, queue), await sweepHeld(context, queue));
}

const expiry = (queue: Queue, message: Message): number => message.sent + queue.retentionSeconds * 1000;

/** Those that wait for their first receive: they are due at most the longest delay after they were sent, and lie in that order. */
async function sweepWaiting({ store, blobs, now, signal }: ReconcilerContext, queue: Queue): Promise<number> {
  const { pile } = queue;
  const end = [pile, now - queue.retentionSeconds * 1000 + delaySecondsMax * 1000 + 1];
  for (let from: readonly (string | number)[] = [pile]; ;) {
    signal.throwIfAborted();
    const page = await store.read((tx) => dues.between(tx, from, end, { limit: pageRows }));
    const expired = page.filter(({ row }) => row.message && isExpired(queue, row.message, now));
    if (expired.length > 0)
      await store.write(async (tx) => {
        const rows = await dues.getMany(
          tx,
          expired.map(({ row }) => [pile, row.at, row.place]),
        );
        const left = rows.flatMap((row) => row?.message ?? []);
        for (const message of left) await remove(tx, { blobs }, message);
        if (left.length > 0) await addToCount(tx, pile, 0, -left.length);
      }, 'relaxed');
    if (page.length < pageRows) break;
    const last = page.at(-1)!.row;
    from = [pile, last.at, `${last.place}!`];
  }
  const [first] = await store.read((tx) => dues.between(tx, [pile], [pile, Infinity], { limit: 1 }));
  return first?.row.message ? Math.max(expiry(queue, first.row.message), now + 1) : Infinity;
}

/** Those that have a row of their own, oldest first. */
async function sweepHeld(context: ReconcilerContext, queue: Queue): Promise<number> {
  const { store, now, signal } = context;
  const [oldest] = await store.read((tx) => messages.scan(tx, [queue.pile], { limit: 1 }));
  if (!oldest) return Infinity;
  if (!isExpired(queue, oldest.row, now)) return expiry(queue, oldest.row);
  const means = { blobs: context.blobs };
  for (;;) {
    signal.throwIfAborted();
    const next = await store.write(async (tx) => {
      const page = await messages.scan(tx, [queue.pile], { limit: pageRows });
      const expired = page.filter(({ row }) => isExpired(queue, row, now));
      for (const { row } of expired) await remove(tx, means, row);
      for (const group of new Set(expired.flatMap(({ row }) => (row.sequence === undefined ? [] : [row.group!]))))
        await renewHead(tx, queue.pile, group);
      if (expired.length > 0) await addToCount(tx, queue.pile, 0, -expired.length);
      if (expired.length === pageRows) return undefined;
      const left = page[expired.length];
      return left ? expiry(queue, left.row) : Infinity;
    }, 'relaxed');
    if (next !== undefined) return Math.max(next, now + 1);
  }
}

/** Returns when the pile is to be swept again: Infinity after the last time. */
async function sweepPile({ store, blobs, now, signal }: ReconcilerContext, { pile, at, queueGone }: DroppedPile): Promise<number> {
  const lastAt = at + lateWriteMilliseconds;
  for (;;) {
    signal.throwIfAborted();
    const left = await store.write(async (tx) => {
      const page = await messages.scan(tx, [pile], { limit: pageRows });
      for (const { row } of page) await remove(tx, { blobs }, row);
      const waiting = await dues.scan(tx, [pile], { limit: pageRows });
      for (const { row } of waiting) {
        if (row.message) await remove(tx, { blobs }, row.message);
        else await dues.delete(tx, pile, row.at, row.place);
      }
      for (const { row } of await groups.scan(tx, [pile], { limit: pageRows })) {
        await dues.delete(tx, pile, row.at, row.head);
        await groups.delete(tx, pile, row.group);
      }
      const more = page.length > 0 || waiting.length > 0 || (await groups.scan(tx, [pile], { limit: 1 })).length > 0;
      if (more) return true;
      const held = heldPile(pile);
      for (const { row } of await dues.scan(tx, [held])) await dues.delete(tx, held, row.at, row.place);
      for (const { row } of await order.scan(tx, [pile])) await order.delete(tx, pile, row.group, row.place);
      for (const { row } of await counts.scan(tx, [pile])) await counts.delete(tx, pile, row.shard);
      if (now < lastAt) return false;
      if (queueGone) await sequences.delete(tx, pile.split('.', 1)[0]!);
      await droppedPiles.delete(tx, pile);
      return false;
    }, 'relaxed');
    if (!left) return now < lastAt ? lastAt : Infinity;
  }
}

async function forgetIds({ store, now }: ReconcilerContext): Promise<void> {
  for (let full = true; full;) {
    full = await store.write(async (tx) => {
      const ids = (await deduplications.scanIndex(tx, 'until', [], { limit: pageRows })).filter(({ row }) => row.until <= now);
      for (const { row } of ids) await deduplications.delete(tx, row.queue, row.scope, row.id);
      const tries = (await attempts.scanIndex(tx, 'until', [], { limit: pageRows })).filter(({ row }) => row.until <= now);
      for (const { row } of tries) await attempts.delete(tx, row.queue, row.id);
      return ids.length === pageRows || tries.length === pageRows;
    }, 'relaxed');
  }
  for await (const { account, region, name, at } of deletedQueues.each(store))
    if (at + recreationMilliseconds <= now) await store.write((tx) => deletedQueues.delete(tx, account, region, name), 'relaxed');
}
