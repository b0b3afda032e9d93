/** The meter of storage: each hour what lies in each class, also of what is gone or has moved since. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
  type LifecycleRule,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const hour = 3_600_000;
const day = 24 * hour;
const MiB = 1024 * 1024;
let made = 0;

const now = () => cloud.cloud.clock.now();
const newBucket = async (...Rules: Omit<LifecycleRule, 'Status' | 'Filter'>[]): Promise<string> => {
  const Bucket = `metered-${made++}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (Rules.length > 0)
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: { Rules: Rules.map((rule) => ({ Status: 'Enabled', Filter: { Prefix: '' }, ...rule })) },
      }),
    );
  return Bucket;
};
const put = (Bucket: string, Key: string, size: number, StorageClass?: StorageClass) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(size), StorageClass }));
const toMidnight = () => cloud.advance(day - (now() % day));

/** Byte-hours by usage type in the hours that begin between two moments. */
async function stored(Bucket: string, from: number, to: number): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { resource, unit, usageType, quantity } of await cloud.cloud.meter.query('000000000000', from, to))
    if (resource === `arn:aws:s3:::${Bucket}` && unit === 'ByteHours' && usageType.startsWith('Timed'))
      sums[usageType] = (sums[usageType] ?? 0) + quantity;
  return sums;
}

test('an hour is metered when it is over, and what was deleted in it counts for as long as it lay there', async () => {
  await toMidnight();
  const start = now();
  const Bucket = await newBucket();
  await put(Bucket, 'stays', 1000);
  await put(Bucket, 'goes', 8000);
  await cloud.advance(hour);
  assert.deepEqual(await stored(Bucket, start, start + hour), { 'TimedStorage-ByteHrs': 9000 });
  await cloud.advance(hour / 4);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'goes' }));
  await cloud.advance(hour);
  assert.deepEqual(await stored(Bucket, start + hour, start + 2 * hour), { 'TimedStorage-ByteHrs': 1000 + 2000 });
  await put(Bucket, 'stays', 5000);
  await cloud.advance(day);
  assert.deepEqual(await stored(Bucket, start + 2 * hour, start + 3 * hour), { 'TimedStorage-ByteHrs': 1000 / 4 + (5000 * 3) / 4 });
});

test('a transition ends the hours of one class where those of the next begin, however far the clock leaps', async () => {
  await toMidnight();
  const start = now();
  const Bucket = await newBucket({
    ID: 'colder',
    Transitions: [{ Days: 1, StorageClass: 'GLACIER_IR' }],
    Expiration: { Days: 10 },
  });
  await put(Bucket, 'k', MiB);
  // Each is due at the midnight after so many days.
  await cloud.advance(5 * day);
  assert.deepEqual(await stored(Bucket, start, start + 2 * day), { 'TimedStorage-ByteHrs': 48 * MiB });
  assert.deepEqual(await stored(Bucket, start + 2 * day, start + 5 * day), { 'TimedStorage-GIR-ByteHrs': 72 * MiB });
  await cloud.advance(20 * day);
  assert.deepEqual(await stored(Bucket, start + 5 * day, start + 26 * day), { 'TimedStorage-GIR-ByteHrs': 6 * 24 * MiB });
});

test('tiers follow readers: what was idle counts as such until it is read', async () => {
  await toMidnight();
  const start = now();
  const Bucket = await newBucket();
  await put(Bucket, 'k', MiB, 'INTELLIGENT_TIERING');
  await cloud.advance(40 * day + hour / 2);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }));
  await Body!.transformToByteArray();
  await cloud.advance(day);
  const type = (tier: string) => `TimedStorage-INT-${tier}-ByteHrs`;
  assert.deepEqual(await stored(Bucket, start, start + 30 * day), { [type('FA')]: 720 * MiB });
  assert.deepEqual(await stored(Bucket, start + 30 * day, start + 40 * day), { [type('IA')]: 240 * MiB });
  assert.deepEqual(await stored(Bucket, start + 40 * day, start + 40 * day + hour), { [type('IA')]: MiB / 2, [type('FA')]: MiB / 2 });
  assert.deepEqual(await stored(Bucket, start + 40 * day + hour, start + 41 * day), { [type('FA')]: 23 * MiB });
});
