/** Random work in a bucket while days pass, against a slow, obvious model of what its lifecycle rule takes away each night. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  type LifecycleRule,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { startCloud } from '../../../../tests/live-cloud.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const day = 86_400_000;
const now = (): number => cloud.cloud.clock.now();

/** `id`: unknown of a delete marker that the night has made. `since`: when it was current no longer. */
type Version = { id: string | undefined; marker: boolean; made: number; since?: number };
type Rule = { prefix: string; days: number | undefined; markers: boolean; noncurrent: { days: number; newer: number } | undefined };
type Model = { Bucket: string; rule: Rule; status: 'Enabled' | 'Suspended' | undefined; /** Newest first. */ keys: Map<string, Version[]> };

const names = ['a', 'a/1', 'b'];
const key = fc.constantFrom(...names);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteVersion' as const), key, chosen: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('status' as const), status: fc.constantFrom('Enabled', 'Suspended') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('night' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const rule: fc.Arbitrary<Rule> = fc
  .record({
    prefix: fc.constantFrom('', 'a'),
    days: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    markers: fc.boolean(),
    noncurrent: fc.option(fc.record({ days: fc.integer({ min: 1, max: 2 }), newer: fc.nat(2) }), { nil: undefined }),
  })
  .filter(
    ({ days, markers, noncurrent }) => (days === undefined || !markers) && (days !== undefined || markers || noncurrent !== undefined),
  );

let buckets = 0;

test('every night takes what a list of versions with their ages says', async () => {
  await fc.assert(
    fc.asyncProperty(rule, fc.array(step, { minLength: 8, maxLength: 30 }), async (chosen, steps) => {
      const model: Model = { Bucket: `lifecycle-model-${buckets++}`, rule: chosen, status: undefined, keys: new Map() };
      await s3.send(new CreateBucketCommand({ Bucket: model.Bucket }));
      const LifecycleConfiguration = { Rules: [written(chosen)] };
      await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: model.Bucket, LifecycleConfiguration }));
      await cloud.cloud.settled();
      for (const one of [...steps, { kind: 'night' as const }]) await take(model, one);
      await s3.send(new DeleteBucketLifecycleCommand({ Bucket: model.Bucket }));
    }),
    { numRuns: 20, verbose: true },
  );
});

function written({ prefix, days, markers, noncurrent }: Rule): LifecycleRule {
  return {
    ...{ ID: 'nightly', Status: 'Enabled', Filter: { Prefix: prefix } },
    ...(days !== undefined && { Expiration: { Days: days } }),
    ...(markers && { Expiration: { ExpiredObjectDeleteMarker: true } }),
    ...(noncurrent && {
      NoncurrentVersionExpiration: {
        NoncurrentDays: noncurrent.days,
        ...(noncurrent.newer > 0 && { NewerNoncurrentVersions: noncurrent.newer }),
      },
    }),
  };
}

async function take(model: Model, one: Step): Promise<void> {
  const { Bucket } = model;
  if (one.kind === 'night') {
    await cloud.advance(day);
    sweep(model);
    return compare(model);
  }
  if (one.kind === 'status') {
    model.status = one.status as 'Enabled' | 'Suspended';
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: model.status } }));
    return;
  }
  const Key = one.key;
  if (one.kind === 'put') {
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    return cover(model, Key, { id: VersionId ?? 'null', marker: false, made: now() });
  }
  if (one.kind === 'delete') {
    const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    if (model.status === undefined) return void model.keys.delete(Key);
    return cover(model, Key, { id: VersionId, marker: true, made: now() });
  }
  const versions = model.keys.get(Key) ?? [];
  const gone = versions[one.chosen % Math.max(versions.length, 1)];
  if (!gone) return;
  await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: gone.id }));
  keep(model, Key, (version) => version !== gone);
}

/** A version on top of a key's others. Where versions are not enabled it replaces the null version, wherever that lies. */
function cover(model: Model, Key: string, version: Version): void {
  const below = (model.keys.get(Key) ?? []).filter(({ id }) => model.status === 'Enabled' || id !== 'null');
  if (below[0]) below[0].since ??= now();
  model.keys.set(Key, [version, ...below]);
}

/** Whatever comes to lie on top is current again. */
function keep(model: Model, Key: string, stays: (version: Version, place: number) => boolean): void {
  const left = (model.keys.get(Key) ?? []).filter(stays);
  delete left[0]?.since;
  if (left.length > 0) model.keys.set(Key, left);
  else model.keys.delete(Key);
}

/** So many days later, at the next midnight. */
const isOver = (moment: number, days: number): boolean => (Math.floor(moment / day) + days + 1) * day <= now();

function sweep(model: Model): void {
  const { prefix, days, markers, noncurrent } = model.rule;
  for (const [Key, versions] of [...model.keys]) {
    if (!Key.startsWith(prefix)) continue;
    const top = versions[0]!;
    if (days !== undefined && !top.marker && isOver(top.made, days)) {
      if (model.status === undefined) model.keys.delete(Key);
      else cover(model, Key, { id: model.status === 'Enabled' ? undefined : 'null', marker: true, made: now() });
    }
    if (noncurrent && model.status !== undefined)
      keep(model, Key, ({ since }, place) => place === 0 || place - 1 < noncurrent.newer || !isOver(since!, noncurrent.days));
    const [last, ...others] = model.keys.get(Key) ?? [];
    const ends = markers || (days !== undefined && last !== undefined && isOver(last.made, days));
    if (last?.marker && others.length === 0 && ends) model.keys.delete(Key);
  }
}

async function compare({ Bucket, keys }: Model): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  for (const [Key, versions] of keys) {
    const known = new Set(versions.map(({ id }) => id));
    const made = DeleteMarkers.find((marker) => marker.Key === Key && !known.has(marker.VersionId));
    for (const version of versions) version.id ??= made?.VersionId;
  }
  const rows = [...Versions.map((row) => ({ ...row, marker: false })), ...DeleteMarkers.map((row) => ({ ...row, marker: true }))];
  const found = rows.map(({ Key, VersionId, marker, IsLatest }) => `${Key} ${VersionId} ${marker} ${IsLatest}`);
  const expected = [...keys].flatMap(([Key, versions]) => versions.map(({ id, marker }, i) => `${Key} ${id} ${marker} ${i === 0}`));
  assert.deepEqual(found.toSorted(), expected.toSorted());
}
