/** A receive, inside its transaction: which messages are given out, which are dead or too old. */

import type { WriteTransaction } from '../../../store/store.ts';
import { dues, messages, order, type Due, type Message, type Queue } from '../tables.ts';
import { addToCount } from './counting.ts';
import { dueRows, isExpired, messageOf, moveToDeadLetters, remove, renewHead, reschedule, type Means } from './pile.ts';
import { takeTurn } from './turns.ts';

export type Wanted = { count: number; /** How long what is given out stays hidden. */ hiddenMilliseconds: number };

/** A receive that meets nothing but expired messages gives up after so many rounds; the sweeper is on its way. */
const roundsMax = 20;

/** Gives out up to `count` messages that are due. */
export async function take(tx: WriteTransaction, means: Means, queue: Queue, wanted: Wanted): Promise<Message[]> {
  const taken: Message[] = [];
  for (let round = 0; round < roundsMax && taken.length < wanted.count; round++) {
    const settled = queue.fifo ? await takeGroups(tx, means, queue, wanted, taken) : await takeDue(tx, means, queue, wanted, taken);
    if (settled === 0) break;
  }
  return taken;
}

/** Returns how many rows were settled without a message being given out, or only one of a group, so that others may be due in their stead. */
async function takeDue(tx: WriteTransaction, means: Means, queue: Queue, wanted: Wanted, taken: Message[]): Promise<number> {
  const { pile } = queue;
  const rows = await dueRows(tx, pile, means.now, wanted.count - taken.length);
  let settled = 0;
  for (const row of rows) {
    if (taken.some((message) => message.place === row.place)) continue; // given out with a visibility timeout of 0
    const turn = row.kind === 'group';
    const message = turn ? await takeTurn(tx, row, means.now) : await messageOf(tx, row);
    if (!message) {
      if (!turn) await dues.delete(tx, pile, row.at, row.place);
      settled++;
    } else if (await leaves(tx, means, queue, message)) settled++;
    else {
      taken.push(await give(tx, means, message, wanted));
      if (turn) settled++;
    }
  }
  return settled;
}

/** Gives out the front of each group that is due, up to the first message that another receiver still holds. */
async function takeGroups(tx: WriteTransaction, means: Means, queue: Queue, wanted: Wanted, taken: Message[]): Promise<number> {
  const { pile } = queue;
  let settled = 0;
  for (const { group } of (await dueRows(tx, pile, means.now, wanted.count - taken.length)) as Required<Due>[]) {
    const left = wanted.count - taken.length;
    if (left === 0) break;
    const front = await order.scan(tx, [pile, group], { limit: left });
    for (const { row } of front) {
      if (taken.some((message) => message.place === row.place)) break;
      const message = await messages.get(tx, pile, row.place);
      if (!message || message.due > means.now) break;
      if (await leaves(tx, means, queue, message)) settled++;
      else taken.push(await give(tx, means, message, wanted));
    }
    await renewHead(tx, pile, group);
  }
  return settled;
}

/** Expired messages are forgotten, and those that were received too often go to the dead letters. */
async function leaves(tx: WriteTransaction, means: Means, queue: Queue, message: Message): Promise<boolean> {
  if (isExpired(queue, message, means.now)) {
    await remove(tx, means, message);
    await addToCount(tx, queue.pile, means.shard, -1);
    return true;
  }
  return moveToDeadLetters(tx, means, queue, message);
}

async function give(tx: WriteTransaction, { now }: Means, message: Message, { hiddenMilliseconds }: Wanted): Promise<Message> {
  const { fair: _turn, ...rest } = message;
  const given: Message = {
    ...rest,
    due: now + hiddenMilliseconds,
    receives: message.receives + 1,
    firstReceived: message.firstReceived ?? now,
    inFlight: true,
  };
  await reschedule(tx, message, given);
  return given;
}
