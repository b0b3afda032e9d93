/** What each operation asks to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html */

import type { Check } from '../../framework/authorization.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import type { ServiceDefinition } from '../../framework/service.ts';
import { checkOnGroup, placeOf } from './log-groups/log-group.ts';
import { onCreateLogGroup } from './log-groups/operations.ts';
import { onListTags, onTagResource, onUntagResource } from './log-groups/tags.ts';
import type { CloudwatchLogs, Input } from './sdk.ts';

type Named = { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined };

const onGroup = (action: string) => (request: ServiceRequest, input: Named) => checkOnGroup(request, action, placeOf(request, input));
const onStream = (action: string) => (request: ServiceRequest, input: Named & { logStreamName?: string | undefined }) =>
  checkOnGroup(request, action, placeOf(request, input), input.logStreamName);

/** All groups of the account. */
const onDescribeLogGroups = ({ account, region }: ServiceRequest, _input: Input<'DescribeLogGroups'>): Check[] => [
  { action: 'logs:DescribeLogGroups', resource: `arn:aws:logs:${region}:${account}:log-group::log-stream:` },
];

export const authorize: ServiceDefinition<CloudwatchLogs>['authorize'] = {
  CreateLogGroup: onCreateLogGroup,
  CreateLogStream: onGroup('CreateLogStream'),
  DeleteLogGroup: onGroup('DeleteLogGroup'),
  DeleteLogStream: onStream('DeleteLogStream'),
  DeleteRetentionPolicy: onGroup('DeleteRetentionPolicy'),
  DescribeLogGroups: onDescribeLogGroups,
  DescribeLogStreams: onGroup('DescribeLogStreams'),
  FilterLogEvents: onGroup('FilterLogEvents'),
  GetLogEvents: onStream('GetLogEvents'),
  ListTagsForResource: onListTags,
  PutLogEvents: onStream('PutLogEvents'),
  PutRetentionPolicy: onGroup('PutRetentionPolicy'),
  TagResource: onTagResource,
  UntagResource: onUntagResource,
};
