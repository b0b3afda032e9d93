/** CloudWatch Logs: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { standingUse } from '../../framework/standing-use.ts';
import { authorize } from './authorize.ts';
import { housekeeping } from './housekeeping.ts';
import { FilterLogEvents } from './log-events/filter.ts';
import { GetLogEvents } from './log-events/get.ts';
import { PutLogEvents } from './log-events/put.ts';
import * as groups from './log-groups/operations.ts';
import { ListTagsForResource, TagResource, UntagResource } from './log-groups/tags.ts';
import { CreateLogStream, DeleteLogStream, DescribeLogStreams } from './log-streams/operations.ts';
import type { CloudwatchLogs } from './sdk.ts';
import { standing } from './log-groups/standing.ts';
import { tables } from './tables.ts';

const { CreateLogGroup, DeleteLogGroup, DescribeLogGroups, PutRetentionPolicy, DeleteRetentionPolicy } = groups;

export const service = defineService<CloudwatchLogs>({
  name: 'cloudwatch-logs',
  tables: [...tables, standingUse],
  operations: {
    ...{ CreateLogGroup, DeleteLogGroup, DescribeLogGroups, PutRetentionPolicy, DeleteRetentionPolicy },
    ...{ ListTagsForResource, TagResource, UntagResource },
    ...{ CreateLogStream, DeleteLogStream, DescribeLogStreams },
    ...{ PutLogEvents, GetLogEvents, FilterLogEvents },
  },
  authorize,
  reconcilers: [housekeeping, standing],
  dataEvents: ['PutLogEvents', 'GetLogEvents', 'FilterLogEvents'],
});
