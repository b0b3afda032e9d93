/** Intelligent-Tiering follows who reads: what was not read for long grows colder, and comes back when it is. */

import type { Found } from '../buckets/lookup.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { inClassSince, isRestored } from '../storage-classes/storage-class.ts';
import type { ObjectRecord } from '../tables.ts';
import { findObject, updateVersion } from '../versions/history.ts';

export const dayMilliseconds = 86_400_000;
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

/** Notes that an object was read. A day is as finely as tiers look, so most reads write nothing. */
export function noteAccess(request: ServiceRequest, found: Found, object: ObjectRecord): void | Promise<void> {
  if (object.storageClass !== 'INTELLIGENT_TIERING' || object.size < watchedBytesMin) return undefined;
  if (object.archiveTier === undefined && request.now - idleSince(object) < dayMilliseconds) return undefined;
  return request.store.write(async (tx) => {
    const present = await findObject(tx, object.bucket, object.key, found.version);
    if (present?.storageClass !== 'INTELLIGENT_TIERING' || present.version !== object.version) return;
    await updateVersion(tx, { ...broughtBack(present, request.now), accessed: request.now });
  }, 'relaxed');
}
