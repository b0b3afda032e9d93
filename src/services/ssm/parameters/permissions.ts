/** What operations on parameters need: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */

import { arn } from '../../../framework/arn.ts';
import type { Authorizer, Check, ConditionContext } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { requestTagContext, resourceTagContext, tagKeyContext, tagsOf } from '../../../framework/tags.ts';
import { isPublicName } from '../public-parameters/parameters.ts';
import type { Input } from '../sdk.ts';
import { parameters } from '../tables.ts';
import { otherName, parameterArn, publicArn } from './names.ts';

/** A name as a policy knows it: without a version or label, also where the whole is an ARN or no name at all. */
const bare = (given: string): string =>
  given
    .trim()
    .replace(/^arn:[^:]*:ssm:[^:]*:[^:]*:parameter/, '')
    .replace(/:[^:]*$/, '');

/** A check on each parameter, with the tags that it has. */
async function checks(request: ServiceRequest, action: string, names: readonly string[], context: ConditionContext = {}): Promise<Check[]> {
  const { account, region } = request;
  const short = names.slice(0, 50).map(bare);
  // Both names of a parameter have its ARN, and its tags.
  const either = short.flatMap((name) => [name, otherName(name) ?? name]);
  const found = await request.store.read((tx) =>
    parameters.getMany(
      tx,
      either.map((name) => [account, region, name.slice(0, 2048)]),
    ),
  );
  return short.map((name, at) => ({
    action: `ssm:${action}`,
    resource: isPublicName(name) ? publicArn(request, name) : parameterArn(request, name),
    context: { ...resourceTagContext((found[2 * at] ?? found[2 * at + 1])?.tags ?? [], 'ssm'), ...context },
  }));
}

type OnNames = { Name?: string | undefined; Names?: string[] | undefined };
const onNames: Authorizer<OnNames> = (request, { Name, Names = [] }) =>
  checks(request, request.operation, Name === undefined ? Names : [Name]);

const onPath: Authorizer<Input<'GetParametersByPath'>> = (request, { Path, Recursive = false }) =>
  checks(request, 'GetParametersByPath', [Path.replace(/(?<=.)\/$/, '')], { 'ssm:Recursive': String(Recursive) });

const onPut: Authorizer<Input<'PutParameter'>> = async (request, { Name, Overwrite = false, Policies, Tags }) => {
  const tags = requestTagContext(tagsOf(Tags as { Key?: string; Value?: string }[] | undefined));
  const context = { ...tags, 'ssm:Overwrite': String(Overwrite), ...(Policies !== undefined && { 'ssm:Policies': Policies }) };
  const put = await checks(request, 'PutParameter', [Name], context);
  return Tags?.length ? [...put, ...(await checks(request, 'AddTagsToResource', [Name], tags))] : put;
};

type OnTags = { ResourceType: string; ResourceId: string; Tags?: object[] | undefined; TagKeys?: string[] | undefined };
const onTags: Authorizer<OnTags> = async (request, { ResourceType, ResourceId, Tags, TagKeys }) => {
  const context = Tags ? requestTagContext(tagsOf(Tags)) : TagKeys ? tagKeyContext(TagKeys) : {};
  if (ResourceType === 'Parameter') return checks(request, request.operation, [ResourceId], context);
  return [{ action: `ssm:${request.operation}`, resource: '*', context }];
};

export const parameterPermissions = {
  ...{ GetParameter: onNames, GetParameters: onNames, GetParameterHistory: onNames, GetParametersByPath: onPath },
  ...{ DeleteParameter: onNames, DeleteParameters: onNames, LabelParameterVersion: onNames, UnlabelParameterVersion: onNames },
  DescribeParameters: (({ account, region }) => [
    { action: 'ssm:DescribeParameters', resource: arn('ssm', region, account, '*') },
  ]) satisfies Authorizer<object>,
  PutParameter: onPut,
  ...{ AddTagsToResource: onTags, RemoveTagsFromResource: onTags, ListTagsForResource: onTags },
};
