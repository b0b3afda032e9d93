/** Attributes and tags of queues. */

import { isReserved, requestTagContext, tagFault, tagKeyContext, tagsOf } from '../../../framework/tags.ts';
import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { attributeValue, invalidParameter, unknownAttribute } from '../errors.ts';
import { queueTagsMax } from '../limits.ts';
import { approximateCounts } from '../messages/counting.ts';
import type { Input, Operation } from '../sdk.ts';
import { queuePolicies, queues } from '../tables.ts';
import { attributesOf, flag, readAttributes } from './attributes.ts';
import { checkOn, lookUp, requireQueue } from './lookup.ts';
import { applySettings } from './operations.ts';
import { queueArn } from './queue.ts';

const countNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'];
const known: ReadonlySet<string> = new Set([
  ...['All', 'Policy', 'VisibilityTimeout', 'MaximumMessageSize', 'MessageRetentionPeriod', 'CreatedTimestamp', 'LastModifiedTimestamp'],
  ...['QueueArn', 'DelaySeconds', 'ReceiveMessageWaitTimeSeconds', 'RedrivePolicy', 'FifoQueue', 'ContentBasedDeduplication'],
  ...['KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'DeduplicationScope', 'FifoThroughputLimit', 'RedriveAllowPolicy'],
  ...['SqsManagedSseEnabled', ...countNames],
]);

export const GetQueueAttributes: Operation<'GetQueueAttributes'> = async (request, input) => {
  const names = input.AttributeNames ?? [];
  for (const name of names) if (!known.has(name)) throw unknownAttribute(name);
  if (names.length === 0) return {};
  const wants = (name: string): boolean => names.includes('All') || names.includes(name as never);
  const { queue } = await lookUp(request, input.QueueUrl);
  const policy = wants('Policy') ? await request.store.read((tx) => queuePolicies.get(tx, queue.id)) : undefined;
  const counts = countNames.some(wants) ? await approximateCounts(request, queue) : undefined;
  const all: Record<string, string> = {
    QueueArn: queueArn(queue),
    ...attributesOf(queue),
    ...(policy && { Policy: policy.text }),
    ...(counts && {
      ApproximateNumberOfMessages: String(counts.visible),
      ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
      ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    }),
  };
  const chosen = Object.entries(all).filter(([name]) => wants(name));
  return chosen.length > 0 ? { Attributes: Object.fromEntries(chosen) } : {};
};

export const SetQueueAttributes: Operation<'SetQueueAttributes'> = async (request, input) => {
  const { FifoQueue, ...attributes } = input.Attributes;
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const queue = await requireQueue(tx, request, input.QueueUrl);
    if (FifoQueue !== undefined) {
      if (!queue.fifo) throw unknownAttribute('FifoQueue');
      if (!flag('FifoQueue', FifoQueue)) throw attributeValue('FifoQueue', 'Modifying queue type is not supported.');
    }
    const settings = readAttributes(attributes, queue.fifo);
    const changed = await applySettings(tx, queue, settings, revision);
    if (changed.fifoThroughputLimit === 'perMessageGroupId' && changed.deduplicationScope !== 'messageGroup')
      throw attributeValue('FifoThroughputLimit');
    await queues.put(tx, { ...changed, modified: request.now });
  });
  return {};
};

export const TagQueue: Operation<'TagQueue'> = async (request, input) => {
  const tags = tagsOf(input.Tags);
  const fault = tagFault(tags);
  if (tags.length === 0 || (fault && fault.kind !== 'tooMany')) throw invalidParameter('Tag keys or values are invalid.');
  await request.store.write(async (tx) => {
    const queue = await requireQueue(tx, request, input.QueueUrl);
    const merged = new Map([...queue.tags, ...tags.map((tag): [string, string] => [tag.Key, tag.Value])]);
    if (merged.size > queueTagsMax) throw invalidParameter(`Too many tags added for queue ${queue.name}.`);
    await queues.put(tx, { ...queue, tags: [...merged] });
  });
  return {};
};

export const UntagQueue: Operation<'UntagQueue'> = async (request, input) => {
  const gone = new Set(input.TagKeys);
  await request.store.write(async (tx) => {
    const queue = await requireQueue(tx, request, input.QueueUrl);
    await queues.put(tx, { ...queue, tags: queue.tags.filter(([key]) => !gone.has(key)) });
  });
  return {};
};

export const ListQueueTags: Operation<'ListQueueTags'> = async (request, input) => {
  const { queue } = await lookUp(request, input.QueueUrl);
  return queue.tags.length > 0 ? { Tags: Object.fromEntries(queue.tags) } : {};
};

export async function onTagQueue(request: ServiceRequest, input: Input<'TagQueue'>): Promise<Check[]> {
  const tags = tagsOf(input.Tags).filter((tag) => !isReserved(tag.Key));
  return [checkOn(await lookUp(request, input.QueueUrl), 'sqs:TagQueue', requestTagContext(tags))];
}

export async function onUntagQueue(request: ServiceRequest, input: Input<'UntagQueue'>): Promise<Check[]> {
  return [checkOn(await lookUp(request, input.QueueUrl), 'sqs:UntagQueue', tagKeyContext(input.TagKeys))];
}
