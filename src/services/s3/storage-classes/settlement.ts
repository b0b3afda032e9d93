/**
 * The hours of an object that goes, or leaves its class or tier: they are metered at that moment, since nothing tells of them later. What
 * stays is counted by the storage meter, which has counted all until some hour.
 */

import type { Meter } from '../../../framework/meter.ts';
import type { Store } from '../../../store/store.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { hourMilliseconds } from '../limits.ts';
import { storageMeters, type Bucket, type ObjectRecord, type StorageMeter } from '../tables.ts';
import { addStretch, byteHours, sumsOf, type ByteHours } from './byte-hours.ts';
import { annotationStretches, stretchesOf, type Stretch } from './hours.ts';

type Means = { readonly store: Store; readonly meter: Meter };

/** Until when a bucket's storage is metered. */
export function meteredUntil(bucket: Bucket, last: StorageMeter | undefined): number {
  return last && last.created === bucket.created ? last.until : bucket.created;
}

/** Meters what of an object is not yet metered, up to a moment. To be called once it is committed that the object is not so any more. */
export async function settleHours(means: Means, bucket: Bucket, object: ObjectRecord, end: number): Promise<void> {
  await settleAll(means, bucket, [{ object, at: end }]);
}

/** The same of many objects, whose hours are metered together: each is as it was until its own moment. */
export async function settleAll(means: Means, bucket: Bucket, all: readonly { object: ObjectRecord; at: number }[]): Promise<void> {
  await settleStretches(
    means,
    bucket,
    all.map(({ object, at }) => ({ at, stretches: stretchesOf(object, at) })),
  );
}

/** The hours of an object's annotations alone: they change while it stays as it is. */
export async function settleAnnotations(means: Means, bucket: Bucket, object: ObjectRecord, end: number): Promise<void> {
  await settleStretches(means, bucket, [{ at: end, stretches: annotationStretches(object, end) }]);
}

type Ended = { at: number; stretches: readonly Stretch[] };

async function settleStretches(means: Means, bucket: Bucket, all: readonly Ended[]): Promise<void> {
  const last = await means.store.read((tx) => storageMeters.peek(tx, bucket.name));
  const after = meteredUntil(bucket, last);
  const late = all.filter(({ at }) => at > after);
  if (late.length === 0) return;
  const hours = byteHours(
    Math.floor(after / hourMilliseconds) * hourMilliseconds,
    late.reduce((end, { at }) => Math.max(end, at), 0),
  );
  for (const { stretches } of late) for (const stretch of stretches) addStretch(hours, stretch, after);
  meterHours(means, bucket, hours);
}

export function meterHours({ meter }: Pick<Means, 'meter'>, { name, account, region }: Bucket, hours: ByteHours): void {
  const place = { resource: bucketArn(name), account, region, service: 's3', operation: 'StandardStorage' };
  for (const { usageType, at, quantity } of sumsOf(hours)) meter.record({ ...place, usageType, quantity, unit: 'ByteHours', at });
}
