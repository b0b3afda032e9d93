/** How many calls a second something takes, where a quota says so. In memory: a restart begins with a full second. */

import { keepNewest } from './bounded-map.ts';
import { fullBucket, holds, take, type Bucket } from './token-bucket.ts';
import type { Store } from '../store/store.ts';

/** A queue or topic with this tag and value is held to AWS's quotas of calls a second: decision 42. */
const quotaTag = { key: 'haneul:quotas', value: 'enforced' } as const;

const known = new WeakMap<Store, Map<string, Bucket>>();
const knownMax = 10_000;

export const isHeldToQuotas = (tags: readonly (readonly [key: string, value: string])[]): boolean =>
  tags.some(([key, value]) => key === quotaTag.key && value === quotaTag.value);

/** What is to be counted by a name: so many, of so many a second. */
export type Rate = { name: string; amount: number; perSecond: number };

/** Takes all that is asked for, or nothing: false when one of the names has had its share of this second. `now` is the cloud's time. */
export function admitCalls(store: Store, rates: readonly Rate[], now: number): boolean {
  let buckets = known.get(store);
  if (!buckets) known.set(store, (buckets = new Map()));
  const own = rates.map((rate) => {
    const bucket = buckets.get(rate.name) ?? fullBucket(rate.perSecond, now);
    keepNewest(buckets, knownMax, rate.name, bucket);
    return { ...rate, bucket };
  });
  if (!own.every(({ bucket, amount, perSecond }) => holds(bucket, perSecond, amount, now))) return false;
  for (const { bucket, amount } of own) take(bucket, amount);
  return true;
}
