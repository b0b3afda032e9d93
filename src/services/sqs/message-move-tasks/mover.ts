/** The mover: carries messages out of dead-letter queues, as fast as their task allows. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { countShards } from '../messages/counting.ts';
import { placeAt } from '../messages/message.ts';
import { dueRows, messageOf, renewHead, transfer } from '../messages/pile.ts';
import { findQueue } from '../queues/lookup.ts';
import { queueOfArn } from '../queues/queue.ts';
import { messages, moveTasks, order, type Message, type MoveTask, type Queue } from '../tables.ts';

const pageMessages = 50;

export const mover: Reconciler = {
  name: 'sqs/mover',
  watches: [moveTasks],
  run: async (context) => {
    const running = await context.store.read((tx) => moveTasks.scanIndex(tx, 'running', [], { limit: 1000 }));
    let nextAt = Infinity;
    for (const { row } of running) nextAt = Math.min(nextAt, row.nextAt <= context.now ? await work(context, row) : row.nextAt);
    return Number.isFinite(nextAt) ? { nextAt } : {};
  },
};

/** Moves what is allowed now, a page at a time; returns when to go on, Infinity when the task is over. */
async function work(context: ReconcilerContext, { account, region, source, started, id, perSecond }: MoveTask): Promise<number> {
  const { store, now, signal } = context;
  let allowed = perSecond ?? Infinity;
  for (;;) {
    signal.throwIfAborted();
    const page = Math.min(pageMessages, allowed);
    const ids = Array.from({ length: page }, () => context.random.uuid());
    const means = { blobs: context.blobs, now, shard: Math.floor(context.random.float() * countShards) };
    const fresh = ids.map((one) => ({ id: one, place: placeAt(now, one), sent: now, receives: 0 as const }));
    allowed -= page;
    const task = await store.write(async (tx) => {
      const current = await moveTasks.get(tx, account, region, source, -started, id);
      if (current?.status !== 'RUNNING') return undefined;
      const next = await movePage(tx, current, page, async (message, target, i) => transfer(tx, means, message, target, fresh[i]!), now);
      const paused = next.status === 'RUNNING' && allowed <= 0 ? { ...next, nextAt: now + 1000 } : next;
      await moveTasks.put(tx, paused);
      return paused;
    });
    if (task?.status !== 'RUNNING') return Infinity;
    if (task.nextAt > now) return task.nextAt;
  }
}

type Carry = (message: Message, target: Queue, i: number) => Promise<void>;

/** The task as it is after its next messages went. What is in flight stays; the task is over when nothing else is left. */
async function movePage(tx: WriteTransaction, task: MoveTask, count: number, carry: Carry, now: number): Promise<MoveTask> {
  const failed = (failure: string): MoveTask => ({ ...task, status: 'FAILED', failure, moved: task.moved + moved });
  let moved = 0;
  const source = await findQueue(tx, { ...task, name: task.source });
  if (!source) return failed('AWS.SimpleQueueService.NonExistentQueue');
  const page = await movable(tx, source, count, now);
  for (const message of page) {
    const arn = task.destination ?? message.deadLetterSource;
    if (arn === undefined) return failed('CouldNotDetermineMessageSource');
    const target = await findQueue(tx, queueOfArn(arn)!);
    if (!target) return failed('AWS.SimpleQueueService.NonExistentQueue');
    await carry(message, target, moved++);
    if (source.fifo) await renewHead(tx, source.pile, message.group!);
  }
  return { ...task, moved: task.moved + moved, ...(page.length === 0 && { status: 'COMPLETED' as const }) };
}

/** Messages that nobody holds, oldest first; of groups their fronts. */
async function movable(tx: WriteTransaction, queue: Queue, count: number, now: number): Promise<Message[]> {
  const found: Message[] = [];
  const add = (message: Message | undefined): boolean => {
    const free = message !== undefined && message.due <= now;
    if (free) found.push(message);
    return free;
  };
  for (const due of await dueRows(tx, queue.pile, now, count)) {
    if (due.kind !== 'group') add(await messageOf(tx, due));
    else
      for (const { row } of await order.scan(tx, [queue.pile, due.group!], { limit: count - found.length }))
        if (!add(await messages.get(tx, queue.pile, row.place))) break;
    if (found.length >= count) break;
  }
  return found;
}
