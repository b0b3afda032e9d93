/** Topics, for the search over everything. */

import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { paged, type Finder } from '../shell/finder.ts';
import { sns } from './client.ts';

export const finders: readonly Finder[] = [
  {
    id: 'sns-topics',
    kind: { en: 'Topics', ko: '주제' },
    pages: (abortSignal) =>
      paged(
        (NextToken) => sns().send(new ListTopicsCommand(NextToken ? { NextToken } : {}), { abortSignal }),
        ({ NextToken }) => NextToken,
        ({ Topics = [] }) =>
          Topics.map(({ TopicArn }) => ({ id: TopicArn!.split(':').at(-1)!, arn: TopicArn, to: ['sns', 'topics', TopicArn!] })),
      ),
  },
];
