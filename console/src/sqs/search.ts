/** Queues, for the search over everything. */

import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { paged, type Finder } from '../shell/finder.ts';
import { sqs } from './client.ts';

export const finders: readonly Finder[] = [
  {
    id: 'sqs-queues',
    kind: { en: 'Queues', ko: '대기열' },
    pages: (abortSignal) =>
      paged(
        (NextToken) => sqs().send(new ListQueuesCommand({ MaxResults: 1_000, ...(NextToken && { NextToken }) }), { abortSignal }),
        ({ NextToken }) => NextToken,
        ({ QueueUrls = [] }) => QueueUrls.map((url) => url.split('/').at(-1)!).map((id) => ({ id, to: ['sqs', 'queues', id] })),
      ),
  },
];
