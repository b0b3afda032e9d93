/** Which attributes a subscription takes, and which values fit them. */

import { notImplemented, type AwsError } from '../../../framework/aws-error.ts';
import { parseArn } from '../../../framework/arn.ts';
import { checkReplayPolicy } from '../archive/replay.ts';
import { checkDeliveryPolicy } from '../deliveries/delivery-policy.ts';
import { invalidParameter } from '../errors.ts';
import { FilterFault } from '../filter-policies/fault.ts';
import { readFilterPolicy, type FilterScope } from '../filter-policies/filter-policy.ts';
import type { Protocol, Topic } from '../tables.ts';

/** Longer filter policies do not fit into a record. */
const filterPolicyCharactersMax = 30_000;

type Place = {
  endpoint: string;
  /** Subscribe names the parameter that holds the attributes before what is wrong with one. */ subscribing?: boolean;
};

/** Checks all attributes of a subscription together, as they would be. Throws InvalidParameter or NotImplemented. */
export function checkAttributes(
  topic: Topic,
  protocol: Protocol,
  attributes: ReadonlyMap<string, string>,
  { endpoint, subscribing = false }: Place,
): [string, string][] {
  const refuse: Refuse = (fault) => invalidParameter(`${subscribing ? 'Attributes Reason: ' : ''}${fault}`);
  const kept: [string, string][] = [];
  for (const [name, value] of attributes) {
    const stored = one({ topic, protocol, endpoint, refuse }, name, value, attributes);
    if (stored !== undefined) kept.push([name, stored]);
  }
  if (protocol === 'firehose' && !attributes.get('SubscriptionRoleArn'))
    throw invalidParameter('Attributes Reason: SubscriptionRoleArn is required for firehose subscriptions');
  return kept;
}

type Refuse = (fault: string) => AwsError;
type Around = { topic: Topic; protocol: Protocol; endpoint: string; refuse: Refuse };

function one(around: Around, name: string, value: string, all: ReadonlyMap<string, string>): string | undefined {
  const { topic, protocol, refuse } = around;
  switch (name) {
    case 'RawMessageDelivery':
      if (!/^(true|false)$/i.test(value))
        throw refuse(`RawMessageDelivery: Invalid value [${value.slice(0, 100)}]. Must be true or false.`);
      if (value.toLowerCase() === 'true' && !['sqs', 'http', 'https', 'firehose'].includes(protocol))
        throw refuse(`RawMessageDelivery: Delivery protocol [${protocol}] does not support raw message delivery.`);
      return value.toLowerCase();
    case 'FilterPolicyScope':
      if (value !== 'MessageAttributes' && value !== 'MessageBody')
        throw refuse(`FilterPolicyScope: Invalid value [${value.slice(0, 100)}]. Please use either MessageBody or MessageAttributes`);
      return value;
    case 'FilterPolicy':
      return filterPolicy(value, (all.get('FilterPolicyScope') as FilterScope | undefined) ?? 'MessageAttributes', refuse);
    case 'DeliveryPolicy':
      return value === '' ? undefined : checkDeliveryPolicy(value, 'subscription');
    case 'RedrivePolicy':
      return redrivePolicy(around, value);
    case 'SubscriptionRoleArn':
      if (protocol !== 'firehose')
        throw invalidParameter(`Attributes Reason: SubscriptionRoleArn is not supported by the protocol [${protocol}]`);
      if (!/^arn:[^:]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(value))
        throw invalidParameter('Attributes Reason: SubscriptionRoleArn: Invalid value');
      return value;
    case 'ReplayPolicy':
      return checkReplayPolicy(topic, value);
    default:
      throw invalidParameter('AttributeName');
  }
}

function filterPolicy(text: string, scope: FilterScope, refuse: Refuse): string | undefined {
  if (text === '' || text === '{}') return undefined;
  if (text.length > filterPolicyCharactersMax)
    throw notImplemented(`sns filter policies of more than ${filterPolicyCharactersMax} characters`);
  try {
    readFilterPolicy(text, scope);
    return text;
  } catch (error) {
    if (error instanceof FilterFault) throw refuse(error.ofScope ? error.message : `FilterPolicy: ${error.message}`);
    throw error;
  }
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html */
function redrivePolicy({ topic, endpoint, refuse }: Around, text: string): string | undefined {
  if (text === '' || text === '{}') return undefined;
  const target = deadLetterTarget(text);
  if (target === undefined) throw refuse('RedrivePolicy: failed to parse JSON.');
  const arn = parseArn(target);
  if (!arn || arn.service !== 'sqs' || !/^\d{12}$/.test(arn.account)) throw refuse('RedrivePolicy: deadLetterTargetArn is an invalid arn');
  if (arn.region !== topic.region) throw refuse('RedrivePolicy: must use the same region for deadLetterTargetArn');
  if (topic.fifo && endpoint.endsWith('.fifo') && !arn.resource.endsWith('.fifo'))
    throw refuse('RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.');
  return text;
}

/** The queue that a redrive policy names. */
export function deadLetterTarget(text: string): string | undefined {
  try {
    const { deadLetterTargetArn } = JSON.parse(text) as { deadLetterTargetArn?: unknown };
    return typeof deadLetterTargetArn === 'string' ? deadLetterTargetArn : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
