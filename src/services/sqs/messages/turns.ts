/**
 * Fair queues: messages of a standard queue that carry a group take turns by it, so that a tenant who sends much does not make the
 * others wait: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */

import type { WriteTransaction } from '../../../store/store.ts';
import { dues, groups, messages, order, type Due, type Message } from '../tables.ts';

/** Among groups that were served in the same millisecond, the one with fewer turns comes first. */
const placeOf = (turns: number, group: string): string => `${String(turns).padStart(12, '0')} ${group}`;

/** Puts a message behind those of its group. The row of the group is written even if it is there: it tells those who wait. */
export async function queueForTurn(tx: WriteTransaction, { pile, place, group, due }: Message): Promise<void> {
  await order.put(tx, { pile, group: group!, place });
  const present = await groups.get(tx, pile, group!);
  if (present) return dues.put(tx, { pile, kind: 'group', at: present.at, place: present.head, group: group! });
  await setTurn(tx, pile, group!, due, 0);
}

async function setTurn(tx: WriteTransaction, pile: string, group: string, at: number, turns: number): Promise<void> {
  const head = placeOf(turns, group);
  await groups.put(tx, { pile, group, head, at, turns });
  await dues.put(tx, { pile, kind: 'group', at, place: head, group });
}

/** Ends a group's turn and gives its first message; undefined when it has none left. The message's own rows are the caller's. */
export async function takeTurn(tx: WriteTransaction, { pile, at, place, group }: Due, now: number): Promise<Message | undefined> {
  const [first, second] = await order.scan(tx, [pile, group!], { limit: 2 });
  await dues.delete(tx, pile, at, place);
  if (second) await setTurn(tx, pile, group!, now, ((await groups.get(tx, pile, group!))?.turns ?? 0) + 1);
  else await groups.delete(tx, pile, group!);
  return first && messages.get(tx, pile, first.row.place);
}
