/**
 * Meters what is stored: by bucket, class and hour, once a day at midnight of the cloud's clock, a page at a time. What was deleted
 * since the last time is not counted for the hours of its last day.
 */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { buckets, objects, parts, storageMeters, uploads, versions, type Bucket } from '../tables.ts';
import { isDeleteMarker } from '../versions/version.ts';
import { stretchesOf, type Stretch } from './hours.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Rows that are read at once: requests wait for no more than that. */
const rowsPerPage = 100;
const hourlySpanMax = 100 * day;

export const storageMeter: Reconciler = {
  name: 's3/storage-meter',
  run: async (context) => {
    const midnight = Math.floor(context.now / day) * day;
    for await (const bucket of buckets.each(context.store)) await meterBucket(context, bucket, midnight);
    return { nextAt: midnight + day };
  },
};

async function meterBucket(context: ReconcilerContext, bucket: Bucket, until: number): Promise<void> {
  const { store, meter } = context;
  const last = await store.read((tx) => storageMeters.get(tx, bucket.name));
  const from = Math.floor((last && last.created === bucket.created ? last.until : bucket.created) / hour) * hour;
  if (from >= until) return;
  const hours = byteHours(from, until);
  await addAll(context, bucket, hours);
  const place = {
    resource: bucketArn(bucket.name),
    account: bucket.account,
    region: bucket.region,
    service: 's3',
    operation: 'StandardStorage',
  };
  const { created, name } = bucket;
  await store.write((tx) => storageMeters.put(tx, { bucket: name, created, until }));
  for (const { usageType, at, quantity } of sumsOf(hours)) meter.record({ ...place, usageType, quantity, unit: 'ByteHours', at });
}

async function addAll({ store, signal, giveWay }: ReconcilerContext, { name }: Bucket, hours: ByteHours): Promise<void> {
  let looked = 0;
  for await (const object of objects.each(store, [name], rowsPerPage)) {
    signal.throwIfAborted();
    if (++looked % rowsPerPage === 0) await giveWay();
    for (const stretch of stretchesOf(object, hours.until)) add(hours, stretch);
  }
  for await (const version of versions.each(store, [name], rowsPerPage))
    if (!isDeleteMarker(version)) for (const stretch of stretchesOf(version, hours.until)) add(hours, stretch);
  for await (const { id } of uploads.each(store, [name]))
    for await (const { size, modified } of parts.each(store, [id]))
      add(hours, { usageType: 'TimedStorage-ByteHrs', bytes: size, from: modified, to: hours.until });
}

/**
 * Bytes over the steps of a span, by usage type, kept as differences from step to step: so a stretch costs the same however long it is.
 * A step is an hour, or a day where the clock has moved far.
 */
type ByteHours = { from: number; until: number; step: number; differences: Map<string, Float64Array> };

function byteHours(from: number, until: number): ByteHours {
  return { from, until, step: until - from > hourlySpanMax ? day : hour, differences: new Map() };
}

function add({ from, until, step, differences }: ByteHours, stretch: Stretch): void {
  const start = Math.max(stretch.from, from);
  const end = Math.min(stretch.to, until);
  if (start >= end || stretch.bytes === 0) return;
  let sums = differences.get(stretch.usageType);
  if (!sums) differences.set(stretch.usageType, (sums = new Float64Array(Math.ceil((until - from) / step) + 2)));
  change(sums, (start - from) / step, stretch.bytes);
  change(sums, (end - from) / step, -stretch.bytes);
}

/** From a moment within a step on there are more bytes: of that step the rest counts, of all later ones the whole. */
function change(sums: Float64Array, at: number, bytes: number): void {
  const index = Math.floor(at);
  const rest = 1 - (at - index);
  sums[index] = sums[index]! + bytes * rest;
  sums[index + 1] = sums[index + 1]! + bytes * (1 - rest);
}

function* sumsOf({ from, until, step, differences }: ByteHours): Generator<{ usageType: string; at: number; quantity: number }> {
  for (const [usageType, changes] of differences) {
    let bytes = 0;
    for (let at = from, i = 0; at < until; at += step, i++) {
      bytes += changes[i]!;
      const quantity = Math.round((bytes * step) / hour);
      if (quantity > 0) yield { usageType, at, quantity };
    }
  }
}
