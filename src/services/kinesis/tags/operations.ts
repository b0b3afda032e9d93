/** Tags of streams: https://docs.aws.amazon.com/streams/latest/dev/tagging.html */

import { invalidArgument } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { lookUp, nameOf, requireStream } from '../streams/lookup.ts';
import { streams } from '../tables.ts';
import { checkedTags, listedTags } from './tags.ts';

const listedDefault = 50;

export const AddTagsToStream: Operation<'AddTagsToStream'> = async (request, input) => {
  const name = nameOf(request, input);
  if (Object.keys(input.Tags).length === 0) throw invalidArgument('Tags must not be empty.');
  await request.store.write(async (tx) => {
    const stream = await requireStream(tx, name);
    await streams.put(tx, { ...stream, tags: checkedTags(stream, stream.tags, input.Tags) });
  });
  return {};
};

export const RemoveTagsFromStream: Operation<'RemoveTagsFromStream'> = async (request, input) => {
  const name = nameOf(request, input);
  const removed = new Set(input.TagKeys);
  await request.store.write(async (tx) => {
    const stream = await requireStream(tx, name);
    await streams.put(tx, { ...stream, tags: stream.tags.filter(([key]) => !removed.has(key)) });
  });
  return {};
};

export const ListTagsForStream: Operation<'ListTagsForStream'> = async (request, input) => {
  const { stream } = await lookUp(request, input);
  const after = input.ExclusiveStartTagKey;
  const tags = listedTags(stream.tags).filter(({ Key }) => after === undefined || Key > after);
  const limit = input.Limit ?? listedDefault;
  return { Tags: tags.slice(0, limit), HasMoreTags: tags.length > limit };
};
