/** Parameters, for the search over everything. */

import { DescribeParametersCommand } from '@aws-sdk/client-ssm';
import { paged, type Finder } from '../shell/finder.ts';
import { ssm } from './client.ts';

export const finders: readonly Finder[] = [
  {
    id: 'ssm-parameters',
    kind: { en: 'Parameters', ko: '파라미터' },
    pages: (abortSignal) =>
      paged(
        (NextToken) => ssm().send(new DescribeParametersCommand({ MaxResults: 50, ...(NextToken && { NextToken }) }), { abortSignal }),
        ({ NextToken }) => NextToken,
        ({ Parameters = [] }) => Parameters.map(({ Name, ARN }) => ({ id: Name!, arn: ARN, to: ['ssm', 'parameters', Name!] })),
      ),
  },
];
