/** The fan-out: messages that were acknowledged go to the queues that subscribe, and are set down for all other subscribers. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { isHeldBack } from '../archive/replay.ts';
import { outgoing, protectionOf } from '../data-protection/protection.ts';
import { loadContents, type Contents } from '../messages/contents.ts';
import { envelopeWriter } from '../messages/envelope.ts';
import { noteDelivery } from '../reports/delivery-status.ts';
import { deliveries, publications, type Delivery, type Publication, type Topic } from '../tables.ts';
import { rawBody, sendToQueue, Undeliverable } from './sqs.ts';
import { audienceOf, recipients, type Audience, type Target } from './targets.ts';

const pageRows = 64;
/** So many queues are written to at a time, for each message. */
const sideBySide = 128;

/** When a queue that must be served in order was out of reach. */
const againMilliseconds = 1_000;

export const fanOut: Reconciler = {
  name: 'sns/fan-out',
  watches: [publications],
  run: async (context) => {
    let after: Uint8Array | undefined;
    let stuck = false;
    for (;;) {
      context.signal.throwIfAborted();
      const page = await context.store.read((tx) => publications.scan(tx, [], { limit: pageRows, ...(after && { after }) }));
      if (page.length > 0) {
        const rows = page.map(({ row }) => row);
        stuck = !(await fanOutPage(context, rows)) || stuck;
      }
      if (page.length < pageRows) return stuck ? { nextAt: context.now + againMilliseconds } : {};
      after = page.at(-1)!.cursor;
    }
  },
};

/** What became of some messages: `sent` are to be crossed out, `setDown` are deliveries for the outbox. */
type Outcome = { sent: readonly Publication[]; setDown: Delivery[] };

/** Topics side by side; what has gone out is crossed out in one transaction, with what was set down. True when nothing is left. */
async function fanOutPage(context: ReconcilerContext, page: readonly Publication[]): Promise<boolean> {
  const byTopic = Map.groupBy(page, ({ topic }) => topic);
  const outcomes = await Promise.all([...byTopic.values()].map((rows) => fanOutTopic(context, rows)));
  const sent = outcomes.flatMap((outcome) => outcome.sent);
  await context.store.write(async (tx) => {
    for (const delivery of outcomes.flatMap((outcome) => outcome.setDown)) {
      if ('blob' in delivery.publication.contents) await context.blobs.share(tx, delivery.publication.contents.blob);
      await deliveries.put(tx, delivery);
    }
    for (const { topic, order, contents } of sent) {
      if ((await publications.get(tx, topic, order)) === undefined) continue;
      if ('blob' in contents) await context.blobs.remove(tx, contents.blob);
      await publications.delete(tx, topic, order);
    }
  });
  return sent.length === page.length;
}

async function fanOutTopic(context: ReconcilerContext, rows: readonly Publication[]): Promise<Outcome> {
  const { topic, topicName } = rows[0]!;
  const audience = await audienceOf(context.store, topic, topicName);
  if (!audience || audience.targets.length === 0) return { sent: rows, setDown: [] };
  if (audience.topic.fifo) return fanOutInOrder(context, audience, rows);
  return { sent: rows, setDown: (await Promise.all(rows.map((row) => fanOutOne(context, audience, row)))).flat() };
}

/** A message that a queue could not take yet holds up those behind it; queues that have it already know it by its deduplication id. */
async function fanOutInOrder(context: ReconcilerContext, audience: Audience, rows: readonly Publication[]): Promise<Outcome> {
  for (const [i, row] of rows.entries()) {
    const late = await fanOutOne(context, audience, row);
    if (late.length > 0) return { sent: rows.slice(0, i), setDown: [] };
  }
  return { sent: rows, setDown: [] };
}

async function fanOutOne(context: ReconcilerContext, { topic, targets }: Audience, row: Publication): Promise<Delivery[]> {
  const contents = await loadContents(context.blobs, row.contents);
  const envelope = envelopeWriter(context, topic, row, contents);
  const protection = await protectionOf(context.store, topic);
  const setDown: Delivery[] = [];
  const send = async (target: Target): Promise<void> => {
    const { subscription, raw } = target;
    if (subscription.protocol !== 'sqs') return void setDown.push(deliveryOf(context, target, row, 0));
    // What must be changed for some of the subscribers is written for each of them.
    const own = protection ? outgoing(protection, subscription, contents) : contents;
    if (!own) return;
    const write = own === contents ? envelope : envelopeWriter(context, topic, row, own);
    const body = raw ? rawBody(own, subscription) : await write(subscription);
    if (!(await toQueue(context, topic, target, row, { contents: own, body }))) setDown.push(deliveryOf(context, target, row, 1));
  };
  const awake = targets.filter(({ subscription }) => !isHeldBack(subscription, row.order));
  const all = recipients(awake, contents);
  for (let i = 0; i < all.length; i += sideBySide) await Promise.all(all.slice(i, i + sideBySide).map(send));
  return setDown;
}

/** True when the queue, or the dead-letter queue, has it, or never will; false when it is worth trying again. */
async function toQueue(
  context: ReconcilerContext,
  topic: Topic,
  target: Target,
  row: Publication,
  { contents, body }: { contents: Contents; body: string },
): Promise<boolean> {
  const { subscription, raw, deadLetters } = target;
  const outcome = { ...row, message: contents.message, attempts: 1 };
  try {
    await sendToQueue(context, row.topicName, subscription.endpoint, { body, contents, raw });
    await noteDelivery(context, topic, subscription, { ...outcome, ok: true, statusCode: 200, response: '' });
    return true;
  } catch (error) {
    if (!isFinal(error)) return false;
    context.log(`${row.id} cannot go to ${subscription.endpoint}: ${(error as Error).message}`);
    await noteDelivery(context, topic, subscription, { ...outcome, ok: false, statusCode: 400, response: (error as Error).message });
    if (deadLetters !== undefined) await toDeadLetters(context, row, deadLetters, { body, contents, raw });
    return true;
  }
}

/** What SQS refuses it will refuse again. */
export function isFinal(error: unknown): boolean {
  return error instanceof Undeliverable || (error instanceof AwsError && (error.status ?? 400) < 500);
}

/** The last resort of a message; when that fails too, it is gone, as in AWS. */
export async function toDeadLetters(
  context: ReconcilerContext,
  { topicName, id }: Pick<Publication, 'topicName' | 'id'>,
  queue: string,
  message: { body: string; contents: Contents; raw: boolean },
): Promise<void> {
  try {
    await sendToQueue(context, topicName, queue, message);
  } catch (error) {
    if (!isFinal(error)) throw error;
    context.log(`${id} cannot go to the dead-letter queue ${queue}: ${(error as Error).message}`);
  }
}

function deliveryOf({ now, random }: ReconcilerContext, { subscription }: Target, row: Publication, failures: number): Delivery {
  const { order: _order, ...publication } = row;
  return {
    ...{ id: random.uuid(), kind: 'Notification', topic: row.topic, subscription: subscription.id },
    ...{ publication, failures, at: now },
  };
}
