/** The rules of buckets that were used of late, and what they say of an object in the answer to a PUT, GET or HEAD. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import type { Store } from '../../../store/store.ts';
import { lifecycleRules, type Bucket, type LifecycleRule } from '../tables.ts';
import { appliesTo, dueAfter, expirationOf, type Subject } from './rule.ts';

/** By revision, which the bucket's record names: rules that another process replaced are never used. */
const known = new Map<string, readonly LifecycleRule[]>();
const knownMax = 1000;

/** The rules of a bucket, in their order; none without a configuration. */
export async function rulesOf(store: Store, { name, lifecycle }: Bucket): Promise<readonly LifecycleRule[]> {
  if (!lifecycle) return [];
  const remembered = known.get(lifecycle.revision);
  if (remembered) return remembered;
  const rows = await store.read((tx) => lifecycleRules.scan(tx, [name]));
  const rules = rows.map(({ row }) => row.rule);
  keepNewest(known, knownMax, lifecycle.revision, rules);
  return rules;
}

/** `x-amz-expiration` of a current object. */
export async function expirationMember(
  store: Store,
  bucket: Bucket,
  object: Subject & { modified: number },
): Promise<{ Expiration?: string }> {
  if (!bucket.lifecycle) return {};
  const expiration = expirationOf(await rulesOf(store, bucket), object);
  if (!expiration) return {};
  const rule = encodeURIComponent(expiration.rule.id);
  return { Expiration: `expiry-date="${new Date(expiration.at).toUTCString()}", rule-id="${rule}"` };
}

/** When an upload that has just begun will be aborted. */
export async function abortMembers(
  store: Store,
  bucket: Bucket,
  key: string,
  now: number,
): Promise<{ AbortDate?: Date; AbortRuleId?: string }> {
  if (!bucket.lifecycle) return {};
  const first = (await rulesOf(store, bucket))
    .filter((rule) => rule.abortDays !== undefined && appliesTo(rule, { key }))
    .sort((a, b) => a.abortDays! - b.abortDays!)[0];
  return first ? { AbortDate: new Date(dueAfter(now, first.abortDays!)), AbortRuleId: first.id } : {};
}
