/** Who reads in Intelligent-Tiering keeps warm what is read. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Found } from '../buckets/lookup.ts';
import { dayMilliseconds } from '../limits.ts';
import { settleHours } from '../storage-classes/settlement.ts';
import type { ObjectRecord } from '../tables.ts';
import { findObject, updateVersion } from '../versions/history.ts';
import { broughtBack, idleSince, watchedBytesMin } from './access.ts';

/** Notes that an object was read. A day is as finely as tiers look, so most reads write nothing. */
export function noteAccess(request: ServiceRequest, found: Found, object: ObjectRecord): void | Promise<void> {
  if (object.storageClass !== 'INTELLIGENT_TIERING' || object.size < watchedBytesMin) return undefined;
  if (object.archiveTier === undefined && request.now - idleSince(object) < dayMilliseconds) return undefined;
  return warm(request, found, object);
}

/** The hours of the tier in which it was are settled. */
async function warm(request: ServiceRequest, found: Found, object: ObjectRecord): Promise<void> {
  const before = await request.store.write(async (tx) => {
    const present = await findObject(tx, object.bucket, object.key, found.version);
    if (present?.storageClass !== 'INTELLIGENT_TIERING' || present.version !== object.version) return undefined;
    await updateVersion(tx, { ...broughtBack(present, request.now), accessed: request.now });
    return present;
  }, 'relaxed');
  if (before) await settleHours(request, found.bucket, before, request.now);
}
