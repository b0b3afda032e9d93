/** Lifecycle rules as a form holds them and as a time line draws them. */

import {
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  type LifecycleRuleFilter,
  type NoncurrentVersionTransition,
  type Transition,
  type TransitionDefaultMinimumObjectSize,
  type TransitionStorageClass,
} from '@aws-sdk/client-s3';
import { read, type Values } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import type { Tag } from '../resource/tags.tsx';
import { s3 } from './client.ts';

/** In the order in which objects may move. */
export const classes: readonly TransitionStorageClass[] = [
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
];

export type LifecycleSet = { rules: readonly LifecycleRule[]; minimum: TransitionDefaultMinimumObjectSize | undefined };

/** A bucket's rules; one without any has none. */
export async function loadRules(bucket: string): Promise<LifecycleSet> {
  try {
    const answer = await s3().send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
    return { rules: answer.Rules ?? [], minimum: answer.TransitionDefaultMinimumObjectSize };
  } catch (error) {
    if ((error as Error).name === 'NoSuchLifecycleConfiguration') return { rules: [], minimum: undefined };
    throw error;
  }
}

export type Scope = { prefix: string; tags: readonly Tag[]; larger: number | undefined; smaller: number | undefined };

/** Whichever of S3's ways a rule says what it applies to; the oldest has the prefix beside the filter. */
export function scopeOf(rule: LifecycleRule): Scope {
  const filter = rule.Filter;
  const several = filter?.And;
  const tags = several?.Tags ?? (filter?.Tag ? [filter.Tag] : []);
  return {
    prefix: several?.Prefix ?? filter?.Prefix ?? (rule as { Prefix?: string }).Prefix ?? '',
    tags: tags.map(({ Key, Value }) => ({ Key: Key!, Value: Value! })),
    larger: several?.ObjectSizeGreaterThan ?? filter?.ObjectSizeGreaterThan,
    smaller: several?.ObjectSizeLessThan ?? filter?.ObjectSizeLessThan,
  };
}

function filterOf({ prefix, tags, larger, smaller }: Scope): LifecycleRuleFilter {
  const bounds = {
    ...(larger !== undefined && { ObjectSizeGreaterThan: larger }),
    ...(smaller !== undefined && { ObjectSizeLessThan: smaller }),
  };
  const conditions = (prefix === '' ? 0 : 1) + tags.length + Object.keys(bounds).length;
  if (conditions > 1) return { And: { ...(prefix !== '' && { Prefix: prefix }), ...(tags.length > 0 && { Tags: [...tags] }), ...bounds } };
  if (tags[0]) return { Tag: tags[0] };
  return Object.keys(bounds).length > 0 ? bounds : { Prefix: prefix };
}

/** The rule that a form's values say. Of moves on dates it has words for one; the others are kept of the rule that is edited. */
export function ruleOf(values: Values, edited?: LifecycleRule): LifecycleRule {
  const days = (name: string): number | undefined => read.number(values, name);
  const moves = classes.flatMap((StorageClass): Transition[] => {
    const Days = days(`to-${StorageClass}`);
    return Days === undefined ? [] : [{ Days, StorageClass }];
  });
  const date = (name: string): Date | undefined => midnightOf(read.text(values, name));
  const [, ...otherDates] = datedMoves(edited);
  const moveOn = date('move-date');
  const StorageClass = (read.text(values, 'move-class') ?? classes[0]) as TransitionStorageClass;
  const dated = moveOn ? [{ Date: moveOn, StorageClass }, ...otherDates] : otherDates;
  const expire = days('expire');
  const expireOn = expire === undefined ? date('expire-date') : undefined;
  const expiration = {
    ...(expire !== undefined && { Days: expire }),
    ...(expireOn && { Date: expireOn }),
    ...(!expireOn && read.flag(values, 'markers') && { ExpiredObjectDeleteMarker: true }),
  };
  const abort = days('abort');
  const transitions = [...moves, ...dated].sort((a, b) => (a.Days ?? 0) - (b.Days ?? 0));
  return {
    ID: read.text(values, 'name'),
    Status: read.flag(values, 'enabled') ? 'Enabled' : 'Disabled',
    Filter: filterOf({
      prefix: read.text(values, 'prefix') ?? '',
      tags: read.tags(values) ?? [],
      larger: days('larger'),
      smaller: days('smaller'),
    }),
    ...(transitions.length > 0 && { Transitions: transitions }),
    ...(Object.keys(expiration).length > 0 && { Expiration: expiration }),
    ...(read.flag(values, 'noncurrent') && noncurrentOf(values, edited)),
    ...(abort !== undefined && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abort } }),
  };
}

