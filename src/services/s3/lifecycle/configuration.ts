/** Reading a lifecycle configuration, with S3's words for what is wrong with it. */

import { invalidRequest, lifecycleArgument, lifecycleDate, malformedXml } from '../errors.ts';
import { dayMilliseconds, lifecycleRuleIdLengthMax, lifecycleRulesMax, lifecycleSizeBytesMax, objectTagsMax } from '../limits.ts';
import type { Input } from '../sdk.ts';
import type { LifecycleFilter, LifecycleRule, StorageClass } from '../tables.ts';

export type GivenRule = NonNullable<NonNullable<Input<'PutBucketLifecycleConfiguration'>['LifecycleConfiguration']>['Rules']>[number];

const classes: readonly string[] = ['STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER', 'GLACIER_IR', 'DEEP_ARCHIVE'];
/** Objects stay this long in STANDARD before they may come here. */
const infrequentDaysMin = 30;

/** Throws for the first fault: the number of rules and their ids, then rule by rule. `newId` names those without an id. */
export function readRules(given: readonly GivenRule[], newId: () => string): LifecycleRule[] {
  if (given.length === 0) throw malformedXml();
  if (given.length > lifecycleRulesMax)
    throw invalidRequest(`The number of lifecycle rules must not exceed the allowed limit of ${lifecycleRulesMax} rules.`);
  const ids = new Set<string>();
  for (const { ID } of given) {
    if (!ID) continue;
    if (ID.length > lifecycleRuleIdLengthMax)
      throw lifecycleArgument(`ID length should not exceed allowed limit of ${lifecycleRuleIdLengthMax}`);
    if (ids.has(ID)) throw lifecycleArgument('Rule ID must be unique. Found same ID for more than one rule');
    ids.add(ID);
  }
  // Filters came with the second version of the configuration, and are not mixed with the prefixes of the first.
  const second = given[0]!.Filter !== undefined;
  return given.map((rule) => readRule(rule, second, newId));
}

function readRule(given: GivenRule, second: boolean, newId: () => string): LifecycleRule {
  if (given.Status !== 'Enabled' && given.Status !== 'Disabled') throw malformedXml();
  if (given.Filter === undefined && given.Prefix === undefined) throw malformedXml();
  if (second && given.Prefix !== undefined)
    throw invalidRequest('Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.');
  if (!second && given.Filter !== undefined) throw invalidRequest('Filter element can only be used in Lifecycle V2.');
  const rule: LifecycleRule = { id: given.ID || newId(), enabled: given.Status === 'Enabled' };
  if (given.Filter === undefined) rule.prefix = given.Prefix!;
  else rule.filter = readFilter(given.Filter);
  readActions(rule, given);
  checkActions(rule);
  return rule;
}

type GivenFilter = NonNullable<GivenRule['Filter']>;

function readFilter({ Prefix, Tag, ObjectSizeGreaterThan, ObjectSizeLessThan, And }: GivenFilter): LifecycleFilter {
  const given = [Prefix, Tag, ObjectSizeGreaterThan, ObjectSizeLessThan, And].filter((one) => one !== undefined);
  if (given.length > 1) throw malformedXml();
  if (!And)
    return sized({ ...(Prefix !== undefined && { Prefix }), ...(Tag && { Tag: tagOf(Tag) }) }, ObjectSizeGreaterThan, ObjectSizeLessThan);
  const tags = (And.Tags ?? []).map(tagOf);
  const parts = [And.Prefix, And.ObjectSizeGreaterThan, And.ObjectSizeLessThan].filter((one) => one !== undefined).length + tags.length;
  if (parts < 2 || tags.length > objectTagsMax) throw malformedXml();
  if (new Set(tags.map((tag) => tag.Key)).size < tags.length) throw invalidRequest('Duplicate Tag Keys are not allowed.');
  const all = { ...(And.Prefix !== undefined && { Prefix: And.Prefix }), ...(tags.length > 0 && { Tags: tags }) };
  return { And: sized(all, And.ObjectSizeGreaterThan, And.ObjectSizeLessThan) };
}

function tagOf({ Key, Value }: { Key?: string | undefined; Value?: string | undefined }) {
  if (!Key) throw malformedXml();
  return { Key, Value: Value ?? '' };
}

