/** What a subscription is called, where it may lead, and how it changes its topic's counts. */

import { notImplemented } from '../../../framework/aws-error.ts';
import { parseArn } from '../../../framework/arn.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalid, invalidParameter, subscriptionNotFound } from '../errors.ts';
import { endpointOfArn } from '../platform-applications/platform.ts';
import { subscriptions, type Protocol, type Subscription, type Topic, type TopicName } from '../tables.ts';
import { findTopic } from '../topics/lookup.ts';
import { topicArn, topicOfArn } from '../topics/topic.ts';

export const subscriptionArn = ({ topicName, id }: Pick<Subscription, 'topicName' | 'id'>): string => `${topicArn(topicName)}:${id}`;

/** Throws InvalidParameter. */
export function parseSubscriptionArn(text: string): { topicName: TopicName; id: string } {
  const colon = text.lastIndexOf(':');
  const topicName = topicOfArn(text.slice(0, Math.max(colon, 0)));
  const id = text.slice(colon + 1);
  if (!topicName || !/^[0-9a-f-]{36}$/.test(id)) {
    const parts = text.split(':').length;
    throw invalidParameter(parts < 6 ? `SubscriptionArn Reason: An ARN must have at least 6 elements, not ${parts}` : 'SubscriptionId');
  }
  return { topicName, id };
}

/** Who subscribed, as far as it is known. */
export const principalOf = ({ owner, principal }: Subscription): string => principal ?? `arn:aws:iam::${owner}:root`;

export type Owned = { topic: Topic; subscription: Subscription };

/** A subscription and its topic, or undefined. */
export async function findSubscription(tx: ReadTransaction, arn: { topicName: TopicName; id: string }): Promise<Owned | undefined> {
  const topic = await findTopic(tx, arn.topicName);
  const subscription = topic && (await subscriptions.get(tx, topic.id, arn.id));
  return topic && subscription && { topic, subscription };
}

/** Throws NotFound. */
export async function requireSubscription(tx: ReadTransaction, arn: { topicName: TopicName; id: string }): Promise<Owned> {
  const found = await findSubscription(tx, arn);
  if (!found) throw subscriptionNotFound();
  return found;
}

/** Throws InvalidParameter unless the endpoint fits the protocol and the topic; NotImplemented for services that are not built. */
export function checkEndpoint(topic: Pick<Topic, 'fifo'>, protocol: string, endpoint: string): Protocol {
  switch (protocol) {
    case 'sqs':
      checkQueue(topic, endpoint);
      break;
    case 'http':
    case 'https':
      checkUrl(protocol, endpoint);
      break;
    case 'email':
    case 'email-json':
      if (!/^[^\s@<>",;:]{1,64}@[^\s@<>",;:]{1,255}$/.test(endpoint)) throw invalidParameter('Email address');
      break;
    case 'sms':
      if (!isPhoneNumber(endpoint)) throw invalid(`Invalid SMS endpoint: ${endpoint.slice(0, 100)}`);
      break;
    case 'application':
      if (!endpointOfArn(endpoint)) throw invalidParameter('Endpoint Reason: Endpoint does not exist for endpoint');
      break;
    case 'firehose':
      checkDeliveryStream(endpoint);
      break;
    case 'lambda':
      throw notImplemented(`sns:Subscribe with the protocol ${protocol}`);
    default:
      throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  }
  if (topic.fifo && protocol !== 'sqs')
    throw invalidParameter('Invalid parameter: Endpoint Reason: FIFO topics take subscriptions of SQS queues only');
  return protocol;
}

/** Digits, with one separator between two of them; areas may stand in parentheses. */
function isPhoneNumber(text: string): boolean {
  return text.length >= 5 && text.length <= 20 && /^\+?\d(?:[\s.-]?\d)*$/.test(text.replaceAll(/[()]/g, ''));
}

function checkQueue(topic: Pick<Topic, 'fifo'>, endpoint: string): void {
  const parsed = parseArn(endpoint);
  if (!parsed || parsed.service !== 'sqs' || !/^\d{12}$/.test(parsed.account) || !/^[\w-]{1,80}(\.fifo)?$/.test(parsed.resource))
    throw invalidParameter('SQS endpoint ARN');
  if (!topic.fifo && parsed.resource.endsWith('.fifo'))
    throw invalidParameter('Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics');
}

function checkDeliveryStream(endpoint: string): void {
  const parsed = parseArn(endpoint);
  if (parsed?.service !== 'firehose' || !/^\d{12}$/.test(parsed.account) || !/^deliverystream\/[a-zA-Z0-9_.-]{1,64}$/.test(parsed.resource))
    throw invalidParameter('Firehose endpoint ARN');
}

function checkUrl(protocol: string, endpoint: string): void {
  const url = endpoint.length <= 2048 && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || url.protocol !== `${protocol}:`) throw invalidParameter('Endpoint must match the specified protocol');
}

/** The account of a queue's ARN. */
export const accountOf = (endpoint: string): string | undefined => parseArn(endpoint)?.account;

/** Puts a subscription's coming, confirmation and going into its topic's counts. The caller stores the topic. */
export function recount(topic: Topic, before: Subscription | undefined, after: Subscription | undefined, revision: string): Topic {
  const count = (subscription: Subscription | undefined, confirmed: boolean): number => (subscription?.confirmed === confirmed ? 1 : 0);
  const policies = (subscription: Subscription | undefined): number =>
    subscription?.attributes.some(([name]) => name === 'FilterPolicy') ? 1 : 0;
  return {
    ...topic,
    subscriptionsRevision: revision,
    confirmed: topic.confirmed + count(after, true) - count(before, true),
    pending: topic.pending + count(after, false) - count(before, false),
    deleted: topic.deleted + (before && !after ? 1 : 0),
    filterPolicies: topic.filterPolicies + policies(after) - policies(before),
  };
}
