/** Tags of delivery streams. */

import type { Authorizer } from '../../../framework/authorization.ts';
import { requestTagContext, tagKeyContext, tagsOf } from '../../../framework/tags.ts';
import { checkOn, nameOf, requireStream } from '../delivery-streams/lookup.ts';
import { tagsPerStreamMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { streams } from '../tables.ts';
import { checkedTags } from './tags.ts';

type Tags = { Key: string; Value: string }[];

export const onTag: Authorizer<Input<'TagDeliveryStream'>> = (request, input) =>
  checkOn(request, input, requestTagContext(tagsOf(input.Tags as Tags)));

export const onUntag: Authorizer<Input<'UntagDeliveryStream'>> = (request, input) => checkOn(request, input, tagKeyContext(input.TagKeys));

export const TagDeliveryStream: Operation<'TagDeliveryStream'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const stream = await requireStream(tx, nameOf(request, input));
    await streams.put(tx, { ...stream, tags: checkedTags(stream.tags, tagsOf(input.Tags as Tags)) });
  });
  return {};
};

export const UntagDeliveryStream: Operation<'UntagDeliveryStream'> = async (request, input) => {
  const removed = new Set(input.TagKeys);
  await request.store.write(async (tx) => {
    const stream = await requireStream(tx, nameOf(request, input));
    await streams.put(tx, { ...stream, tags: stream.tags.filter(([key]) => !removed.has(key)) });
  });
  return {};
};

export const ListTagsForDeliveryStream: Operation<'ListTagsForDeliveryStream'> = async (request, input) => {
  const { tags } = await request.store.read((tx) => requireStream(tx, nameOf(request, input)));
  const after = input.ExclusiveStartTagKey;
  const limit = input.Limit ?? tagsPerStreamMax;
  const listed = tags
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .filter(([key]) => after === undefined || key > after)
    .map(([Key, Value]) => ({ Key, Value }));
  return { Tags: listed.slice(0, limit), HasMoreTags: listed.length > limit };
};