function sized<Filter extends object>(filter: Filter, greater: number | undefined, less: number | undefined) {
  const outside = (size: number, min: number) => size < min || size > lifecycleSizeBytesMax;
  if (greater !== undefined && outside(greater, 0))
    throw invalidRequest(`'ObjectSizeGreaterThan' should be between 0 and ${lifecycleSizeBytesMax}.`);
  if (less !== undefined && outside(less, 1))
    throw invalidRequest(`'ObjectSizeLessThan' should be between 1 and ${lifecycleSizeBytesMax}.`);
  if (greater !== undefined && less !== undefined && less <= greater)
    throw invalidRequest("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
  return {
    ...filter,
    ...(greater !== undefined && { ObjectSizeGreaterThan: greater }),
    ...(less !== undefined && { ObjectSizeLessThan: less }),
  };
}

function readActions(rule: LifecycleRule, given: GivenRule): void {
  const { Expiration, NoncurrentVersionExpiration: noncurrent, AbortIncompleteMultipartUpload: abort } = given;
  if (Expiration) rule.expiration = readExpiration(Expiration);
  if (given.Transitions?.length) rule.transitions = given.Transitions.map(readTransition);
  if (given.NoncurrentVersionTransitions?.length)
    rule.noncurrentTransitions = given.NoncurrentVersionTransitions.map(readNoncurrentTransition);
  if (noncurrent) {
    if (noncurrent.NoncurrentDays === undefined) throw malformedXml();
    const days = positive(noncurrent.NoncurrentDays, "'NoncurrentDays' for NoncurrentVersionExpiration action");
    rule.noncurrentExpiration = { days, ...newerOf(noncurrent.NewerNoncurrentVersions) };
  }
  if (abort) {
    if (abort.DaysAfterInitiation === undefined) throw malformedXml();
    rule.abortDays = positive(abort.DaysAfterInitiation, "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action");
  }
}

function readExpiration({ Date: date, Days, ExpiredObjectDeleteMarker: marker }: NonNullable<GivenRule['Expiration']>) {
  if ([date, Days, marker].filter((one) => one !== undefined).length !== 1) throw malformedXml();
  if (date) return { date: midnight(date) };
  if (marker !== undefined) return { deleteMarker: marker };
  return { days: positive(Days!, "'Days' for Expiration action") };
}

function readTransition({ Date: date, Days: days, StorageClass: name }: NonNullable<GivenRule['Transitions']>[number]) {
  if ((date === undefined) === (days === undefined)) throw malformedXml();
  const storageClass = classNamed(name);
  if (date) return { storageClass, date: midnight(date) };
  if (days! < 0) throw lifecycleArgument("'Days' in Transition action must be nonnegative");
  checkInfrequent("'Days' in Transition action", days!, storageClass);
  return { storageClass, days: days! };
}

function readNoncurrentTransition(given: NonNullable<GivenRule['NoncurrentVersionTransitions']>[number]) {
  const storageClass = classNamed(given.StorageClass);
  if (given.NoncurrentDays === undefined) throw malformedXml();
  if (given.NoncurrentDays < 0) throw lifecycleArgument("'NoncurrentDays' in NoncurrentVersionTransition action must be nonnegative");
  checkInfrequent("'NoncurrentDays' in NoncurrentVersionTransition action", given.NoncurrentDays, storageClass);
  return { storageClass, days: given.NoncurrentDays, ...newerOf(given.NewerNoncurrentVersions) };
}

function classNamed(name: string | undefined): StorageClass {
  if (name === undefined || !classes.includes(name)) throw malformedXml();
  return name as StorageClass;
}

function checkInfrequent(what: string, days: number, storageClass: StorageClass): void {
  if (days < infrequentDaysMin && (storageClass === 'STANDARD_IA' || storageClass === 'ONEZONE_IA'))
    throw lifecycleArgument(`${what} must be greater than or equal to ${infrequentDaysMin} for storageClass '${storageClass}'`);
}

function newerOf(newer: number | undefined): { newer?: number } {
  return newer === undefined ? {} : { newer: positive(newer, "'NewerNoncurrentVersions'") };
}

function positive(value: number, what: string): number {
  if (!Number.isInteger(value) || value < 1) throw lifecycleArgument(`${what} must be a positive integer`);
  return value;
}

function midnight(date: Date): number {
  if (Number.isNaN(date.getTime()) || date.getTime() % dayMilliseconds !== 0) throw lifecycleDate(date);
  return date.getTime();
}

/** What actions of one rule must be to each other, and to its filter. */
function checkActions(rule: LifecycleRule): void {
  const { expiration, transitions = [], noncurrentTransitions = [], noncurrentExpiration, abortDays, filter } = rule;
  if (!expiration && !noncurrentExpiration && abortDays === undefined && transitions.length + noncurrentTransitions.length === 0)
    throw invalidRequest('At least one action needs to be specified in a rule');
  const narrowed = filter && narrowing(filter);
  if (narrowed && expiration?.deleteMarker !== undefined)
    throw invalidRequest(`ExpiredObjectDeleteMarker cannot be specified with ${narrowed}.`);
  if (narrowed && abortDays !== undefined) throw invalidRequest(`AbortIncompleteMultipartUpload cannot be specified with ${narrowed}.`);
  for (const [name, moves] of [
    ['Transition', transitions],
    ['NoncurrentVersionTransition', noncurrentTransitions],
  ] as const)
    if (new Set(moves.map((move) => move.storageClass)).size < moves.length)
      throw invalidRequest(`'StorageClass' must be different for '${name}' actions in same 'Rule' ${scopeOf(rule)}`);
  checkTimes(rule);
}

function checkTimes(rule: LifecycleRule): void {
  const { expiration = {}, transitions = [] } = rule;
  const timed = [expiration, ...transitions];
  if (timed.some((action) => action.date !== undefined) && timed.some((action) => action.days !== undefined))
    throw invalidRequest(`Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule ${scopeOf(rule)}`);
  for (const kind of ['days', 'date'] as const) {
    const name = kind === 'days' ? 'Days' : 'Date';
    for (const transition of transitions)
      if (expiration[kind] !== undefined && transition[kind] !== undefined && expiration[kind] <= transition[kind])
        throw lifecycleArgument(
          `'${name}' in the Expiration action ${scopeOf(rule)} must be greater than '${name}' in the Transition action`,
        );
  }
}

function narrowing({ Tag, And, ObjectSizeGreaterThan, ObjectSizeLessThan }: LifecycleFilter): 'Tags' | 'Object Size' | undefined {
  if (Tag || And?.Tags) return 'Tags';
  const sizes = [ObjectSizeGreaterThan, ObjectSizeLessThan, And?.ObjectSizeGreaterThan, And?.ObjectSizeLessThan];
  return sizes.some((size) => size !== undefined) ? 'Object Size' : undefined;
}

function scopeOf({ prefix, filter }: LifecycleRule): string {
  return filter ? `for filter '(prefix=${filter.Prefix ?? filter.And?.Prefix ?? ''})'` : `for prefix '${prefix ?? ''}'`;
}
