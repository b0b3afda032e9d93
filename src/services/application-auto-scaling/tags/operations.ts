/** TagResource, UntagResource, ListTagsForResource: scalable targets have tags. */

import { parseArn } from '../../../framework/arn.ts';
import { mergeTags, tagFault, tagsOf, type Tag } from '../../../framework/tags.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { noResource, tooManyTags, validationException } from '../errors.ts';
import { tagsMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { targetArn, type Target } from '../scalable-targets/target.ts';
import { targets } from '../tables.ts';

/** Throws ValidationException for tags that AWS refuses. */
export function checkTags(given: Record<string, string>): Tag[] {
  const tags = tagsOf(given);
  const fault = tagFault(tags, { tagsPerResourceMax: tagsMax });
  if (fault?.kind === 'tooMany') throw tooManyTags(tagsMax);
  if (fault) throw validationException(`Tag ${fault.key} is not valid`);
  return tags;
}

async function requireTagged(tx: ReadTransaction, { account, region }: ServiceRequest, arn: string): Promise<Target> {
  const id = /^scalable-target\/(\w+)$/.exec(parseArn(arn)?.resource ?? '')?.[1];
  const target = id === undefined ? undefined : await targets.find(tx, 'id', account, id);
  if (!target || targetArn(target) !== arn || target.region !== region) throw noResource(arn);
  return target;
}

export const TagResource: Operation<'TagResource'> = async (request, input) => {
  const added = checkTags(input.Tags!);
  await request.store.write(async (tx) => {
    const target = await requireTagged(tx, request, input.ResourceARN!);
    const tags = mergeTags(target.tags, added);
    if (tags.length > tagsMax) throw tooManyTags(tagsMax);
    await targets.put(tx, { ...target, tags });
  });
  return {};
};

export const UntagResource: Operation<'UntagResource'> = async (request, input) => {
  const gone = new Set(input.TagKeys);
  await request.store.write(async (tx) => {
    const target = await requireTagged(tx, request, input.ResourceARN!);
    await targets.put(tx, { ...target, tags: target.tags.filter(({ Key }) => !gone.has(Key)) });
  });
  return {};
};

export const ListTagsForResource: Operation<'ListTagsForResource'> = async (request, input) => {
  const { tags } = await request.store.read((tx) => requireTagged(tx, request, input.ResourceARN!));
  return { Tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) };
};