/** Moves on a date, which S3 takes at midnight of UTC only. */
export const datedMoves = ({ Transitions = [] }: Pick<LifecycleRule, 'Transitions'> = {}): Transition[] =>
  Transitions.filter((move) => move.Date !== undefined);

const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** Undefined for what is no date. */
export function midnightOf(text: string | undefined): Date | undefined {
  const date = new Date(`${text}T00:00:00Z`);
  return text !== undefined && datePattern.test(text) && !Number.isNaN(date.getTime()) ? date : undefined;
}

type Noncurrent = Pick<LifecycleRule, 'NoncurrentVersionTransitions' | 'NoncurrentVersionExpiration'>;

/** How many newer versions stay, as the form shows it: one number, though each move may have its own. */
export function newerOf({ NoncurrentVersionExpiration: end, NoncurrentVersionTransitions: moves = [] }: Noncurrent): number | undefined {
  return end?.NewerNoncurrentVersions ?? moves[0]?.NewerNoncurrentVersions;
}

/** Numbers of newer versions stay as they were in the rule that is edited, each its own, until the form's is changed. */
function noncurrentOf(values: Values, edited: Noncurrent = {}): Noncurrent {
  const newer = read.number(values, 'newer');
  const same = newer === newerOf(edited);
  const keep = (before: { NewerNoncurrentVersions?: number | undefined } | undefined) => {
    const kept = same && before ? before.NewerNoncurrentVersions : newer;
    return kept === undefined ? {} : { NewerNoncurrentVersions: kept };
  };
  const expire = read.number(values, 'old-expire');
  const moves = classes
    .flatMap((StorageClass): NoncurrentVersionTransition[] => {
      const days = read.number(values, `old-to-${StorageClass}`);
      const before = edited.NoncurrentVersionTransitions?.find((move) => move.StorageClass === StorageClass);
      return days === undefined ? [] : [{ NoncurrentDays: days, StorageClass, ...keep(before) }];
    })
    .sort((a, b) => a.NoncurrentDays! - b.NoncurrentDays!);
  return {
    ...(moves.length > 0 && { NoncurrentVersionTransitions: moves }),
    ...(expire !== undefined && {
      NoncurrentVersionExpiration: { NoncurrentDays: expire, ...keep(edited.NoncurrentVersionExpiration) },
    }),
  };
}

/** Whether a rule does anything at all; S3 refuses one that does not. */
export function doesSomething(rule: LifecycleRule): boolean {
  return Boolean(
    rule.Transitions ??
    rule.Expiration ??
    rule.NoncurrentVersionTransitions ??
    rule.NoncurrentVersionExpiration ??
    rule.AbortIncompleteMultipartUpload,
  );
}

/** One thing that comes of age: on a day after the upload, or after it became noncurrent; `class` absent where it is deleted. */
export type Stop = { day: number; class?: string };

/** The moves and the end by day, for current or for noncurrent versions; what has a date is no day of age and left out. */
export function stopsOf(rule: LifecycleRule, noncurrent: boolean): Stop[] {
  const moves = noncurrent
    ? (rule.NoncurrentVersionTransitions ?? []).map((move) => ({ day: move.NoncurrentDays, class: move.StorageClass! }))
    : (rule.Transitions ?? []).map((move) => ({ day: move.Days, class: move.StorageClass! }));
  const end = noncurrent ? rule.NoncurrentVersionExpiration?.NoncurrentDays : rule.Expiration?.Days;
  const stops: { day: number | undefined; class?: string }[] = [...moves, ...(end === undefined ? [] : [{ day: end }])];
  return stops.filter((stop): stop is Stop => stop.day !== undefined).sort((a, b) => a.day - b.day);
}

/** Moves and ends that have a date, not a day of age. */
export function datesText({ Transitions = [], Expiration }: LifecycleRule): string[] {
  const moves = Transitions.filter((move) => move.Date).map((move) => `${timeText(move.Date)} → ${move.StorageClass}`);
  return Expiration?.Date ? [...moves, `${timeText(Expiration.Date)} → ✕`] : moves;
}
