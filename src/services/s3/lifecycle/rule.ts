/** What a lifecycle rule means: which objects it is for, and when each of its actions is due: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html */

import type { Random } from '../../../framework/random.ts';
import { dayMilliseconds } from '../limits.ts';
import type { LifecycleFilter, LifecycleRule, StorageClass, Tag } from '../tables.ts';

const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const idLength = 48;

/** The id of a rule that was put without one. */
export function newRuleId(random: Random): string {
  return random.text(idLength, idAlphabet);
}

/** What filters look at. */
export type Subject = { key: string; size?: number; tags?: readonly Tag[] };

export function appliesTo({ enabled, prefix, filter }: LifecycleRule, subject: Subject): boolean {
  if (!enabled) return false;
  return filter ? matchesFilter(filter, subject) : subject.key.startsWith(prefix ?? '');
}

export function matchesFilter(
  { Prefix, Tag, ObjectSizeGreaterThan: greater, ObjectSizeLessThan: less, And }: LifecycleFilter,
  subject: Subject,
): boolean {
  if (Prefix !== undefined && !subject.key.startsWith(Prefix)) return false;
  if (Tag && !hasTag(subject, Tag)) return false;
  if (greater !== undefined && !(subject.size !== undefined && subject.size > greater)) return false;
  if (less !== undefined && !(subject.size !== undefined && subject.size < less)) return false;
  if (!And) return true;
  const { Tags = [], ...rest } = And;
  return Tags.every((tag) => hasTag(subject, tag)) && matchesFilter(rest, subject);
}

function hasTag({ tags = [] }: Subject, { Key, Value }: Tag): boolean {
  return tags.some((tag) => tag.Key === Key && tag.Value === Value);
}

export function filtersBySize({ filter }: LifecycleRule): boolean {
  const sizes = [
    filter?.ObjectSizeGreaterThan,
    filter?.ObjectSizeLessThan,
    filter?.And?.ObjectSizeGreaterThan,
    filter?.And?.ObjectSizeLessThan,
  ];
  return sizes.some((size) => size !== undefined);
}

/** So many days after a moment, rounded up to the next midnight UTC: intro-lifecycle-rules.html#intro-lifecycle-rules-number-of-days */
export function dueAfter(moment: number, days: number): number {
  return (Math.floor(moment / dayMilliseconds) + days + 1) * dayMilliseconds;
}

/** When an action on a current object is due: on a date, or so many days after the object was made. */
export function dueAt(action: { date?: number; days?: number }, made: number): number | undefined {
  return action.date ?? (action.days === undefined ? undefined : dueAfter(made, action.days));
}

/** What of a current object is due first to be its end. */
export function expirationOf(
  rules: readonly LifecycleRule[],
  object: Subject & { modified: number },
): { at: number; rule: LifecycleRule } | undefined {
  let first: { at: number; rule: LifecycleRule } | undefined;
  for (const rule of rules) {
    const at = rule.expiration && appliesTo(rule, object) ? dueAt(rule.expiration, object.modified) : undefined;
    if (at !== undefined && (!first || at < first.at)) first = { at, rule };
  }
  return first;
}

/** Objects move down this list and never up: lifecycle-transition-general-considerations.html */
const waterfall: readonly ('STANDARD' | StorageClass)[] = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
];

export function isBelow(target: StorageClass, current: 'STANDARD' | StorageClass): boolean {
  return waterfall.indexOf(target) > waterfall.indexOf(current);
}
