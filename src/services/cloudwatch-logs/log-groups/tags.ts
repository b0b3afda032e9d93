/** Tags of log groups. */

import type { Check, ConditionContext } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { mergeTags, requestTagContext, tagFault, tagKeyContext, tagsOf, type Tag } from '../../../framework/tags.ts';
import { invalidParameter, tooManyTags } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { logGroups } from '../tables.ts';
import { checkOnGroup, groupArn, placeOfArn, requireGroup } from './log-group.ts';

/** Throws InvalidParameterException or TooManyTagsException. */
export function checkTags(tags: Tag[]): Tag[] {
  const fault = tagFault(tags);
  if (fault?.kind === 'tooMany') throw tooManyTags();
  if (fault) throw invalidParameter(`Tag keys or values are invalid: ${fault.kind} of ${fault.key}`);
  return tags;
}

/** Tagging asks for the ARN without the stars of streams. */
async function onTags(request: ServiceRequest, action: string, resourceArn: string, context: ConditionContext): Promise<Check[]> {
  const place = placeOfArn(resourceArn);
  const [check] = await checkOnGroup(request, action, place, '', context);
  return [{ ...check!, resource: groupArn(place) }];
}

export const onTagResource = (request: ServiceRequest, input: Input<'TagResource'>): Promise<Check[]> =>
  onTags(request, 'TagResource', input.resourceArn, requestTagContext(tagsOf(input.tags)));
export const onUntagResource = (request: ServiceRequest, input: Input<'UntagResource'>): Promise<Check[]> =>
  onTags(request, 'UntagResource', input.resourceArn, tagKeyContext(input.tagKeys));
export const onListTags = (request: ServiceRequest, input: Input<'ListTagsForResource'>): Promise<Check[]> =>
  onTags(request, 'ListTagsForResource', input.resourceArn, {});

async function changeTags({ store }: ServiceRequest, resourceArn: string, change: (tags: Tag[]) => Tag[]): Promise<void> {
  await store.write(async (tx) => {
    const group = await requireGroup(tx, placeOfArn(resourceArn));
    const tags = change(group.tags.map(([Key, Value]) => ({ Key, Value })));
    await logGroups.put(tx, { ...group, tags: tags.map(({ Key, Value }) => [Key, Value]) });
  });
}

export const TagResource: Operation<'TagResource'> = async (request, input) => {
  const added = checkTags(tagsOf(input.tags));
  await changeTags(request, input.resourceArn, (tags) => checkTags(mergeTags(tags, added)));
  return {};
};

export const UntagResource: Operation<'UntagResource'> = async (request, input) => {
  const gone = new Set(input.tagKeys);
  await changeTags(request, input.resourceArn, (tags) => tags.filter(({ Key }) => !gone.has(Key)));
  return {};
};

export const ListTagsForResource: Operation<'ListTagsForResource'> = async ({ store }, input) => {
  const { tags } = await store.read((tx) => requireGroup(tx, placeOfArn(input.resourceArn)));
  return { tags: Object.fromEntries(tags) };
};
