/** What is done to the messages of a queue inside a transaction. Invariant: each message has the rows that say when it is due. */

import type { BlobStore } from '../../../store/blob-store.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { allowsDeadLetters } from '../queues/attributes.ts';
import { findQueue } from '../queues/lookup.ts';
import { keepKey } from '../queues/message-keys.ts';
import { queueArn, queueOfArn } from '../queues/queue.ts';
import { dues, groups, messages, order, sequences, type Due, type Message, type Queue } from '../tables.ts';
import { addToCount } from './counting.ts';
import { heldPile } from './held-pile.ts';
import { queueForTurn } from './turns.ts';

/** What every change of a pile needs besides its transaction; drawn before it. */
export type Means = { blobs: BlobStore; now: number; /** Which row of the kept count to change. */ shard: number };

const LAST = '\u{10ffff}';

/** Puts a message at the end of its queue. The count is the caller's. */
export async function enqueue(tx: WriteTransaction, message: Message): Promise<void> {
  const { pile, place, group, due } = message;
  if (!message.fair && message.sequence === undefined) return dues.put(tx, { pile, kind: 'ready', at: due, place, message });
  await messages.put(tx, message);
  if (message.fair) return queueForTurn(tx, message);
  await order.put(tx, { pile, group: group!, place });
  if (await groups.get(tx, pile, group!)) return;
  await setHead(tx, pile, group!, place, due);
}

/** The next sequence number of a FIFO queue: 20 digits, as AWS's, and they sort. */
export async function nextSequence(tx: WriteTransaction, queue: Queue): Promise<string> {
  const last = (await sequences.get(tx, queue.id))?.last ?? 0;
  await sequences.put(tx, { queue: queue.id, last: last + 1 });
  return String(18849496460467696128n + BigInt(last) * 256n);
}

async function setHead(tx: WriteTransaction, pile: string, group: string, head: string, at: number): Promise<void> {
  await groups.put(tx, { pile, group, head, at });
  await dues.put(tx, { pile, kind: 'group', at, place: head, group });
}

/** After a change at the front of a group: whoever is first now says when the group is due. */
export async function renewHead(tx: WriteTransaction, pile: string, group: string): Promise<void> {
  const old = await groups.get(tx, pile, group);
  const first = (await order.scan(tx, [pile, group], { limit: 1 }))[0]?.row;
  const message = first && (await messages.get(tx, pile, first.place));
  if (old && message && old.head === message.place && old.at === message.due) return;
  if (old) await dues.delete(tx, pile, old.at, old.head);
  if (message) await setHead(tx, pile, group, message.place, message.due);
  else if (old) await groups.delete(tx, pile, group);
}

/** The `due` row of a message's own; one that waits behind others of its group has none. */
function dueOf({ pile, place, due, inFlight, fair, sequence }: Message): Due | undefined {
  if (inFlight) return { pile: sequence === undefined ? pile : heldPile(pile), kind: 'flight', at: due, place };
  return fair || sequence !== undefined ? undefined : { pile, kind: 'ready', at: due, place };
}

async function leaveDue(tx: WriteTransaction, message: Message): Promise<void> {
  const row = dueOf(message);
  if (row) await dues.delete(tx, row.pile, row.at, row.place);
}

/** Takes a message and its rows away; its bytes stay. In a FIFO queue the head is to be renewed afterwards. */
async function unlink(tx: WriteTransaction, message: Message): Promise<void> {
  const { pile, place, group, fair, sequence } = message;
  await messages.delete(tx, pile, place);
  await leaveDue(tx, message);
  if (sequence !== undefined || fair) await order.delete(tx, pile, group!, place);
}

/** Deletes a message with its bytes. The count is the caller's, and so is the head of its group. */
export async function remove(tx: WriteTransaction, { blobs }: Pick<Means, 'blobs'>, message: Message): Promise<void> {
  await unlink(tx, message);
  if (message.blob) await blobs.remove(tx, message.blob);
}

/** Says anew when a message can be received; `next` differs from `message` in nothing else that is indexed. */
export async function reschedule(tx: WriteTransaction, message: Message, next: Message): Promise<void> {
  await leaveDue(tx, message);
  if (message.fair) await order.delete(tx, message.pile, message.group!, message.place);
  const row = dueOf(next);
  if (row) await dues.put(tx, row);
  await messages.put(tx, next);
}

/** The message of a `due` row that is not a group's. */
export async function messageOf(tx: ReadTransaction, { pile, place, message }: Due): Promise<Message | undefined> {
  return message ?? messages.get(tx, pile, place);
}

/** What is due now, oldest first. */
export async function dueRows(tx: ReadTransaction, pile: string, now: number, limit: number): Promise<Due[]> {
  const rows = await dues.between(tx, [pile], [pile, now, LAST], { limit });
  return rows.map(({ row }) => row);
}

/** When something in the pile is due next, now included; undefined when nothing will be. */
export async function nextDue(tx: ReadTransaction, { pile }: Queue): Promise<number | undefined> {
  const [first] = await dues.between(tx, [pile], [pile, Infinity], { limit: 1 });
  return first?.row.at;
}

export const isExpired = (queue: Queue, message: Message, now: number): boolean => message.sent + queue.retentionSeconds * 1000 <= now;

/**
 * Moves a message that was received too often to the dead-letter queue; false while there is none that takes it, and then it goes on
 * being received. In a standard queue it keeps the time of its sending, by which it will expire:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
export async function moveToDeadLetters(tx: WriteTransaction, means: Means, queue: Queue, message: Message): Promise<boolean> {
  if (!queue.redrive || message.receives < queue.redrive.receivesMax) return false;
  const target = await findQueue(tx, queueOfArn(queue.redrive.target)!);
  if (!target || target.fifo !== queue.fifo || target.pile === queue.pile || !allowsDeadLetters(target, queueArn(queue))) return false;
  await transfer(tx, means, message, target, { deadLetterSource: queueArn(queue) });
  return true;
}

/** What makes a message a new one: it was never received, and its retention begins again. */
export type Renewal = { id: string; place: string; sent: number; receives: 0 };

/** Puts a message into another queue, in one transaction with its leaving this one. */
export async function transfer(
  tx: WriteTransaction,
  { now, shard }: Means,
  message: Message,
  target: Queue,
  change: { deadLetterSource: string } | Renewal,
): Promise<void> {
  const { inFlight: _held, fair: _turn, deadLetterSource: _from, ...rest } = message;
  await unlink(tx, message);
  const moved: Message = { ...rest, ...change, pile: target.pile, due: now };
  if ('id' in change) delete moved.firstReceived;
  if (target.fifo) {
    moved.sequence = await nextSequence(tx, target);
    moved.place = moved.sequence;
    moved.sent = now;
  }
  await enqueue(tx, moved);
  await keepKey(tx, moved, now);
  await addToCount(tx, message.pile, shard, -1);
  await addToCount(tx, target.pile, shard, 1);
}
