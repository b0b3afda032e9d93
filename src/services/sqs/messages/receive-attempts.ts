/** Receives of FIFO queues that are asked for again after a lost answer: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html */

import type { WriteTransaction } from '../../../store/store.ts';
import { receiveAttemptMilliseconds } from '../limits.ts';
import { attempts, messages, type Message, type Queue } from '../tables.ts';
import { renewHead, reschedule } from './pile.ts';
import type { Wanted } from './take.ts';

/** The same messages with the same handles, hidden anew; undefined once any of them was deleted, given back or became visible. */
export async function replayed(
  tx: WriteTransaction,
  queue: Queue,
  id: string,
  wanted: Wanted,
  now: number,
): Promise<Message[] | undefined> {
  const attempt = await attempts.get(tx, queue.id, id);
  if (!attempt || attempt.until <= now) return undefined;
  const held: Message[] = [];
  for (const { place, receives } of attempt.given) {
    const message = await messages.get(tx, queue.pile, place);
    if (!message || message.receives !== receives || !message.inFlight || message.due <= now) return undefined;
    held.push(message);
  }
  const again = held.map((message) => ({ ...message, due: now + wanted.hiddenMilliseconds }));
  for (const [i, message] of held.entries()) await reschedule(tx, message, again[i]!);
  for (const group of new Set(held.map((message) => message.group!))) await renewHead(tx, queue.pile, group);
  return again;
}

export async function rememberAttempt(
  tx: WriteTransaction,
  queue: Queue,
  id: string,
  given: readonly Message[],
  now: number,
): Promise<void> {
  await attempts.put(tx, {
    ...{ queue: queue.id, id, until: now + receiveAttemptMilliseconds },
    given: given.map(({ place, receives }) => ({ place, receives })),
  });
}
