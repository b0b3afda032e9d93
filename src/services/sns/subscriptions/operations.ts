/** Subscriptions: unsubscribe, list, attributes. */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { withReplay } from '../archive/replay.ts';
import { effectiveSubscriptionPolicy } from '../deliveries/delivery-policy.ts';
import { authorizationError, invalidParameter } from '../errors.ts';
import { pageRows } from '../limits.ts';
import { cursorOf, tokenOf } from '../pagination.ts';
import type { Input, Operation } from '../sdk.ts';
import { subscriptions, topics, type Subscription } from '../tables.ts';
import { requireFound } from '../topics/lookup.ts';
import { topicArn } from '../topics/topic.ts';
import { checkAttributes } from './attribute-rules.ts';
import { findSubscription, parseSubscriptionArn, principalOf, recount, requireSubscription, subscriptionArn } from './subscription.ts';

/** The owner of the subscription may, and the owner of the topic. */
export function onSubscription(action: string) {
  return async (request: ServiceRequest, input: { SubscriptionArn: string }): Promise<Check[]> => {
    const arn = parseSubscriptionArn(input.SubscriptionArn);
    const found = await request.store.read((tx) => findSubscription(tx, arn));
    const owner = found?.subscription.owner === request.account ? request.account : arn.topicName.account;
    return [{ action, resource: topicArn(arn.topicName), resourceAccount: owner }];
  };
}

/** The link in every message unsubscribes without a signature, unless AuthenticateOnUnsubscribe was asked for. */
export async function onUnsubscribe(request: ServiceRequest, input: Input<'Unsubscribe'>): Promise<Check[]> {
  if (request.principal.type !== 'Anonymous') return onSubscription('sns:Unsubscribe')(request, input);
  const found = await request.store.read((tx) => findSubscription(tx, parseSubscriptionArn(input.SubscriptionArn)));
  if (found?.subscription.authenticateOnUnsubscribe) throw authorizationError('The subscription may be ended by signed calls only.');
  return [];
}

export const Unsubscribe: Operation<'Unsubscribe'> = async (request, input) => {
  const arn = parseSubscriptionArn(input.SubscriptionArn);
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const found = await findSubscription(tx, arn);
    if (!found) return;
    if (!found.subscription.confirmed)
      throw invalidParameter('This operation cannot be performed on a subscription that is pending confirmation');
    await subscriptions.delete(tx, found.topic.id, arn.id);
    await topics.put(tx, recount(found.topic, found.subscription, undefined, revision));
  });
  return {};
};

const shown = (subscription: Subscription) => ({
  SubscriptionArn: subscription.confirmed ? subscriptionArn(subscription) : 'PendingConfirmation',
  Owner: subscription.owner,
  Protocol: subscription.protocol,
  Endpoint: subscription.endpoint,
  TopicArn: topicArn(subscription.topicName),
});

export const ListSubscriptions: Operation<'ListSubscriptions'> = async ({ store, account, region }, input) => {
  const page = await store.read((tx) =>
    subscriptions.scanIndex(tx, 'owner', [account, region], { limit: pageRows, ...cursorOf(input.NextToken) }),
  );
  return { Subscriptions: page.map(({ row }) => shown(row)), ...tokenOf(page) };
};

export const ListSubscriptionsByTopic: Operation<'ListSubscriptionsByTopic'> = async (request, input) => {
  const topic = await requireFound(request, input.TopicArn);
  const page = await request.store.read((tx) => subscriptions.scan(tx, [topic.id], { limit: pageRows, ...cursorOf(input.NextToken) }));
  return { Subscriptions: page.map(({ row }) => shown(row)), ...tokenOf(page) };
};

export const GetSubscriptionAttributes: Operation<'GetSubscriptionAttributes'> = async (request, input) => {
  const arn = parseSubscriptionArn(input.SubscriptionArn);
  const { topic, subscription } = await request.store.read((tx) => requireSubscription(tx, arn));
  const stored = new Map(subscription.attributes);
  // A scope without a policy is kept, and not shown.
  if (!stored.has('FilterPolicy')) stored.delete('FilterPolicyScope');
  const isWeb = subscription.protocol.startsWith('http');
  return {
    Attributes: {
      SubscriptionArn: subscriptionArn(subscription),
      TopicArn: topicArn(subscription.topicName),
      Owner: subscription.owner,
      Protocol: subscription.protocol,
      Endpoint: subscription.endpoint,
      PendingConfirmation: String(!subscription.confirmed),
      ConfirmationWasAuthenticated: String(subscription.authenticated),
      SubscriptionPrincipal: principalOf(subscription),
      RawMessageDelivery: 'false',
      ...(subscription.replay && { ReplayStatus: subscription.replay.status }),
      ...(stored.has('FilterPolicy') && { FilterPolicyScope: 'MessageAttributes' }),
      ...(isWeb && {
        EffectiveDeliveryPolicy: effectiveSubscriptionPolicy(new Map(topic.attributes).get('DeliveryPolicy'), stored.get('DeliveryPolicy')),
      }),
      ...Object.fromEntries(stored),
    },
  };
};

export const SetSubscriptionAttributes: Operation<'SetSubscriptionAttributes'> = async (request, input) => {
  const arn = parseSubscriptionArn(input.SubscriptionArn);
  const { AttributeName: name, AttributeValue: value = '' } = input;
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const { topic, subscription } = await requireSubscription(tx, arn);
    const wanted = new Map(subscription.attributes);
    wanted.set(name, value);
    const attributes = checkAttributes(topic, subscription.protocol, wanted, subscription);
    const changed = { ...subscription, attributes };
    const next = name === 'ReplayPolicy' ? await withReplay(tx, topic, changed, revision) : changed;
    await subscriptions.put(tx, next);
    await topics.put(tx, recount(topic, subscription, next, revision));
  });
  return {};
};
