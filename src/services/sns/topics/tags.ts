/** Tags of topics. */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { mergeTags, requestTagContext, tagFault, tagKeyContext, tagsOf, type Tag } from '../../../framework/tags.ts';
import { invalidParameter, resourceNotFound, tagLimitExceeded } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { topics } from '../tables.ts';
import { checkOn, findTopic, lookUp } from './lookup.ts';

/** Throws InvalidParameter or TagLimitExceeded. */
export function checkTags(tags: Tag[]): Tag[] {
  const fault = tagFault(tags);
  if (!fault) return tags;
  if (fault.kind === 'tooMany') throw tagLimitExceeded();
  if (fault.kind === 'duplicateKey') throw invalidParameter('Duplicated keys are not allowed.');
  throw invalidParameter(`Tags Reason: ${fault.kind} of ${fault.key}`);
}

export async function onTagResource(request: ServiceRequest, input: Input<'TagResource'>): Promise<Check[]> {
  return [checkOn(await lookUp(request, input.ResourceArn, 'ResourceArn'), 'sns:TagResource', requestTagContext(tagsOf(input.Tags)))];
}

export async function onUntagResource(request: ServiceRequest, input: Input<'UntagResource'>): Promise<Check[]> {
  return [checkOn(await lookUp(request, input.ResourceArn, 'ResourceArn'), 'sns:UntagResource', tagKeyContext(input.TagKeys ?? []))];
}

async function changeTags(request: ServiceRequest, arn: string, change: (tags: Tag[]) => Tag[]): Promise<void> {
  const { name } = await lookUp(request, arn, 'ResourceArn');
  await request.store.write(async (tx) => {
    const topic = await findTopic(tx, name);
    if (!topic) throw resourceNotFound();
    const tags = change(topic.tags.map(([Key, Value]) => ({ Key, Value })));
    await topics.put(tx, { ...topic, tags: tags.map(({ Key, Value }) => [Key, Value]) });
  });
}

export const TagResource: Operation<'TagResource'> = async (request, input) => {
  const added = checkTags(tagsOf(input.Tags));
  await changeTags(request, input.ResourceArn, (tags) => checkTags(mergeTags(tags, added)));
  return {};
};

export const UntagResource: Operation<'UntagResource'> = async (request, input) => {
  const gone = new Set(input.TagKeys);
  await changeTags(request, input.ResourceArn, (tags) => tags.filter(({ Key }) => !gone.has(Key)));
  return {};
};

export const ListTagsForResource: Operation<'ListTagsForResource'> = async (request, input) => {
  const { topic } = await lookUp(request, input.ResourceArn, 'ResourceArn');
  if (!topic) throw resourceNotFound();
  return { Tags: topic.tags.map(([Key, Value]) => ({ Key, Value })) };
};
