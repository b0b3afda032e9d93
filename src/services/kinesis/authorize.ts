/** What each operation needs: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html */

import type { Authorizer, Check, ConditionContext } from '../../framework/authorization.ts';
import { requestTagContext, tagKeyContext, tagsOf } from '../../framework/tags.ts';
import { checkConstraints } from './constraints.ts';
import { decodeIterator } from './records/iterator.ts';
import { lookUp, lookUpNamed, nameOf, type Found, type StreamInput } from './streams/lookup.ts';
import { streamArn } from './streams/stream.ts';

/** One action on one stream. */
export function checkOn({ stream, policy }: Found, action: string, more: ConditionContext = {}): Check {
  const resource = streamArn(stream);
  return {
    action: `kinesis:${action}`,
    resource,
    resourceAccount: stream.account,
    ...(policy && { resourcePolicy: { name: resource, document: policy } }),
    get context(): ConditionContext {
      const context: Record<string, string | readonly string[] | undefined> = { ...more };
      for (const [key, value] of stream.tags) context[`aws:ResourceTag/${key}`] = value;
      return context;
    },
  };
}

/** An operation on the stream of its StreamName or StreamARN; the action is the operation's name. */
export const onStream: Authorizer<StreamInput> = async (request, input) => {
  checkConstraints(request.operation, input);
  return [checkOn(await lookUp(request, input), request.operation)];
};

/** Operations that know no resource. */
export const onAll: Authorizer<object> = (request, input) => {
  checkConstraints(request.operation, input);
  return [{ action: `kinesis:${request.operation}`, resource: '*' }];
};

export const onCreateStream: Authorizer<StreamInput & { Tags?: Record<string, string> | undefined }> = (request, input) => {
  checkConstraints(request.operation, input);
  const tags = tagsOf(input.Tags);
  const check: Check = { action: 'kinesis:CreateStream', resource: streamArn(nameOf(request, input)), context: requestTagContext(tags) };
  return tags.length === 0 ? [check] : [check, { ...check, action: 'kinesis:AddTagsToStream' }];
};

export const onAddTags: Authorizer<StreamInput & { Tags: Record<string, string> }> = async (request, input) => {
  checkConstraints(request.operation, input);
  return [checkOn(await lookUp(request, input), request.operation, requestTagContext(tagsOf(input.Tags)))];
};

export const onRemoveTags: Authorizer<StreamInput & { TagKeys: string[] }> = async (request, input) => {
  checkConstraints(request.operation, input);
  return [checkOn(await lookUp(request, input), request.operation, tagKeyContext(input.TagKeys))];
};

/** ListShards continues by its token alone, which names the stream. */
export const onGetRecords: Authorizer<StreamInput & { ShardIterator: string }> = async (request, input) => {
  checkConstraints(request.operation, input);
  return [checkOn(await lookUpNamed(request, decodeIterator(request, input)), request.operation)];
};
