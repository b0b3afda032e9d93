/** What each stream has taken in of late. Kept in memory: a restart forgives a second. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { fullBucket, holds, take, type Bucket } from '../../../framework/token-bucket.ts';
import { putQuota } from '../limits.ts';
import type { Stream } from '../tables.ts';

type Kind = 'records' | 'calls' | 'bytes';

/** By the stream's id. The longest unused goes first. */
const shares = new Map<string, Record<Kind, Bucket>>();
const streamsMax = 10_000;
const kinds: readonly Kind[] = ['records', 'calls', 'bytes'];

/** Takes one call in, unless the stream has had its share of this second. */
export function admitCall({ id, region }: Pick<Stream, 'id' | 'region'>, call: { records: number; bytes: number }, now: number): boolean {
  const quota = putQuota(region);
  const amounts = { ...call, calls: 1 };
  const share = recall(id, () => ({
    records: fullBucket(quota.records, now),
    calls: fullBucket(quota.calls, now),
    bytes: fullBucket(quota.bytes, now),
  }));
  if (!kinds.every((kind) => holds(share[kind], quota[kind], amounts[kind], now))) return false;
  for (const kind of kinds) take(share[kind], amounts[kind]);
  return true;
}

function recall(id: string, create: () => Record<Kind, Bucket>): Record<Kind, Bucket> {
  const known = shares.get(id);
  if (known) return known;
  const share = create();
  keepNewest(shares, streamsMax, id, share);
  return share;
}
