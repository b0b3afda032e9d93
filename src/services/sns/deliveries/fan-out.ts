/** The fan-out: messages that were acknowledged go to the queues that subscribe, and are set down for all other subscribers. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { isHeldBack } from '../archive/replay.ts';
import { outgoing, protectionOf, type Protection } from '../data-protection/protection.ts';
import { loadContents, type Contents } from '../messages/contents.ts';
import { envelopeWriter, type EnvelopeWriter } from '../messages/envelope.ts';
import { noteDelivery } from '../reports/delivery-status.ts';
import { deliveries, publications, type Delivery, type Publication, type Topic } from '../tables.ts';
import {
  bytesOf,
  queuedAtOnceMax,
  queuedBytesMax,
  rawBody,
  sendAllToQueue,
  sendToQueue,
  Undeliverable,
  type QueuedMessage,
} from './sqs.ts';
import { audienceOf, recipients, type Audience, type Target } from './targets.ts';

const pageRows = 64;
/** So many queues are written to at a time. */
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
  return { sent: rows, setDown: await fanOutRows(context, audience, rows) };
}

/** A message that a queue could not take yet holds up those behind it; queues that have it already know it by its deduplication id. */
async function fanOutInOrder(context: ReconcilerContext, audience: Audience, rows: readonly Publication[]): Promise<Outcome> {
  for (const [i, row] of rows.entries()) {
    const late = await fanOutRows(context, audience, [row]);
    if (late.length > 0) return { sent: rows.slice(0, i), setDown: [] };
  }
  return { sent: rows, setDown: [] };
}

/**
 * Queue by queue, not message by message: a queue takes several of them in one call, and its rows lie side by side in the store, which
 * costs a fraction of rows that lie apart. Returns what is to be set down for the outbox.
 */
async function fanOutRows(context: ReconcilerContext, { topic, targets }: Audience, rows: readonly Publication[]): Promise<Delivery[]> {
  const protection = await protectionOf(context.store, topic);
  const setDown: Delivery[] = [];
  const byQueue = new Map<Target, Item[]>();
  for (const row of rows) {
    const contents = await loadContents(context, row.contents);
    const item = { row, contents, envelope: envelopeWriter(context, topic, row, contents) };
    const awake = targets.filter(({ subscription }) => !isHeldBack(subscription, row.order));
    for (const target of recipients(awake, contents)) {
      if (target.subscription.protocol !== 'sqs') setDown.push(deliveryOf(context, target, row, 0));
      else {
        const waiting = byQueue.get(target);
        if (waiting) waiting.push(item);
        else byQueue.set(target, [item]);
      }
    }
  }
  const queues = [...byQueue];
  for (let i = 0; i < queues.length; i += sideBySide) {
    const some = queues.slice(i, i + sideBySide).map(([target, items]) => toQueue(context, { topic, target, protection }, items));
    for (const [n, late] of (await Promise.all(some)).entries())
      for (const row of late) setDown.push(deliveryOf(context, queues[i + n]![0], row, 1));
  }
  return setDown;
}

type Item = { row: Publication; contents: Contents; envelope: EnvelopeWriter };
type Way = { topic: Topic; target: Target; protection: Protection | undefined };
type Parcel = QueuedMessage & { row: Publication };

/** Sends messages to one queue, as many in a call as it takes; returns those that are worth trying again. */
async function toQueue(context: ReconcilerContext, way: Way, items: readonly Item[]): Promise<Publication[]> {
  const late: Publication[] = [];
  let parcels: Parcel[] = [];
  let bytes = 0;
  const send = async (): Promise<void> => {
    if (parcels.length > 0) late.push(...(await sendParcels(context, way, parcels)));
    parcels = [];
    bytes = 0;
  };
  for (const item of items) {
    const parcel = await parcelOf(context, way, item);
    if (!parcel) continue;
    const more = bytesOf(parcel);
    if (parcels.length === queuedAtOnceMax || bytes + more > queuedBytesMax) await send();
    parcels.push(parcel);
    bytes += more;
  }
  await send();
  return late;
}

/** A message as one subscriber is to have it; undefined where its data is protected from him. */
async function parcelOf(context: ReconcilerContext, way: Way, { row, contents, envelope }: Item): Promise<Parcel | undefined> {
  const { topic, target, protection } = way;
  const { subscription, raw } = target;
  // What must be changed for some of the subscribers is written for each of them.
  const own = protection ? outgoing(protection, subscription, contents) : contents;
  if (!own) return undefined;
  const write = own === contents ? envelope : envelopeWriter(context, topic, row, own);
  return { row, contents: own, body: raw ? rawBody(own, subscription) : await write(subscription), raw };
}

/** What the queue refuses goes to the dead-letter queue; returns what may yet arrive. */
async function sendParcels(context: ReconcilerContext, { topic, target }: Way, parcels: readonly Parcel[]): Promise<Publication[]> {
  const { subscription, deadLetters } = target;
  const errors = await sendAllToQueue(context, topic, subscription.endpoint, parcels);
  const late: Publication[] = [];
  for (const [i, parcel] of parcels.entries()) {
    const { row, contents } = parcel;
    const outcome = { ...row, message: contents.message, attempts: 1 };
    const error = errors[i];
    if (!error) await noteDelivery(context, topic, subscription, { ...outcome, ok: true, statusCode: 200, response: '' });
    else if (!isFinal(error)) late.push(row);
    else {
      context.log(`${row.id} cannot go to ${subscription.endpoint}: ${error.message}`);
      await noteDelivery(context, topic, subscription, { ...outcome, ok: false, statusCode: 400, response: error.message });
      if (deadLetters !== undefined) await toDeadLetters(context, row, deadLetters, parcel);
    }
  }
  return late;
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
  message: QueuedMessage,
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
