/** How long an object lay in which class: the stretches that a bill counts. */

import { broughtBack, idleSince, infrequentDays, instantArchiveDays, watchedBytesMin } from '../intelligent-tiering/access.ts';
import { dayMilliseconds } from '../limits.ts';
import type { ObjectRecord } from '../tables.ts';
import { classOf, storageClasses } from './storage-class.ts';

/** `from` and `to` in milliseconds since the epoch, `to` exclusive. */
export type Stretch = { usageType: string; bytes: number; from: number; to: number };

/** Smaller objects of these classes are billed as if they were as large. */
const billedBytesMin = 128 * 1024;
const rounded: readonly string[] = ['STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR'];
/** What an archived object needs besides its bytes, in its class and in STANDARD: https://docs.aws.amazon.com/AmazonS3/latest/userguide/glacier-storage-classes.html */
const archiveIndexBytes = 32 * 1024;
const archiveNameBytes = 8 * 1024;

const standard = 'TimedStorage-ByteHrs';

/** The stretches of an object since it has its class, or was last read where tiers follow its readers; what was before is settled already. */
export function stretchesOf(object: ObjectRecord, now: number): Stretch[] {
  const own = ownStretches(object, now);
  return object.annotations ? [...own, ...annotationStretches(object, now)] : own;
}

/** Annotations are read at once whatever the object's class: they cost what STANDARD does. Since they last changed, or the object did. */
export function annotationStretches({ annotations, modified, arrived, classSince, accessed }: ObjectRecord, now: number): Stretch[] {
  if (!annotations) return [];
  const from = Math.max(annotations.since, arrived ?? modified, classSince ?? 0, accessed ?? 0);
  return [{ usageType: standard, bytes: annotations.bytes, from, to: now }];
}

function ownStretches(object: ObjectRecord, now: number): Stretch[] {
  const { modified, arrived, classSince, restore, size } = object;
  const from = Math.max(arrived ?? modified, classSince ?? 0);
  if (object.storageClass === 'INTELLIGENT_TIERING') return tiers(object, Math.max(from, object.accessed ?? 0), now);
  const name = classOf(object);
  const { billed, archived } = storageClasses[name];
  const usageType = name === 'STANDARD' ? standard : name === 'GLACIER' ? 'TimedStorage-GlacierByteHrs' : `TimedStorage-${billed}-ByteHrs`;
  const bytes = rounded.includes(name) ? Math.max(size, billedBytesMin) : archived ? size + archiveIndexBytes : size;
  const stretches: Stretch[] = [{ usageType, bytes, from, to: now }];
  if (archived) stretches.push({ usageType: standard, bytes: archiveNameBytes, from, to: now });
  if (restore?.until !== undefined && restore.due < now)
    stretches.push({ usageType: standard, bytes: size, from: restore.due, to: Math.min(restore.until, now) });
  return stretches;
}

/** Intelligent-Tiering counts by tier, and small objects in the frequent one for ever. What was archived and is back is as if it had been read then. */
function tiers(object: ObjectRecord, from: number, now: number): Stretch[] {
  const bytes = object.size;
  const at = (usageType: string, start: number, end: number): Stretch[] =>
    start < end ? [{ usageType: `TimedStorage-INT-${usageType}-ByteHrs`, bytes, from: start, to: end }] : [];
  if (bytes < watchedBytesMin) return at('FA', from, now);
  const archive = object.archiveTier === 'DEEP_ARCHIVE_ACCESS' ? 'DAA' : 'AA';
  const back = broughtBack(object, now);
  if (back !== object) return [...at(archive, from, back.accessed!), ...tiers(back, Math.max(from, back.accessed!), now)];
  if (object.archiveTier !== undefined) return at(archive, from, now);
  const idle = idleSince(object);
  const infrequent = Math.min(idle + infrequentDays * dayMilliseconds, now);
  const instant = Math.min(idle + instantArchiveDays * dayMilliseconds, now);
  return [...at('FA', from, infrequent), ...at('IA', Math.max(from, infrequent), instant), ...at('AIA', Math.max(from, instant), now)];
}
