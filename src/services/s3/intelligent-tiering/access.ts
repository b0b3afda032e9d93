/** Intelligent-Tiering follows who reads: what was not read for long grows colder, and comes back when it is. */

import { inClassSince, isRestored } from '../storage-classes/storage-class.ts';
import type { ObjectRecord } from '../tables.ts';

/** Smaller objects are not watched, and stay in the tier for frequent access. */
export const watchedBytesMin = 128 * 1024;
export const infrequentDays = 30;
export const instantArchiveDays = 90;

/** Since when nobody has read an object. */
export function idleSince(object: ObjectRecord): number {
  return object.accessed ?? inClassSince(object);
}

/** An object that was brought back from an archive tier is as if it had just been read. */
export function broughtBack<Record extends ObjectRecord>(object: Record, now: number): Record {
  if (object.archiveTier === undefined || !isRestored(object.restore, now)) return object;
  const { archiveTier: _tier, restore, ...rest } = object;
  return { ...rest, accessed: restore!.due } as Record;
}
