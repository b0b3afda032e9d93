/**
 * Meters what is stored, by bucket, class and hour: of small buckets each hour of the cloud's clock, of large ones once a day, a page at a
 * time. What goes or changes its class meanwhile has been metered by then (settlement.ts).
 */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { dayMilliseconds, hourMilliseconds } from '../limits.ts';
import {
  buckets,
  lifecycleSweeps,
  objects,
  parts,
  storageMeters,
  tieringConfigurations,
  tieringSweeps,
  uploads,
  versions,
  type Bucket,
} from '../tables.ts';
import { isDeleteMarker } from '../versions/version.ts';
import { addStretch, byteHours, type ByteHours } from './byte-hours.ts';
import { stretchesOf } from './hours.ts';
import { meterHours, meteredUntil } from './settlement.ts';

/** Rows that are read at once: requests wait for no more than that. */
const rowsPerPage = 100;
/** Buckets with more rows are metered once a day. */
const hourlyRowsMax = 20_000;

export const storageMeter: Reconciler = {
  name: 's3/storage-meter',
  watches: [lifecycleSweeps, tieringSweeps],
  run: async (context) => {
    for await (const bucket of buckets.each(context.store)) await meterBucket(context, bucket);
    return { nextAt: (Math.floor(context.now / hourMilliseconds) + 1) * hourMilliseconds };
  },
};

async function meterBucket(context: ReconcilerContext, bucket: Bucket): Promise<void> {
  const { store, now } = context;
  const midnight = Math.floor(now / dayMilliseconds) * dayMilliseconds;
  const last = await store.read((tx) => storageMeters.get(tx, bucket.name));
  const from = meteredUntil(bucket, last);
  const until = (last?.rows ?? 0) > hourlyRowsMax ? midnight : Math.floor(now / hourMilliseconds) * hourMilliseconds;
  if (from >= until) return;
  // What was due at midnight is done first: it says since when an object has its class. Their commits wake this reconciler.
  if (from < midnight && !(await isSwept(context, bucket, midnight))) return;
  const hours = byteHours(Math.floor(from / hourMilliseconds) * hourMilliseconds, until);
  const rows = await addAll(context, bucket, hours, from);
  const { created, name } = bucket;
  await store.write((tx) => storageMeters.put(tx, { bucket: name, created, until, rows }));
  meterHours(context, bucket, hours);
}

/** Whether all that changes classes and tiers at a midnight has been done. */
async function isSwept({ store }: ReconcilerContext, { name, lifecycle }: Bucket, midnight: number): Promise<boolean> {
  return store.read(async (tx) => {
    if (lifecycle && (await lifecycleSweeps.get(tx, name))?.at !== midnight) return false;
    const tiers = (await tieringConfigurations.scan(tx, [name], { limit: 1 })).length > 0;
    return !tiers || (await tieringSweeps.get(tx, 'all'))?.at === midnight;
  });
}

/** Returns how many rows there are. */
async function addAll({ store, signal, giveWay }: ReconcilerContext, { name }: Bucket, hours: ByteHours, after: number): Promise<number> {
  let rows = 0;
  for await (const object of objects.each(store, [name], rowsPerPage)) {
    signal.throwIfAborted();
    if (++rows % rowsPerPage === 0) await giveWay();
    for (const stretch of stretchesOf(object, hours.until)) addStretch(hours, stretch, after);
  }
  for await (const version of versions.each(store, [name], rowsPerPage)) {
    if (++rows % rowsPerPage === 0) await giveWay();
    if (!isDeleteMarker(version)) for (const stretch of stretchesOf(version, hours.until)) addStretch(hours, stretch, after);
  }
  for await (const { id } of uploads.each(store, [name]))
    for await (const { size, modified } of parts.each(store, [id])) {
      rows++;
      addStretch(hours, { usageType: 'TimedStorage-ByteHrs', bytes: size, from: modified, to: hours.until }, after);
    }
  return rows;
}
