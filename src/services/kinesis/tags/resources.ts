/** Tags of streams and consumers by their ARN: TagResource, UntagResource, ListTagsForResource. */

import type { Authorizer } from '../../../framework/authorization.ts';
import { requestTagContext, tagKeyContext, tagsOf } from '../../../framework/tags.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { onResource, requireResource } from '../policies/operations.ts';
import type { Operation } from '../sdk.ts';
import { consumers, streams, type Consumer, type Stream } from '../tables.ts';
import { checkedTags, listedTags, type Tags } from './tags.ts';

type TagInput = { ResourceARN: string; Tags?: Record<string, string> | undefined; TagKeys?: string[] | undefined };

/** As on any resource, with the tags of the call as condition keys. */
export const onTags: Authorizer<TagInput> = async (request, input) => {
  const more = { ...requestTagContext(tagsOf(input.Tags)), ...tagKeyContext(input.TagKeys ?? []) };
  const checks = await onResource(request, input);
  return checks.map((check) => ({ ...check, context: { ...check.context, ...more } }));
};

export const TagResource: Operation<'TagResource'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const found = await requireResource(tx, request, input.ResourceARN);
    await putTags(tx, found, checkedTags(found.stream, (found.consumer ?? found.stream).tags, input.Tags));
  });
  return {};
};

export const UntagResource: Operation<'UntagResource'> = async (request, input) => {
  const removed = new Set(input.TagKeys);
  await request.store.write(async (tx) => {
    const found = await requireResource(tx, request, input.ResourceARN);
    await putTags(
      tx,
      found,
      (found.consumer ?? found.stream).tags.filter(([key]) => !removed.has(key)),
    );
  });
  return {};
};

export const ListTagsForResource: Operation<'ListTagsForResource'> = async (request, input) => {
  const { stream, consumer } = await request.store.read((tx) => requireResource(tx, request, input.ResourceARN));
  return { Tags: listedTags((consumer ?? stream).tags) };
};

async function putTags(tx: WriteTransaction, found: { stream: Stream; consumer?: Consumer }, tags: Tags): Promise<void> {
  if (found.consumer) await consumers.put(tx, { ...found.consumer, tags });
  else await streams.put(tx, { ...found.stream, tags });
}
