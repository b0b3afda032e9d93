/** What each operation needs: on the catalog, and on each thing below it down to the one that is meant: https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html */

import type { Authorizer, Check, ConditionContext } from '../../framework/authorization.ts';
import { arn } from '../../framework/arn.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { requestTagContext, tagKeyContext, tagsOf } from '../../framework/tags.ts';
import { arnParts } from './databases/database.ts';

function checks(request: ServiceRequest, action: string, resources: readonly string[], context: ConditionContext = {}): Check[] {
  const { region, account } = request;
  return resources.map((resource) => ({ action: `glue:${action}`, resource: arn('glue', region, account, resource), context }));
}

export const onCatalog: Authorizer<object> = (request) => checks(request, request.operation, ['catalog']);

type OnDatabase = { Name?: string | undefined; DatabaseInput?: { Name?: string | undefined } | undefined };
type OnTable = {
  DatabaseName: string;
  Name?: string | undefined;
  TableName?: string | undefined;
  TableInput?: { Name?: string | undefined } | undefined;
};

const lower = (name: string | undefined): string => (name ?? '').toLowerCase();

export const onDatabase: Authorizer<OnDatabase> = (request, { Name, DatabaseInput }) =>
  checks(request, request.operation, ['catalog', `database/${lower(Name ?? DatabaseInput?.Name)}`]);

export const onCreateDatabase: Authorizer<OnDatabase & { Tags?: Record<string, string> | undefined }> = (request, input) => {
  const tags = tagsOf(input.Tags);
  const resources = ['catalog', `database/${lower(input.DatabaseInput?.Name)}`];
  const own = checks(request, 'CreateDatabase', resources, requestTagContext(tags));
  return tags.length === 0 ? own : [...own, ...checks(request, 'TagResource', resources.slice(1), requestTagContext(tags))];
};

export const onTable: Authorizer<OnTable> = (request, { DatabaseName, Name, TableName, TableInput }) => {
  const [database, table] = [lower(DatabaseName), lower(Name ?? TableName ?? TableInput?.Name)];
  return checks(request, request.operation, ['catalog', `database/${database}`, `table/${database}/${table}`]);
};

export const onTables: Authorizer<{ DatabaseName: string }> = (request, { DatabaseName }) =>
  checks(request, request.operation, ['catalog', `database/${lower(DatabaseName)}`, `table/${lower(DatabaseName)}/*`]);

type OnTags = { ResourceArn: string; TagsToAdd?: Record<string, string> | undefined; TagsToRemove?: string[] | undefined };

export const onTags: Authorizer<OnTags> = (request, { ResourceArn, TagsToAdd, TagsToRemove }) => {
  const context = TagsToAdd ? requestTagContext(tagsOf(TagsToAdd)) : TagsToRemove ? tagKeyContext(TagsToRemove) : {};
  return checks(request, request.operation, [`database/${arnParts(request, ResourceArn)}`], context);
};
