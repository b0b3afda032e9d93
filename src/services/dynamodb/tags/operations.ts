/** TagResource, UntagResource, ListTagsOfResource. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { mergeTags, type Tag } from '../../../framework/tags.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { resourceNotFound, validationException } from '../errors.ts';
import { tagsPerTableMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { placeOf, type TablePlace } from '../tables/lookup.ts';
import { tables, tableTags } from '../tables.ts';
import { checkTags } from './tags.ts';

export const TagResource: Operation<'TagResource'> = async (request, input) => {
  const place = taggedPlace(request, input.ResourceArn!);
  if (input.Tags!.length === 0) throw validationException('Atleast one Tag needs to be provided as Input.'); // AWS's spelling
  const added = checkTags(input.Tags!);
  await request.store.write(async (tx) => {
    const merged = mergeTags(await tagsAt(tx, place, input.ResourceArn!), added);
    if (merged.length > tagsPerTableMax) throw validationException(`Too many tags: ${tagsPerTableMax} at most`);
    await putTags(tx, place, merged);
  });
  return {};
};

export const UntagResource: Operation<'UntagResource'> = async (request, input) => {
  const place = taggedPlace(request, input.ResourceArn!);
  const keys = new Set(input.TagKeys);
  if (keys.size === 0) throw validationException('Atleast one Tag Key needs to be provided as Input.');
  await request.store.write(async (tx) => {
    const present = await tagsAt(tx, place);
    await putTags(
      tx,
      place,
      present.filter((tag) => !keys.has(tag.Key)),
    );
  });
  return {};
};

export const ListTagsOfResource: Operation<'ListTagsOfResource'> = async (request, input) => {
  const place = taggedPlace(request, input.ResourceArn!);
  return { Tags: await request.store.read((tx) => tagsAt(tx, place, input.ResourceArn!)) };
};

/** Only tables have tags. */
function taggedPlace(request: ServiceRequest, resource: string): TablePlace {
  if (!/^arn:[^:]+:dynamodb:[^:]+:\d+:table\/[^/]{3,}$/.test(resource))
    throw validationException(`Invalid TableArn: Invalid ResourceArn provided as input ${resource}`);
  return placeOf(request, resource);
}

/** UntagResource alone does not name what it has not found. */
async function tagsAt(tx: ReadTransaction, { account, region, name }: TablePlace, resource?: string): Promise<Tag[]> {
  if (!(await tables.get(tx, account, region, name)))
    throw resourceNotFound(resource && `Requested resource not found: ResourcArn: ${resource} not found`);
  return (await tableTags.get(tx, account, region, name))?.tags ?? [];
}

async function putTags(tx: WriteTransaction, { account, region, name }: TablePlace, tags: Tag[]): Promise<void> {
  if (tags.length === 0) await tableTags.delete(tx, account, region, name);
  else await tableTags.put(tx, { account, region, name, tags });
}
