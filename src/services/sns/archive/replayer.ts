/**
 * The reconciler of replays: sends a subscription again what its topic has archived. As long as it works, the fan-out passes the
 * subscription by, so that new messages come after the old ones: the replayer goes on with them until none is left.
 */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { loadContents } from '../messages/contents.ts';
import { envelopeWriter } from '../messages/envelope.ts';
import {
  archivedMessages,
  replays,
  subscriptions,
  topics,
  type Publication,
  type Replay,
  type Subscription,
  type Topic,
} from '../tables.ts';
import { isFinal, toDeadLetters } from '../deliveries/fan-out.ts';
import { rawBody, sendToQueue } from '../deliveries/sqs.ts';
import { recipients, targetOf, type Target } from '../deliveries/targets.ts';

const pageRows = 50;
const againMilliseconds = 1_000;

export const replayer: Reconciler = {
  name: 'sns/replays',
  watches: [replays, archivedMessages],
  run: async (context) => {
    let nextAt: number | undefined;
    for await (const replay of replays.each(context.store)) {
      const at = await advance(context, replay);
      if (at !== undefined) nextAt = Math.min(nextAt ?? at, at);
    }
    return nextAt === undefined ? {} : { nextAt };
  },
};

/** Goes on with one replay as far as it can; returns when to look again. */
async function advance(context: ReconcilerContext, first: Replay): Promise<number | undefined> {
  let replay = first;
  for (;;) {
    context.signal.throwIfAborted();
    const { topic, subscription, page } = await look(context, replay);
    if (!topic || subscription?.replay?.id !== replay.id) return forget(context, replay);
    if (!subscription.confirmed) return undefined;
    if (subscription.replay.status === 'Pending') {
      const revision = context.random.uuid();
      await context.store.write((tx) => putStatus(tx, replay, 'In progress', revision));
    }
    for (const row of page) {
      if (!(await send(context, topic, targetOf(subscription), replay, row))) return context.now + againMilliseconds;
      replay = { ...replay, reached: row.order };
    }
    if (page.length === 0) return finish(context, replay);
    const { reached } = replay;
    await context.store.write(async (tx) => {
      const present = await replays.get(tx, replay.topic, replay.subscription);
      if (present?.id === replay.id) await replays.put(tx, { ...present, reached: reached! });
    });
  }
}

async function look(
  { store }: ReconcilerContext,
  replay: Replay,
): Promise<{ topic?: Topic; subscription?: Subscription; page: Publication[] }> {
  const { account, region, name } = replay.topicName;
  return store.read(async (tx) => {
    const topic = await topics.get(tx, account, region, name);
    const subscription = await subscriptions.get(tx, replay.topic, replay.subscription);
    if (topic?.id !== replay.topic || !subscription) return { page: [] };
    return { topic, subscription, page: await archivedAfter(tx, replay) };
  });
}

/** Sequence numbers sort as text: they have twenty digits, always. */
async function archivedAfter(tx: ReadTransaction, { topic, reached }: Replay): Promise<Publication[]> {
  const from = reached === undefined ? [topic] : [topic, `${reached}+`];
  return (await archivedMessages.between(tx, from, [topic, '~'], { limit: pageRows })).map(({ row }) => row);
}

/** True when the queue has it, or never will, or it is not asked for. */
async function send(context: ReconcilerContext, topic: Topic, target: Target, replay: Replay, row: Publication): Promise<boolean> {
  const isNew = replay.until === undefined && row.order > replay.start;
  const isWanted = isNew || (row.at >= replay.from && row.at <= (replay.until ?? Infinity));
  if (!isWanted) return true;
  const contents = await loadContents(context, row.contents);
  if (recipients([target], contents).length === 0) return true;
  const { subscription, raw, deadLetters } = target;
  // A queue would take a message that it got within five minutes for the same one: a replay is another.
  const sent = isNew ? contents : { ...contents, deduplication: `${contents.deduplication!.slice(0, 90)}-${replay.id}` };
  const body = raw
    ? rawBody(contents, subscription)
    : await envelopeWriter(context, topic, row, contents)(subscription, 'Notification', !isNew);
  try {
    await sendToQueue(context, topic, subscription.endpoint, { body, contents: sent, raw });
    return true;
  } catch (error) {
    if (!isFinal(error)) return false;
    context.log(`${row.id} cannot be replayed to ${subscription.endpoint}: ${(error as Error).message}`);
    if (deadLetters !== undefined) await toDeadLetters(context, row, deadLetters, { body, contents: sent, raw });
    return true;
  }
}

/** The replay is over when nothing follows; in the transaction that says so, no message can come in between. */
async function finish(context: ReconcilerContext, replay: Replay): Promise<number | undefined> {
  const { now, store } = context;
  if (replay.until !== undefined && replay.until >= now) return replay.until + 1;
  const revision = context.random.uuid();
  const more = await store.write(async (tx) => {
    if ((await archivedAfter(tx, replay)).length > 0) return true;
    await putStatus(tx, replay, 'Completed', revision);
    await replays.delete(tx, replay.topic, replay.subscription);
    return false;
  });
  return more ? now : undefined;
}

async function putStatus(
  tx: WriteTransaction,
  replay: Replay,
  status: NonNullable<Subscription['replay']>['status'],
  revision: string,
): Promise<void> {
  const { account, region, name } = replay.topicName;
  const subscription = await subscriptions.get(tx, replay.topic, replay.subscription);
  const topic = await topics.get(tx, account, region, name);
  if (topic?.id !== replay.topic || subscription?.replay?.id !== replay.id) return;
  await subscriptions.put(tx, { ...subscription, replay: { ...subscription.replay, status } });
  await topics.put(tx, { ...topic, subscriptionsRevision: revision });
}

/** Of a subscription that is gone, or that was given another replay. */
async function forget({ store }: ReconcilerContext, replay: Replay): Promise<undefined> {
  await store.write(async (tx) => {
    const present = await replays.get(tx, replay.topic, replay.subscription);
    if (present?.id === replay.id) await replays.delete(tx, replay.topic, replay.subscription);
  });
  return undefined;
}
