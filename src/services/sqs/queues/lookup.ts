/** The queue of a call and its policy. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import type { Check, ConditionContext } from '../../../framework/authorization.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { rememberRows } from '../../../framework/memory-of-rows.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction, Store } from '../../../store/store.ts';
import { queueDoesNotExist } from '../errors.ts';
import { queuePolicies, queues, type Queue, type QueuePolicy } from '../tables.ts';
import { queueArn, queueOfUrl, type QueueName } from './queue.ts';

export type Found = { queue: Queue; policy: PolicyDocument | undefined };

/** By revision, which the queue's record names: a policy that was replaced is never used. */
const parsed = new Map<string, PolicyDocument>();
const parsedMax = 2000;

const knownQueues = rememberRows<Found>([queues]);

/**
 * The queue of a call, as it was when the call arrived or later: what was committed before is seen, what comes meanwhile need not be.
 * Throws QueueDoesNotExist.
 */
export async function lookUp(request: ServiceRequest, url: string): Promise<Found> {
  const found = await find(request, queueOfUrl(request, url));
  if (!found) throw queueDoesNotExist(request);
  return found;
}

/** A queue by its name, with its policy; undefined when there is none. */
export async function find(request: Pick<ServiceRequest, 'store'>, name: QueueName): Promise<Found | undefined> {
  const { store } = request;
  const key = `${name.account} ${name.region} ${name.name}`;
  return knownQueues.get(store, key) ?? knownQueues.read(store, key, () => read(store, name));
}

async function read(store: Store, name: QueueName): Promise<Found | undefined> {
  const { queue, known, stored } = await store.read(async (tx) => {
    const queue = await findQueue(tx, name);
    if (queue?.policy === undefined) return { queue };
    const known = parsed.get(queue.policy);
    return { queue, known, stored: known ? undefined : await queuePolicies.get(tx, queue.id) };
  });
  if (!queue) return undefined;
  const policy = known ?? (stored && remember(stored));
  // A policy may deny: without it nothing may be decided.
  if (queue.policy !== undefined && !policy) throw new Error(`the policy of queue ${name.name} is missing`);
  return { queue, policy };
}

function remember(policy: QueuePolicy): PolicyDocument {
  const document = parsePolicy(policy.text, 'resource', { anyResource: true });
  keepNewest(parsed, parsedMax, policy.revision, document);
  return document;
}

export function findQueue(tx: ReadTransaction, { account, region, name }: QueueName): Promise<Queue | undefined> {
  return queues.get(tx, account, region, name);
}

/** Inside a transaction: the queue as it is now. Throws QueueDoesNotExist. */
export async function requireQueue(tx: ReadTransaction, request: ServiceRequest, url: string): Promise<Queue> {
  const queue = await findQueue(tx, queueOfUrl(request, url));
  if (!queue) throw queueDoesNotExist(request);
  return queue;
}

/** One action on one queue. */
export function checkOn({ queue, policy }: Found, action: string, more: ConditionContext = {}): Check {
  const resource = queueArn(queue);
  return {
    action,
    resource,
    resourceAccount: queue.account,
    ...(policy && { resourcePolicy: { name: resource, document: policy } }),
    get context(): ConditionContext {
      const context: Record<string, string | readonly string[] | undefined> = { ...more };
      for (const [key, value] of queue.tags) context[`aws:ResourceTag/${key}`] = value;
      return context;
    },
  };
}

/**
 * Authorises an operation on the queue of its QueueUrl by one action. A service that acts for a customer (SNS, S3) needs the queue's
 * policy to name it, also in its own account: https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
 */
export function onQueue(action: string) {
  return async (request: ServiceRequest, input: { QueueUrl: string }): Promise<Check[]> => {
    const check = checkOn(await lookUp(request, input.QueueUrl), action);
    if (request.principal.type === 'Service') check.resourcePolicyRequired = true;
    return [check];
  };
}
