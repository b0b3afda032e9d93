/** Retention rules of the recycle bin: Recycle Bin writes them, EC2 asks them when something is deleted. https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin.html */

import type { ReadTransaction } from '../store/store.ts';
import { table } from '../store/table.ts';
import type { Tag } from './tags.ts';

export type RetainedType = 'EBS_SNAPSHOT' | 'EC2_IMAGE' | 'EBS_VOLUME';

/** A tag of resources; without a value, any. */
export type RuleTag = { key: string; value?: string };

export type RetentionRule = {
  account: string;
  region: string;
  /** Eleven letters and digits. */
  id: string;
  created: number;
  type: RetainedType;
  days: number;
  description: string;
  /** What has one of these is retained; a rule without any is of the whole region. */
  resourceTags: RuleTag[];
  /** What has one of these is not, by a rule of the region. */
  excludeTags: RuleTag[];
  /** It cannot be changed; `until` in cloud time, once it is to be unlocked. */
  lock?: { days: number; until?: number };
  tags: Tag[];
};

export const retentionRules = table<RetentionRule>('rbin/rules', { key: (row) => [row.account, row.region, row.id] });

const has = (tags: readonly Tag[], { key, value }: RuleTag): boolean =>
  tags.some((tag) => tag.Key === key && (value === undefined || tag.Value === value));

/**
 * For how many days a resource that is deleted now is kept; undefined when it is not. Rules for its tags come before those of the region,
 * the longest of them first.
 */
export async function retentionDays(
  tx: ReadTransaction,
  { account, region, tags = [] }: { account: string; region: string; tags?: readonly Tag[] },
  type: RetainedType,
): Promise<number | undefined> {
  const rules = (await retentionRules.scan(tx, [account, region])).map(({ row }) => row).filter((rule) => rule.type === type);
  const tagged = rules.filter(({ resourceTags }) => resourceTags.some((one) => has(tags, one)));
  const regional = rules.filter(({ resourceTags, excludeTags }) => resourceTags.length === 0 && !excludeTags.some((one) => has(tags, one)));
  const deciding = tagged.length > 0 ? tagged : regional;
  return deciding.length === 0 ? undefined : Math.max(...deciding.map(({ days }) => days));
}
