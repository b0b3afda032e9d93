/** Buckets, for the search over everything. */

import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { paged, type Finder } from '../shell/finder.ts';
import { s3 } from './client.ts';

export const finders: readonly Finder[] = [
  {
    id: 's3-buckets',
    kind: { en: 'Buckets', ko: '버킷' },
    pages: (abortSignal) =>
      paged(
        (ContinuationToken) =>
          s3().send(new ListBucketsCommand({ MaxBuckets: 1_000, ...(ContinuationToken && { ContinuationToken }) }), { abortSignal }),
        ({ ContinuationToken }) => ContinuationToken,
        ({ Buckets = [] }) => Buckets.map(({ Name }) => ({ id: Name!, arn: `arn:aws:s3:::${Name}`, to: ['s3', 'buckets', Name!] })),
      ),
  },
];
