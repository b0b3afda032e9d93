/** The reconciler of letters: hands them to the operator's mail server and webhooks, and tries again by the clock. */

import { mailbox } from '../../../framework/mailbox.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { deliveries, outgoingLetters, type Delivery, type OutgoingLetter } from '../tables.ts';
import { retryDelay, type RetryPolicy } from './delivery-policy.ts';

const atOnceMax = 16;

/** For endpoints of customers, fifty attempts over six hours: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */
const customerEndpoints: RetryPolicy = {
  ...{ minDelayTarget: 10, maxDelayTarget: 600, numRetries: 50, numMaxDelayRetries: 38 },
  ...{ numNoDelayRetries: 0, numMinDelayRetries: 2, backoffFunction: 'exponential' },
};

export const letterCarrier: Reconciler = {
  name: 'sns/letters',
  watches: [outgoingLetters],
  run: async (context) => {
    for (;;) {
      context.signal.throwIfAborted();
      const page = await context.store.read((tx) => outgoingLetters.scanIndex(tx, 'due', [], { limit: atOnceMax }));
      const due = page.filter(({ row }) => row.due <= context.clock.now());
      if (due.length === 0) return page[0] ? { nextAt: page[0].row.due } : {};
      await Promise.all(due.map(({ row }) => carry(context, row)));
    }
  },
};

/** What cannot leave ends in the mailbox, where somebody may find it. */
async function carry(context: ReconcilerContext, letter: OutgoingLetter): Promise<void> {
  const { id, kind, sender, to, subject, body } = letter;
  const send = context.host.messengers[kind];
  // A cloud that is started without the way out keeps what waited for it.
  if (!send) return keep(context, letter);
  let reason: string;
  try {
    if ((await send({ id, kind, sender, to, subject, body })) === 'sent') return await forget(context, letter);
    reason = 'it was refused for good';
  } catch (error) {
    context.signal.throwIfAborted();
    reason = (error as Error).message;
    const delay = retryDelay(customerEndpoints, letter.failures + 1);
    if (delay !== undefined) {
      context.log(`${kind} ${id} did not leave: ${reason}`);
      const next = { ...letter, failures: letter.failures + 1, due: context.clock.now() + delay };
      return context.store.write((tx) => outgoingLetters.put(tx, next));
    }
  }
  if (letter.delivery) return giveBack(context, letter, letter.delivery);
  context.log(`${kind} ${id} is kept in the mailbox: ${reason}`);
  await keep(context, letter);
}

/** For the dead-letter queue of the subscription. */
async function giveBack({ store, now }: ReconcilerContext, { id }: OutgoingLetter, delivery: Delivery): Promise<void> {
  await store.write(async (tx) => {
    await outgoingLetters.delete(tx, id);
    await deliveries.put(tx, { ...delivery, lost: true, at: now });
  });
}

async function keep(
  { store, blobs }: ReconcilerContext,
  { sender: _sender, failures: _failures, due: _due, delivery, ...letter }: OutgoingLetter,
): Promise<void> {
  await store.write(async (tx) => {
    await outgoingLetters.delete(tx, letter.id);
    if (delivery && 'blob' in delivery.publication.contents) await blobs.remove(tx, delivery.publication.contents.blob);
    await mailbox.put(tx, letter);
  });
}

async function forget({ store, blobs }: ReconcilerContext, { id, delivery }: OutgoingLetter): Promise<void> {
  await store.write(async (tx) => {
    if (delivery && 'blob' in delivery.publication.contents) await blobs.remove(tx, delivery.publication.contents.blob);
    await outgoingLetters.delete(tx, id);
  });
}
