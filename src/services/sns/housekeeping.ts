/** Housekeeping: what deleted topics leave behind, subscriptions that nobody confirmed, deduplication ids whose time is over. */

import { mailbox } from '../../framework/mailbox.ts';
import type { Reconciler, ReconcilerContext } from '../../framework/reconciler.ts';
import { trimArchives } from './archive/archive.ts';
import { archives, deduplications, deletedTopics, publications, sequences, subscriptions, tokens, topics, type Token } from './tables.ts';
import { deduplicationMilliseconds, mailboxMilliseconds } from './limits.ts';
import { recount } from './subscriptions/subscription.ts';

const pageRows = 200;

export const housekeeping: Reconciler = {
  name: 'sns/housekeeping',
  watches: [deletedTopics, tokens, archives],
  every: deduplicationMilliseconds,
  run: async (context) => {
    for await (const { topic } of deletedTopics.each(context.store)) await clearTopic(context, topic);
    await forgetIds(context);
    await trimArchives(context);
    await emptyMailbox(context);
    const nextAt = await expireTokens(context);
    return nextAt === undefined ? {} : { nextAt };
  },
};

async function clearTopic({ store, blobs, signal }: ReconcilerContext, topic: string): Promise<void> {
  for (let more = true; more;) {
    signal.throwIfAborted();
    more = await store.write(async (tx) => {
      const page = await subscriptions.scan(tx, [topic], { limit: pageRows });
      for (const { row } of page) await subscriptions.delete(tx, topic, row.id);
      const unsent = await publications.scan(tx, [topic], { limit: pageRows });
      for (const { row } of unsent) {
        if ('blob' in row.contents) await blobs.remove(tx, row.contents.blob);
        await publications.delete(tx, topic, row.order);
      }
      if (page.length === pageRows || unsent.length === pageRows) return true;
      await sequences.delete(tx, topic);
      await deletedTopics.delete(tx, topic);
      return false;
    });
  }
}

async function forgetIds({ store, now, signal }: ReconcilerContext): Promise<void> {
  for (let more = true; more;) {
    signal.throwIfAborted();
    more = await store.write(async (tx) => {
      const page = await deduplications.scanIndex(tx, 'until', [], { limit: pageRows });
      const over = page.filter(({ row }) => row.until <= now);
      for (const { row } of over) await deduplications.delete(tx, row.topic, row.scope, row.id);
      return over.length === pageRows;
    });
  }
}

/** Letters are for looking at: nobody looks at them for longer than a month. */
async function emptyMailbox({ store, now, signal }: ReconcilerContext): Promise<void> {
  for (let more = true; more;) {
    signal.throwIfAborted();
    more = await store.write(async (tx) => {
      const page = await mailbox.scan(tx, [], { limit: pageRows });
      const old = page.filter(({ row }) => row.at <= now - mailboxMilliseconds);
      for (const { row } of old) await mailbox.delete(tx, row.at, row.id);
      return old.length === pageRows;
    });
  }
}

/** Tokens that are over, and the subscriptions that wait for them; returns when the next one will be. */
async function expireTokens({ store, now, random, signal }: ReconcilerContext): Promise<number | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const page = await store.read((tx) => tokens.scanIndex(tx, 'expiry', [], { limit: pageRows }));
    const over = page.filter(({ row }) => row.expiresAt <= now);
    for (const { row } of over) await expire(store, row, random.uuid());
    if (over.length < pageRows) return page[over.length]?.row.expiresAt;
  }
}

async function expire(store: ReconcilerContext['store'], token: Token, revision: string): Promise<void> {
  await store.write(async (tx) => {
    await tokens.delete(tx, token.token);
    const subscription = await subscriptions.get(tx, token.topic, token.subscription);
    // A later subscription to the same endpoint has a token of its own.
    if (!subscription || subscription.confirmed || subscription.token !== token.token) return;
    await subscriptions.delete(tx, token.topic, token.subscription);
    const { account, region, name } = subscription.topicName;
    const topic = await topics.get(tx, account, region, name);
    if (topic?.id === token.topic) await topics.put(tx, recount(topic, subscription, undefined, revision));
  });
}
