/** A retention rule: what it may say, its lock, and how it is shown. */

import type { ResourceTag, RetentionPeriod } from '@aws-sdk/client-rbin';
import { retentionRules, type RetainedType, type RetentionRule, type RuleTag } from '../../../framework/recycle-bin.ts';
import { tagFault, type Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { quotaExceeded, ruleConflict, ruleNotFound, validation } from '../errors.ts';
import * as limits from '../limits.ts';

export type Place = { readonly account: string; readonly region: string };

export const ruleArn = ({ account, region, id }: Place & { id: string }): string => `arn:aws:rbin:${region}:${account}:rule/${id}`;

/** Throws ResourceNotFoundException. */
export async function requireRule(tx: ReadTransaction, { account, region }: Place, id: string): Promise<RetentionRule> {
  const rule = await retentionRules.get(tx, account, region, id.slice(0, 100));
  if (!rule) throw ruleNotFound(id);
  return rule;
}

/** A lock ends when its delay after UnlockRule has passed. */
export function lockState({ lock }: RetentionRule, now: number): 'locked' | 'pending_unlock' | 'unlocked' {
  if (!lock || (lock.until !== undefined && lock.until <= now)) return 'unlocked';
  return lock.until === undefined ? 'locked' : 'pending_unlock';
}

/** Throws ConflictException for a rule that is locked, or still is for a while. */
export function requireUnlocked(rule: RetentionRule, now: number): void {
  const state = lockState(rule, now);
  if (state !== 'unlocked') throw ruleConflict(`The rule ${rule.id} is in the state ${state}.`);
}

const types: readonly string[] = ['EBS_SNAPSHOT', 'EC2_IMAGE', 'EBS_VOLUME'] satisfies RetainedType[];

export function typeOf(given: string | undefined): RetainedType {
  if (given === undefined || !types.includes(given)) throw validation(`ResourceType must be one of ${types.join(', ')}.`);
  return given as RetainedType;
}

export function daysOf({ RetentionPeriodValue: days, RetentionPeriodUnit: unit }: Partial<RetentionPeriod>, type: RetainedType): number {
  const { min, max } = limits.retentionDays;
  const most = type === 'EBS_VOLUME' ? limits.volumeRetentionDaysMax : max;
  if (unit !== 'DAYS') throw validation('RetentionPeriodUnit must be DAYS.');
  if (!Number.isInteger(days) || days! < min || days! > most) throw validation(`RetentionPeriodValue must be from ${min} to ${most}.`);
  return days!;
}

export function descriptionOf(given: string): string {
  if (given.length > limits.descriptionCharactersMax || !/^[\S ]*$/.test(given)) throw validation('The description is not valid.');
  return given;
}

/** @param max how many there may be. */
export function ruleTagsOf(given: readonly ResourceTag[] | undefined, max: number): RuleTag[] {
  if ((given ?? []).length > max) throw validation(`A rule may have up to ${max} of these tags.`);
  return (given ?? []).map(({ ResourceTagKey: key = '', ResourceTagValue: value }) => {
    if (key.length < 1 || key.length > 128) throw validation('ResourceTagKey must have 1 to 128 characters.');
    if ((value ?? '').length > 256) throw validation('ResourceTagValue may have up to 256 characters.');
    return { key, ...(value !== undefined && { value }) };
  });
}

export function checkTags(tags: Tag[]): Tag[] {
  const fault = tagFault(tags);
  if (!fault) return tags;
  if (fault.kind === 'tooMany') throw quotaExceeded(`A rule may have up to ${fault.max} tags.`);
  throw validation(`The tag ${fault.key} is not valid: ${fault.kind}.`);
}

/** Throws ValidationException for what no rule can be, and ServiceQuotaExceededException for a tag that enough rules have. */
export async function checkRule(tx: ReadTransaction, rule: RetentionRule): Promise<void> {
  if (rule.resourceTags.length > 0 && rule.excludeTags.length > 0)
    throw validation('Exclusion tags are for rules of a region: a rule with resource tags has none.');
  const others = (await retentionRules.scan(tx, [rule.account, rule.region])).map(({ row }) => row).filter(({ id }) => id !== rule.id);
  if (others.length >= limits.rulesPerRegionMax) throw quotaExceeded(`A region may have up to ${limits.rulesPerRegionMax} rules.`);
  for (const { key, value } of rule.resourceTags) {
    const same = others.filter(({ resourceTags }) => resourceTags.some((one) => one.key === key && one.value === value));
    if (same.length >= limits.rulesPerTagMax) throw quotaExceeded(`The tag ${key} is in ${limits.rulesPerTagMax} rules already.`);
  }
}

/** Throws ValidationException where the rule has tags: only a whole region's is locked. */
export function lockFor(
  { resourceTags, excludeTags }: RetentionRule,
  given: { UnlockDelay?: { UnlockDelayValue?: number | undefined; UnlockDelayUnit?: string | undefined } | undefined },
): { days: number } {
  if (resourceTags.length > 0 || excludeTags.length > 0) throw validation('Only a rule of a region without exclusion tags can be locked.');
  const { UnlockDelayValue: days, UnlockDelayUnit: unit } = given.UnlockDelay ?? {};
  const { min, max } = limits.unlockDays;
  if (unit !== 'DAYS') throw validation('UnlockDelayUnit must be DAYS.');
  if (!Number.isInteger(days) || days! < min || days! > max) throw validation(`UnlockDelayValue must be from ${min} to ${max}.`);
  return { days: days! };
}

const shownTag = ({ key, value }: RuleTag) => ({ ResourceTagKey: key, ...(value !== undefined && { ResourceTagValue: value }) });

export const periodOf = ({ days }: RetentionRule) => ({ RetentionPeriodValue: days, RetentionPeriodUnit: 'DAYS' as const });

/** What all answers about a rule say. */
export function shownRule(rule: RetentionRule, now: number) {
  const state = lockState(rule, now);
  const { lock } = rule;
  return {
    ...{ Identifier: rule.id, Description: rule.description, RetentionPeriod: periodOf(rule), RuleArn: ruleArn(rule) },
    // The SDK's own list of types is older.
    ...{ ResourceType: rule.type as 'EBS_SNAPSHOT' | 'EC2_IMAGE', Status: 'available' as const, LockState: state },
    ResourceTags: rule.resourceTags.map(shownTag),
    ...(rule.excludeTags.length > 0 && { ExcludeResourceTags: rule.excludeTags.map(shownTag) }),
    ...(state !== 'unlocked' && {
      LockConfiguration: { UnlockDelay: { UnlockDelayValue: lock!.days, UnlockDelayUnit: 'DAYS' as const } },
    }),
    ...(state === 'pending_unlock' && { LockEndTime: new Date(lock!.until!) }),
  };
}
