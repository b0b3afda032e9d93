/** Queues: create, find, list, delete, purge. */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { isReserved, requestTagContext, tagFault, tagsOf } from '../../../framework/tags.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import {
  invalidParameter,
  invalidValue,
  purgeInProgress,
  queueDeletedRecently,
  queueDoesNotExist,
  queueNameExists,
  unknownAttribute,
} from '../errors.ts';
import { listedMoveTasksMax, listedQueuesMax, purgeIntervalMilliseconds, recreationMilliseconds } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { dataKeys, deletedQueues, droppedPiles, moveTasks, queuePolicies, queues, type Queue } from '../tables.ts';
import { allowsDeadLetters, attributesOf, defaults, flag, readAttributes, type Settings } from './attributes.ts';
import { retireKey } from './encryption.ts';
import { checkOn, find, findQueue, requireQueue } from './lookup.ts';
import { checkQueueName, queueArn, queueOfArn, queueUrl } from './queue.ts';

export const CreateQueue: Operation<'CreateQueue'> = async (request, input) => {
  const { FifoQueue, ...attributes } = input.Attributes ?? {};
  const fifo = FifoQueue !== undefined && flag('FifoQueue', FifoQueue);
  // A standard queue does not know the attribute, not even as false.
  if (FifoQueue !== undefined && !fifo) throw unknownAttribute('FifoQueue');
  checkQueueName(input.QueueName, fifo);
  const settings = readAttributes(attributes, fifo);
  const tags = checkedTags(input.tags);
  const { account, region, now } = request;
  const fresh = { id: request.random.uuid().slice(0, 13).replace('-', ''), revision: request.random.uuid() };
  const queue = await request.store.write(async (tx) => {
    const present = await queues.get(tx, account, region, input.QueueName);
    if (present) return same(present, attributes, settings);
    const deleted = await deletedQueues.get(tx, account, region, input.QueueName);
    if (deleted && deleted.at + recreationMilliseconds > now) throw queueDeletedRecently();
    const base: Queue = {
      ...defaults,
      ...{ account, region, name: input.QueueName, fifo, tags },
      ...{ id: fresh.id, pile: `${fresh.id}.0`, created: now, modified: now },
    };
    const made = await applySettings(tx, base, settings, fresh.revision);
    if (deleted) await deletedQueues.delete(tx, account, region, input.QueueName);
    await queues.put(tx, made);
    return made;
  });
  return { QueueUrl: queueUrl(request, queue) };
};

/** A queue of this name is there: fine, unless it was asked for with other attributes. */
function same(present: Queue, attributes: Readonly<Record<string, string | undefined>>, settings: Settings): Queue {
  const { policyText: _policy, ...rest } = settings;
  const wanted = attributesOf({ ...present, ...rest } as Queue);
  const actual = attributesOf(present);
  const differing = Object.keys(attributes).find((name) => wanted[name] !== actual[name]);
  if (differing !== undefined) throw queueNameExists(differing);
  return present;
}

/** The queue with new settings; writes its policy, and checks that the dead letters may go where they are to go. */
export async function applySettings(tx: WriteTransaction, queue: Queue, settings: Settings, revision: string): Promise<Queue> {
  const { policyText, ...rest } = settings;
  const next: Queue = { ...queue, ...rest } as Queue;
  if (settings.redrive) await checkRedrive(tx, next, settings.redrive);
  if (policyText === undefined) return next;
  const { policy: _old, ...open } = next;
  if (policyText === '') {
    await queuePolicies.delete(tx, queue.id);
    return open;
  }
  await queuePolicies.put(tx, { queue: queue.id, revision, text: policyText });
  return { ...open, policy: revision };
}

async function checkRedrive(tx: WriteTransaction, queue: Queue, redrive: NonNullable<Queue['redrive']>): Promise<void> {
  const wrong = (reason: string) => invalidValue(redrive.text, 'RedrivePolicy', reason);
  const name = queueOfArn(redrive.target)!;
  if (name.account !== queue.account || name.region !== queue.region)
    throw wrong('Dead-letter queue must be in same account and region as the source.');
  const target = await findQueue(tx, name);
  if (!target) throw wrong('Dead letter target does not exist.');
  if (target.fifo !== queue.fifo) throw wrong('Dead-letter queue must be same type of queue as the source.');
  if (!allowsDeadLetters(target, queueArn(queue)))
    throw wrong('Dead letter target does not allow this queue to use it as a dead-letter queue.');
}

