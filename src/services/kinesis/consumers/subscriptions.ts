/** Who is subscribed to what: one subscription for each consumer and shard, in the process that serves it. */

import { resourceInUse } from '../errors.ts';
import { resubscribeMilliseconds } from '../limits.ts';

type Subscription = { startedAt: number; ending: AbortController };

const subscriptions = new Map<string, Subscription>();

/**
 * Begins a subscription, and ends the one before it: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
 * Throws ResourceInUseException within five seconds of that one's beginning.
 */
export function beginSubscription(consumer: string, shard: string, now: number): Subscription {
  const key = `${consumer}/${shard}`;
  const present = subscriptions.get(key);
  if (present && now - present.startedAt < resubscribeMilliseconds)
    throw resourceInUse(`Another active subscription exists for this consumer: ${consumer}, shard: ${shard}.`);
  present?.ending.abort();
  const subscription = { startedAt: now, ending: new AbortController() };
  subscriptions.set(key, subscription);
  return subscription;
}

export function endSubscription(consumer: string, shard: string, subscription: Subscription): void {
  const key = `${consumer}/${shard}`;
  if (subscriptions.get(key) === subscription) subscriptions.delete(key);
}
