/** Streams, for the search over everything. */

import { ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { paged, type Finder } from '../shell/finder.ts';
import { kinesis } from './client.ts';

export const finders: readonly Finder[] = [
  {
    id: 'kinesis-streams',
    kind: { en: 'Streams', ko: '스트림' },
    pages: (abortSignal) =>
      paged(
        (NextToken) => kinesis().send(new ListStreamsCommand(NextToken ? { NextToken } : {}), { abortSignal }),
        ({ NextToken }) => NextToken,
        ({ StreamSummaries = [] }) =>
          StreamSummaries.map(({ StreamName, StreamARN }) => ({
            id: StreamName!,
            arn: StreamARN,
            to: ['kinesis', 'streams', StreamName!],
          })),
      ),
  },
];