function checkedTags(tags: Record<string, string> | undefined): [string, string][] {
  const list = tagsOf(tags);
  const fault = tagFault(list);
  if (fault) throw invalidParameter(fault.kind === 'tooMany' ? 'Too many tags added for queue.' : 'Tag keys or values are invalid.');
  return list.map((tag) => [tag.Key, tag.Value]);
}

export const GetQueueUrl: Operation<'GetQueueUrl'> = async (request, input) => {
  const name = { account: input.QueueOwnerAWSAccountId ?? request.account, region: request.region, name: input.QueueName };
  if (!(await find(request, name))) throw queueDoesNotExist(request);
  return { QueueUrl: queueUrl(request, name) };
};

/** Pages begin after the last name of the one before. */
export const ListQueues: Operation<'ListQueues'> = async (request, input) => {
  const { account, region } = request;
  const prefix = input.QueueNamePrefix ?? '';
  const limit = input.MaxResults ?? listedQueuesMax;
  if (limit < 1 || limit > listedQueuesMax) throw invalidValue(limit, 'MaxResults', 'Must be between 1 and 1000, if provided.');
  const from = input.NextToken === undefined ? prefix : `${nameOfToken(input.NextToken)}!`;
  const page = await request.store.read((tx) =>
    queues.between(tx, [account, region, from < prefix ? prefix : from], [account, region, `${prefix}\u{10ffff}`], { limit: limit + 1 }),
  );
  const urls = page.slice(0, limit).map(({ row }) => queueUrl(request, row));
  const last = page[limit - 1];
  return {
    ...(urls.length > 0 && { QueueUrls: urls }),
    ...(input.MaxResults !== undefined && page.length > limit && last && { NextToken: Buffer.from(last.row.name).toString('base64url') }),
  };
};

function nameOfToken(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (!/^[\w.-]{1,80}$/.test(name)) throw invalidParameter('Invalid or expired next token.');
  return name;
}

export const DeleteQueue: Operation<'DeleteQueue'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { account, region, name, id, pile } = await requireQueue(tx, request, input.QueueUrl);
    await queues.delete(tx, account, region, name);
    await queuePolicies.delete(tx, id);
    const dataKey = await dataKeys.get(tx, id);
    if (dataKey) await retireKey(tx, dataKey, request.now);
    await dataKeys.delete(tx, id);
    for (const { row } of await moveTasks.scan(tx, [account, region, name], { limit: listedMoveTasksMax + 1 }))
      await moveTasks.delete(tx, account, region, name, -row.started, row.id);
    await deletedQueues.put(tx, { account, region, name, at: request.now });
    await droppedPiles.put(tx, { pile, at: request.now, queueGone: true });
  });
  return {};
};

/** The queue begins a new pile; the old one is swept away behind it. */
export const PurgeQueue: Operation<'PurgeQueue'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const queue = await requireQueue(tx, request, input.QueueUrl);
    if (queue.purged !== undefined && queue.purged + purgeIntervalMilliseconds > request.now) throw purgeInProgress(queue.name);
    await droppedPiles.put(tx, { pile: queue.pile, at: request.now, queueGone: false });
    await queues.put(tx, { ...queue, pile: `${queue.id}.${Number(queue.pile.split('.')[1]) + 1}`, purged: request.now });
  });
  return {};
};

export async function onCreateQueue(request: ServiceRequest, input: Input<'CreateQueue'>): Promise<Check[]> {
  const resource = queueArn({ account: request.account, region: request.region, name: input.QueueName });
  const tags = tagsOf(input.tags).filter((tag) => !isReserved(tag.Key));
  const create = { action: 'sqs:CreateQueue', resource, context: requestTagContext(tags) };
  return tags.length > 0 ? [create, { ...create, action: 'sqs:TagQueue' }] : [create];
}

export async function onGetQueueUrl(request: ServiceRequest, input: Input<'GetQueueUrl'>): Promise<Check[]> {
  const name = { account: input.QueueOwnerAWSAccountId ?? request.account, region: request.region, name: input.QueueName };
  const found = await find(request, name);
  if (!found) throw queueDoesNotExist(request);
  return [checkOn(found, 'sqs:GetQueueUrl')];
}
