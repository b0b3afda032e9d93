/** The topic of a call and its policy, read once for the authorizer and the operation together. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import type { Check, ConditionContext } from '../../../framework/authorization.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { topicNotFound } from '../errors.ts';
import { topicDocuments, topics, type Topic, type TopicDocument, type TopicName } from '../tables.ts';
import { defaultPolicy, requireTopicName, topicArn } from './topic.ts';

export type Found = { name: TopicName; topic: Topic | undefined; policy: PolicyDocument | undefined };

const lookups = new WeakMap<ServiceRequest, Found>();

/** By revision, which the topic's record names: a policy that was replaced is never used. */
const parsed = new Map<string, PolicyDocument>();
const parsedMax = 2000;

/** The topic of an ARN as it was when the call arrived; `topic` is undefined when there is none. Throws InvalidParameter. */
export async function lookUp(request: ServiceRequest, topicArn: string | undefined, parameter?: string): Promise<Found> {
  const name = requireTopicName(topicArn, request.principal.type === 'Anonymous' ? undefined : request.region, parameter);
  const known = lookups.get(request);
  if (known && known.name.name === name.name && known.name.account === name.account) return known;
  const found = await find(request, name);
  lookups.set(request, found);
  return found;
}

async function find(request: ServiceRequest, name: TopicName): Promise<Found> {
  const read = await request.store.read(async (tx) => {
    const topic = await findTopic(tx, name);
    const known = topic?.policy === undefined ? undefined : parsed.get(topic.policy);
    const stored = topic?.policy === undefined || known ? undefined : await topicDocuments.get(tx, topic.id, 'policy');
    return { topic, known, stored };
  });
  const policy = read.known ?? (read.stored && remember(read.stored));
  // A policy may deny: without it nothing may be decided.
  if (read.topic?.policy !== undefined && !policy) throw new Error(`the policy of topic ${name.name} is missing`);
  if (policy || !read.topic || request.principal.type !== 'Service') return { name, topic: read.topic, policy };
  // Without a policy of its own a topic takes from nobody but its account, no service among them: S3 must be let in.
  return { name, topic: read.topic, policy: parsePolicy(defaultPolicy(name), 'resource') };
}

function remember(document: TopicDocument): PolicyDocument {
  const policy = parsePolicy(document.text, 'resource');
  keepNewest(parsed, parsedMax, document.revision, policy);
  return policy;
}

export const findTopic = (tx: ReadTransaction, { account, region, name }: TopicName): Promise<Topic | undefined> =>
  topics.get(tx, account, region, name);

/** Inside a transaction: the topic as it is now. Throws NotFound. */
export async function requireTopic(tx: ReadTransaction, name: TopicName): Promise<Topic> {
  const topic = await findTopic(tx, name);
  if (!topic) throw topicNotFound();
  return topic;
}

/** The topic of a call. Throws NotFound. */
export async function requireFound(request: ServiceRequest, arn: string | undefined): Promise<Topic> {
  const { topic } = await lookUp(request, arn);
  if (!topic) throw topicNotFound();
  return topic;
}

/** One action on one topic. */
export function checkOn({ name, topic, policy }: Found, action: string, more: ConditionContext = {}): Check {
  const resource = topicArn(name);
  return {
    action,
    resource,
    resourceAccount: name.account,
    ...(policy && { resourcePolicy: { name: resource, document: policy } }),
    get context(): ConditionContext {
      const context: Record<string, string | readonly string[] | undefined> = { ...more };
      for (const [key, value] of topic?.tags ?? []) context[`aws:ResourceTag/${key}`] = value;
      return context;
    },
  };
}

/** Authorises an operation on the topic of its TopicArn (or ResourceArn) by one action. */
export function onTopic(action: string, parameter: 'TopicArn' | 'ResourceArn' = 'TopicArn') {
  return async (request: ServiceRequest, input: { TopicArn?: string | undefined; ResourceArn?: string | undefined }): Promise<Check[]> => [
    checkOn(await lookUp(request, input[parameter], parameter), action),
  ];
}
