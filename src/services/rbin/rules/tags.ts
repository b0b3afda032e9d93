/** Tags of retention rules. */

import { retentionRules } from '../../../framework/recycle-bin.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { mergeTags, tagsOf, type Tag } from '../../../framework/tags.ts';
import { ruleNotFound } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { checkTags, requireRule, ruleArn } from './rule.ts';

/** Throws ResourceNotFoundException for what is no rule of the account and region. */
function idOf(request: ServiceRequest, arn: string): string {
  const id = arn.slice(arn.lastIndexOf('/') + 1);
  if (arn !== ruleArn({ account: request.account, region: request.region, id })) throw ruleNotFound(arn);
  return id;
}

async function change(request: ServiceRequest, arn: string, next: (tags: Tag[]) => Tag[]): Promise<void> {
  const id = idOf(request, arn);
  await request.store.write(async (tx) => {
    const rule = await requireRule(tx, request, id);
    await retentionRules.put(tx, { ...rule, tags: next(rule.tags) });
  });
}

export const TagResource: Operation<'TagResource'> = async (request, input) => {
  const added = checkTags(tagsOf(input.Tags as { Key: string; Value: string }[]));
  await change(request, input.ResourceArn ?? '', (tags) => checkTags(mergeTags(tags, added)));
  return {};
};

export const UntagResource: Operation<'UntagResource'> = async (request, input) => {
  const gone = new Set(input.TagKeys);
  await change(request, input.ResourceArn ?? '', (tags) => tags.filter(({ Key }) => !gone.has(Key)));
  return {};
};

export const ListTagsForResource: Operation<'ListTagsForResource'> = async (request, input) => {
  const id = idOf(request, input.ResourceArn ?? '');
  const { tags } = await request.store.read((tx) => requireRule(tx, request, id));
  return { Tags: tags };
};
