/** The subscribers of a topic with their filters read, kept until a subscription changes. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import type { Store } from '../../../store/store.ts';
import {
  attributeValues,
  passesAttributes,
  passesBody,
  readFilterPolicy,
  type FilterPolicy,
  type FilterScope,
} from '../filter-policies/filter-policy.ts';
import type { Contents } from '../messages/contents.ts';
import { subscriptions, topics, type Subscription, type Topic, type TopicName } from '../tables.ts';

export type Target = { subscription: Subscription; raw: boolean; filter: FilterPolicy | undefined; deadLetters: string | undefined };
export type Audience = { topic: Topic; targets: readonly Target[] };

const kept = new WeakMap<Store, Map<string, { revision: string; targets: readonly Target[] }>>();
const keptMax = 500;

/** The topic as it is now and whom its messages go to; undefined when the topic is gone. */
export async function audienceOf(store: Store, id: string, { account, region, name }: TopicName): Promise<Audience | undefined> {
  let cache = kept.get(store);
  if (!cache) kept.set(store, (cache = new Map()));
  const topic = await store.read((tx) => topics.get(tx, account, region, name));
  if (topic?.id !== id) return undefined;
  const known = cache.get(id);
  if (known?.revision === topic.subscriptionsRevision) return { topic, targets: known.targets };
  const targets: Target[] = [];
  for await (const subscription of subscriptions.each(store, [id])) if (subscription.confirmed) targets.push(targetOf(subscription));
  // Read page by page: a change in between has a newer revision than this one, and is seen by the next message.
  keepNewest(cache, keptMax, id, { revision: topic.subscriptionsRevision, targets });
  return { topic, targets };
}

export function targetOf(subscription: Subscription): Target {
  const attributes = new Map(subscription.attributes);
  const policy = attributes.get('FilterPolicy');
  const scope = (attributes.get('FilterPolicyScope') as FilterScope | undefined) ?? 'MessageAttributes';
  const redrive = attributes.get('RedrivePolicy');
  return {
    subscription,
    raw: attributes.get('RawMessageDelivery') === 'true',
    filter: policy === undefined ? undefined : readFilterPolicy(policy, scope),
    deadLetters: redrive === undefined ? undefined : (JSON.parse(redrive) as { deadLetterTargetArn: string }).deadLetterTargetArn,
  };
}

/** Those whose filters let a message pass. */
export function recipients(targets: readonly Target[], contents: Contents): Target[] {
  const attributes = new Map((contents.attributes ?? []).map(([name, { type, value }]) => [name, attributeValues(type, value)]));
  return targets.filter(({ filter }) => {
    if (!filter) return true;
    return filter.scope === 'MessageBody' ? passesBody(filter, contents.message) : passesAttributes(filter, attributes);
  });
}
