/** Log groups, for the search over everything. */

import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { paged, type Finder } from '../shell/finder.ts';
import { logs } from './client.ts';

export const finders: readonly Finder[] = [
  {
    id: 'log-groups',
    kind: { en: 'Log groups', ko: '로그 그룹' },
    pages: (abortSignal) =>
      paged(
        (nextToken) => logs().send(new DescribeLogGroupsCommand({ limit: 50, ...(nextToken && { nextToken }) }), { abortSignal }),
        ({ nextToken }) => nextToken,
        ({ logGroups = [] }) =>
          logGroups.map(({ logGroupName, logGroupArn, arn }) => ({
            id: logGroupName!,
            arn: logGroupArn ?? arn,
            to: ['cloudwatch-logs', 'groups', logGroupName!],
          })),
      ),
  },
];
