/** Recycle Bin: its contents page. */

import type { Authorizer } from '../../framework/authorization.ts';
import { retentionRules } from '../../framework/recycle-bin.ts';
import { defineService } from '../../framework/service.ts';
import { requestTagContext, resourceTagContext, tagKeyContext, tagsOf } from '../../framework/tags.ts';
import * as rules from './rules/operations.ts';
import { ruleArn } from './rules/rule.ts';
import { ListTagsForResource, TagResource, UntagResource } from './rules/tags.ts';
import type { Rbin } from './sdk.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsrecyclebin.html */
type OnRule = {
  Identifier?: string | undefined;
  ResourceArn?: string | undefined;
  Tags?: unknown;
  TagKeys?: string[] | undefined;
};

const given = (tags: unknown) => tagsOf(tags as { Key: string; Value: string }[] | undefined);

const onRule: Authorizer<OnRule> = async ({ account, region, store, operation }, input) => {
  const id = (input.Identifier ?? input.ResourceArn?.split('/').at(-1) ?? '').slice(0, 100);
  const found = await store.read((tx) => retentionRules.get(tx, account, region, id));
  const asked = input.TagKeys ? tagKeyContext(input.TagKeys) : requestTagContext(given(input.Tags));
  const context = {
    ...resourceTagContext(found?.tags ?? []),
    ...(found && { 'rbin:Attribute/ResourceType': found.type }),
    ...asked,
  };
  return [{ action: `rbin:${operation}`, resource: ruleArn({ account, region, id }), context }];
};

const creates: Authorizer<{ ResourceType?: string | undefined; Tags?: unknown }> = ({ account, region }, { ResourceType, Tags }) => [
  {
    action: 'rbin:CreateRule',
    resource: ruleArn({ account, region, id: '*' }),
    context: { 'rbin:Request/ResourceType': ResourceType, ...requestTagContext(given(Tags)) },
  },
];

const lists: Authorizer<{ ResourceType?: string | undefined }> = ({ account, region }, { ResourceType }) => [
  { action: 'rbin:ListRules', resource: ruleArn({ account, region, id: '*' }), context: { 'rbin:Request/ResourceType': ResourceType } },
];

export const service = defineService<Rbin>({
  name: 'rbin',
  tables: [retentionRules],
  operations: { ...rules, TagResource, UntagResource, ListTagsForResource },
  authorize: {
    ...{ CreateRule: creates, ListRules: lists },
    ...{ GetRule: onRule, UpdateRule: onRule, DeleteRule: onRule, LockRule: onRule, UnlockRule: onRule },
    ...{ TagResource: onRule, UntagResource: onRule, ListTagsForResource: onRule },
  },
});
