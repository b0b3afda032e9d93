/** Subscribing and confirming. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { passRole } from '../../../framework/service-role.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { withReplay } from '../archive/replay.ts';
import { confirmationDelivery } from '../deliveries/confirmations.ts';
import { filterPolicyLimitExceeded, invalid, invalidParameter, subscriptionNotFound, topicNotFound } from '../errors.ts';
import { fifoSubscriptionsMax, filterPoliciesMax, tokenMilliseconds } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { requireEndpoint } from '../platform-applications/platform.ts';
import { deliveries, subscriptions, tokens, topics, type Subscription, type Topic } from '../tables.ts';
import { checkOn, lookUp, requireTopic } from '../topics/lookup.ts';
import { topicArn } from '../topics/topic.ts';
import { checkAttributes } from './attribute-rules.ts';
import { accountOf, checkEndpoint, recount, subscriptionArn } from './subscription.ts';

const PENDING = 'pending confirmation';

export async function onSubscribe(request: ServiceRequest, input: Input<'Subscribe'>): Promise<Check[]> {
  const context = { 'sns:Protocol': input.Protocol, 'sns:Endpoint': input.Endpoint };
  const role = input.Attributes?.['SubscriptionRoleArn'];
  const subscribe = checkOn(await lookUp(request, input.TopicArn), 'sns:Subscribe', context);
  return role ? [subscribe, passRole(role, 'sns.amazonaws.com')] : [subscribe];
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
export const Subscribe: Operation<'Subscribe'> = async (request, input) => {
  const { topic } = await lookUp(request, input.TopicArn);
  if (request.principal.type === 'Anonymous') throw notImplemented('sns:Subscribe without a signature');
  const endpoint = input.Endpoint ?? '';
  if (!topic) throw topicNotFound();
  const protocol = checkEndpoint(topic, input.Protocol, endpoint);
  if (protocol === 'application') await requireEndpoint(request, endpoint);
  const attributes = checkAttributes(topic, protocol, new Map(Object.entries(input.Attributes ?? {})), { endpoint, subscribing: true });
  const own = protocol === 'sms' || (['sqs', 'application', 'firehose'].includes(protocol) && accountOf(endpoint) === request.account);
  if (protocol === 'firehose' && !own) throw invalidParameter('Endpoint Reason: the delivery stream is in another account');
  if (protocol === 'application' && !own) throw invalidParameter('Endpoint Reason: Endpoint does not exist for endpoint');
  const wanted: Subscription = {
    topic: topic.id,
    topicName: { account: topic.account, region: topic.region, name: topic.name },
    id: request.random.uuid(),
    owner: request.account,
    principal: request.principal.arn,
    ...{ protocol, endpoint, attributes, confirmed: own, authenticated: own, authenticateOnUnsubscribe: false },
    ...(!own && { token: newToken(request) }),
  };
  const revision = request.random.uuid();
  const made = await request.store.write((tx) => add(tx, request, wanted, revision));
  const show = made.confirmed || input.ReturnSubscriptionArn === true;
  return { SubscriptionArn: show ? subscriptionArn(made) : PENDING };
};

function newToken({ random }: ServiceRequest): string {
  return random.bytes(96).toString('hex');
}

/** Makes the subscription exist, or gives the one that is there already; a pending one is asked again. */
async function add(tx: WriteTransaction, request: ServiceRequest, wanted: Subscription, revision: string): Promise<Subscription> {
  const topic = await requireTopic(tx, wanted.topicName);
  const present = await subscriptions.find(tx, 'endpoint', topic.id, wanted.protocol, wanted.endpoint);
  if (present?.confirmed) {
    if (!sameAttributes(present, wanted))
      throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
    return present;
  }
  const asked = { ...wanted, topic: topic.id, ...(present && { id: present.id }) };
  const next = topic.fifo ? await withReplay(tx, topic, asked, revision) : asked;
  const counted = recount(topic, present, next, revision);
  checkLimits(counted);
  if (next.token !== undefined) {
    await tokens.put(tx, { token: next.token, topic: topic.id, subscription: next.id, expiresAt: request.now + tokenMilliseconds });
    await deliveries.put(tx, confirmationDelivery(request, next, revision));
  }
  await subscriptions.put(tx, next);
  await topics.put(tx, counted);
  return next;
}

const defaults = new Map([
  ['RawMessageDelivery', 'false'],
  ['FilterPolicyScope', 'MessageAttributes'],
]);

function sameAttributes(present: Subscription, wanted: Subscription): boolean {
  const has = new Map(present.attributes);
  return wanted.attributes.every(([name, value]) => (has.get(name) ?? defaults.get(name)) === value);
}

function checkLimits(topic: Topic): void {
  if (topic.fifo && topic.confirmed + topic.pending > fifoSubscriptionsMax)
    throw invalidParameter(`a FIFO topic takes ${fifoSubscriptionsMax} subscriptions`);
  if (topic.filterPolicies > filterPoliciesMax) throw filterPolicyLimitExceeded();
}

/** The token is what lets one confirm, from whatever account; AuthenticateOnUnsubscribe takes a signature too. */
export async function onConfirmSubscription(request: ServiceRequest, input: Input<'ConfirmSubscription'>): Promise<Check[]> {
  const found = await lookUp(request, input.TopicArn);
  if (request.principal.type === 'Anonymous') return [];
  return [{ action: 'sns:ConfirmSubscription', resource: topicArn(found.name), resourceAccount: request.account }];
}

/** https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html */
export const ConfirmSubscription: Operation<'ConfirmSubscription'> = async (request, input) => {
  const { topic: found } = await lookUp(request, input.TopicArn);
  if (!/^[0-9a-f]{64,}$/i.test(input.Token)) throw invalid('Invalid token');
  // Of a topic that is not there nothing is said but that its token is none.
  if (!found) throw invalidParameter('Token');
  const signed = request.principal.type !== 'Anonymous';
  const authenticate = input.AuthenticateOnUnsubscribe?.toLowerCase() === 'true';
  const revision = request.random.uuid();
  const confirmed = await request.store.write(async (tx) => {
    const token = await tokens.get(tx, input.Token);
    if (!token || token.topic !== found.id || token.expiresAt <= request.now) throw invalidParameter('Token');
    const topic = await requireTopic(tx, found);
    const subscription = await subscriptions.get(tx, token.topic, token.subscription);
    if (!subscription) throw subscriptionNotFound();
    if (subscription.confirmed) return subscription;
    const { token: _spent, ...rest } = subscription;
    const willing = { ...rest, confirmed: true, authenticated: signed, authenticateOnUnsubscribe: signed && authenticate };
    const next = subscription.replay ? await withReplay(tx, topic, willing, revision) : willing;
    await subscriptions.put(tx, next);
    await topics.put(tx, recount(topic, subscription, next, revision));
    return next;
  });
  return { SubscriptionArn: subscriptionArn(confirmed) };
};
