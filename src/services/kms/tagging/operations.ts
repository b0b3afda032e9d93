/** Tags of keys: put, take away, list. */

import { mergeTags } from '../../../framework/tags.ts';
import { tagFaulty } from '../errors.ts';
import { requireKept } from '../keys/key.ts';
import { lookUp, requireKey } from '../keys/lookup.ts';
import { tagsPerKeyMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { keys } from '../tables.ts';
import { checkedTags } from './tags.ts';

export const TagResource: Operation<'TagResource'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  const added = checkedTags(input.Tags);
  await request.store.write(async (tx) => {
    const present = await requireKey(tx, key);
    requireKept(present);
    const tags = mergeTags(present.tags ?? [], added);
    if (tags.length > tagsPerKeyMax) throw tagFaulty('Too many tags');
    await keys.put(tx, { ...present, tags });
  });
  return {};
};

export const UntagResource: Operation<'UntagResource'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  await request.store.write(async (tx) => {
    const present = await requireKey(tx, key);
    requireKept(present);
    await keys.put(tx, { ...present, tags: (present.tags ?? []).filter((tag) => !input.TagKeys.includes(tag.Key)) });
  });
  return {};
};

export const ListResourceTags: Operation<'ListResourceTags'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  return { Tags: (key.tags ?? []).map((tag) => ({ TagKey: tag.Key, TagValue: tag.Value })), Truncated: false };
};
