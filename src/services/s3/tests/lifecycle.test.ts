/** Lifecycle rules, as they are put and as the cloud's clock makes them true. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  S3Client,
  type LifecycleRule,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const day = 86_400_000;

let buckets = 0;
const newBucket = async (versioned = false, locked = false): Promise<string> => {
  const Bucket = `lifecycle-${buckets++}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: locked }));
  if (versioned) await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  return Bucket;
};
const rule = (more: Partial<LifecycleRule>): LifecycleRule => ({ ID: 'r', Status: 'Enabled', Filter: {}, ...more });
const setRules = (Bucket: string, Rules: LifecycleRule[], more: object = {}) =>
  s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules }, ...more }));
const put = (Bucket: string, Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }));
const keys = async (Bucket: string) => (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key) ?? [];
const history = async (Bucket: string) => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  return { versions: Versions.map(({ VersionId }) => VersionId), markers: DeleteMarkers.map(({ Key }) => Key) };
};
const midnightAfter = (days: number) => new Date((Math.floor(cloud.cloud.clock.now() / day) + days + 1) * day);

test('a configuration is kept as it was put, with ids for rules that have none', async () => {
  const Bucket = await newBucket();
  const get = () => s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  await refused(get(), { code: 'NoSuchLifecycleConfiguration', status: 404, message: 'The lifecycle configuration does not exist' });
  const rules: LifecycleRule[] = [
    {
      ID: 'all of it',
      Status: 'Enabled',
      Filter: { And: { Prefix: 'a/', Tags: [{ Key: 'k', Value: 'v' }], ObjectSizeGreaterThan: 10, ObjectSizeLessThan: 1000 } },
      Expiration: { Days: 400 },
      Transitions: [
        { Days: 30, StorageClass: 'STANDARD_IA' },
        { Days: 90, StorageClass: 'GLACIER' },
      ],
      NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: 'ONEZONE_IA', NewerNoncurrentVersions: 2 }],
      NoncurrentVersionExpiration: { NoncurrentDays: 60, NewerNoncurrentVersions: 3 },
    },
    { ID: 'date', Status: 'Disabled', Filter: { Tag: { Key: 'k', Value: '' } }, Expiration: { Date: new Date('2030-01-01') } },
    {
      ID: 'rest',
      Status: 'Enabled',
      Filter: { Prefix: '' },
      Expiration: { ExpiredObjectDeleteMarker: true },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
  ];
  assert.equal((await setRules(Bucket, rules)).TransitionDefaultMinimumObjectSize, 'all_storage_classes_128K');
  assert.deepEqual((await get()).Rules, rules);
  await setRules(Bucket, [{ Status: 'Enabled', Prefix: 'old/', Expiration: { Days: 1 } }], {
    TransitionDefaultMinimumObjectSize: 'varies_by_storage_class',
  });
  const old = await get();
  assert.deepEqual(
    [old.Rules?.length, old.Rules?.[0]?.Prefix, old.TransitionDefaultMinimumObjectSize],
    [1, 'old/', 'varies_by_storage_class'],
  );
  assert.ok(old.Rules![0]!.ID!.length > 10);
  for (let i = 0; i < 2; i++) await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
  await refused(get(), 'NoSuchLifecycleConfiguration');
  await setRules(Bucket, rules);
  await s3.send(new DeleteBucketCommand({ Bucket }));
});

test('what is wrong with a rule is told in S3’s words', async () => {
  const Bucket = await newBucket();
  const wrong = (more: Partial<LifecycleRule>, expected: Parameters<typeof refused>[1]) =>
    refused(setRules(Bucket, [rule(more)]), expected);
  const Expiration = { Days: 1 };
  await refused(setRules(Bucket, []), 'MalformedXML');
  await wrong({}, { code: 'InvalidRequest', message: 'At least one action needs to be specified in a rule' });
  await wrong({ Expiration, Filter: undefined }, 'MalformedXML');
  await wrong({ Expiration, Status: 'enabled' as 'Enabled' }, 'MalformedXML');
  await wrong(
    { Expiration, ID: 'a'.repeat(256) },
    { code: 'InvalidArgument', message: 'ID length should not exceed allowed limit of 255' },
  );
  await refused(setRules(Bucket, [rule({ Expiration }), rule({ Expiration })]), {
    code: 'InvalidArgument',
    message: 'Rule ID must be unique. Found same ID for more than one rule',
  });
  await wrong({ Expiration: {} }, 'MalformedXML');
  await wrong({ Expiration: { Days: 1, ExpiredObjectDeleteMarker: true } }, 'MalformedXML');
  await wrong({ Expiration: { Days: 0 } }, { code: 'InvalidArgument', message: "'Days' for Expiration action must be a positive integer" });
  await wrong(
    { Expiration: { Date: new Date('2030-01-01T02:00:00Z') } },
    { code: 'InvalidArgument', message: "'Date' must be at midnight GMT" },
  );
  await wrong({ Expiration, Filter: { Prefix: 'a', ObjectSizeGreaterThan: 1 } }, 'MalformedXML');
  const twice = [
    { Key: 'k', Value: '1' },
    { Key: 'k', Value: '2' },
  ];
  await wrong({ Expiration, Filter: { And: { Tags: twice } } }, { code: 'InvalidRequest', message: 'Duplicate Tag Keys are not allowed.' });
  await wrong(
    { Transitions: [{ Days: 29, StorageClass: 'STANDARD_IA' }] },
    {
      code: 'InvalidArgument',
      message: "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
    },
  );
  await wrong({ Transitions: [{ Days: 1, StorageClass: 'STANDARD' as 'GLACIER' }] }, 'MalformedXML');
  await wrong(
    { Expiration: { Days: 5 }, Transitions: [{ Days: 5, StorageClass: 'GLACIER' }] },
    {
      code: 'InvalidArgument',
      message: "'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition action",
    },
  );
  await wrong({ Expiration: { Date: new Date('2030-01-01') }, Transitions: [{ Days: 5, StorageClass: 'GLACIER' }] }, 'InvalidRequest');
  await wrong({ NoncurrentVersionExpiration: { NewerNoncurrentVersions: 1 } }, 'MalformedXML');
  await wrong(
    { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Filter: { Tag: { Key: 'k', Value: 'v' } } },
    {
      code: 'InvalidRequest',
      message: 'AbortIncompleteMultipartUpload cannot be specified with Tags.',
    },
  );
  await refused(setRules(Bucket, [rule({ Expiration })], { TransitionDefaultMinimumObjectSize: 'value' }), {
    code: 'InvalidRequest',
    message: 'Invalid TransitionDefaultMinimumObjectSize found: value',
  });
});

test('objects expire at the midnight after their days, and say so beforehand', async () => {
  const Bucket = await newBucket();
  const size = { ObjectSizeGreaterThan: 100 };
  await setRules(Bucket, [
    rule({ ID: 'soon', Filter: { Prefix: 'logs/' }, Expiration: { Days: 3 } }),
    rule({ ID: 'by tag', Filter: { Tag: { Key: 'keep', Value: 'no' } }, Expiration: { Days: 1 } }),
    rule({ ID: 'big', Filter: size, Expiration: { Date: midnightAfter(9) } }),
    rule({ ID: 'off', Status: 'Disabled', Expiration: { Days: 1 } }),
  ]);
  const logged = await put(Bucket, 'logs/1');
  assert.equal(logged.Expiration, `expiry-date="${midnightAfter(3).toUTCString()}", rule-id="soon"`);
  const tagged = await put(Bucket, 'logs/2', { Tagging: 'keep=no' });
  assert.equal(tagged.Expiration, `expiry-date="${midnightAfter(1).toUTCString()}", rule-id="by%20tag"`);
  await put(Bucket, 'big', { Body: 'x'.repeat(101) });
  const kept = await put(Bucket, 'small');
  assert.equal(kept.Expiration, undefined);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'logs/1' }));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'logs/1' }));
  assert.deepEqual([head.Expiration, got.Expiration], [logged.Expiration, logged.Expiration]);
  await cloud.advance(2 * day);
  assert.deepEqual(await keys(Bucket), ['big', 'logs/1', 'small']);
  await cloud.advance(2 * day);
  assert.deepEqual(await keys(Bucket), ['big', 'small']);
  await cloud.advance(7 * day);
  assert.deepEqual(await keys(Bucket), ['small']);
});

test('objects move down to colder classes, and small ones stay', async () => {
  const Bucket = await newBucket();
  await setRules(Bucket, [
    rule({
      Transitions: [
        { Days: 30, StorageClass: 'STANDARD_IA' },
        { Days: 60, StorageClass: 'GLACIER' },
      ],
    }),
  ]);
  const big = { Body: Buffer.alloc(128 * 1024) };
  await put(Bucket, 'big', big);
  await put(Bucket, 'small');
  await put(Bucket, 'cold already', { ...big, StorageClass: 'GLACIER_IR' });
  const classes = async () => (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ StorageClass }) => StorageClass);
  await cloud.advance(32 * day);
  assert.deepEqual(await classes(), ['STANDARD_IA', 'GLACIER_IR', 'STANDARD']);
  await cloud.advance(30 * day);
  assert.deepEqual(await classes(), ['GLACIER', 'GLACIER', 'STANDARD']);
  await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'big' })), 'InvalidObjectState');
  const now = cloud.cloud.clock.now();
  const usage = await cloud.cloud.meter.query('000000000000', now - 40 * day, now + day);
  const early = usage.find(({ usageType }) => usageType === 'EarlyDelete-GIR');
  assert.ok(early && early.quantity > 0 && early.quantity <= 30 * 24 * 128 * 1024, 'the rest of 90 days of GLACIER_IR is paid');
});

test('a versioned bucket covers what expires, and forgets noncurrent versions and lone markers', async () => {
  const Bucket = await newBucket(true);
  await setRules(Bucket, [
    rule({
      Expiration: { Days: 10 },
      NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 1 },
    }),
  ]);
  const ids: (string | undefined)[] = [];
  for (let i = 0; i < 4; i++) ids.unshift((await put(Bucket, 'k')).VersionId);
  await cloud.advance(4 * day);
  assert.deepEqual(await history(Bucket), { versions: ids.slice(0, 2), markers: [] });
  await cloud.advance(8 * day);
  assert.deepEqual(await history(Bucket), { versions: ids.slice(0, 1), markers: ['k'] });
  await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'k' })), 'NoSuchKey');
  await setRules(Bucket, [rule({ Expiration: { ExpiredObjectDeleteMarker: true }, NoncurrentVersionExpiration: { NoncurrentDays: 1 } })]);
  await cloud.advance(3 * day);
  assert.deepEqual(await history(Bucket), { versions: [], markers: [] });
});

test('noncurrent versions move, and what is locked does not go', async () => {
  const Bucket = await newBucket(true, true);
  await setRules(Bucket, [
    rule({
      NoncurrentVersionTransitions: [{ NoncurrentDays: 5, StorageClass: 'DEEP_ARCHIVE' }],
      NoncurrentVersionExpiration: { NoncurrentDays: 20 },
    }),
  ]);
  const held = (await put(Bucket, 'held', { Body: Buffer.alloc(128 * 1024) })).VersionId;
  await s3.send(new PutObjectLegalHoldCommand({ Bucket, Key: 'held', LegalHold: { Status: 'ON' } }));
  const current = (await put(Bucket, 'held')).VersionId;
  await cloud.advance(7 * day);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'held', VersionId: held }))).StorageClass, 'DEEP_ARCHIVE');
  await cloud.advance(30 * day);
  assert.deepEqual((await history(Bucket)).versions, [current, held]);
  await s3.send(new PutObjectLegalHoldCommand({ Bucket, Key: 'held', VersionId: held, LegalHold: { Status: 'OFF' } }));
  await cloud.advance(day);
  assert.deepEqual((await history(Bucket)).versions, [current]);
});

test('uploads that nobody finishes are aborted', async () => {
  const Bucket = await newBucket();
  await setRules(Bucket, [rule({ ID: 'abort', Filter: { Prefix: 'a' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } })]);
  const begun = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }));
  assert.deepEqual([begun.AbortDate, begun.AbortRuleId], [midnightAfter(2), 'abort']);
  await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'b' }));
  await cloud.advance(3 * day);
  const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  assert.deepEqual(
    Uploads?.map(({ Key }) => Key),
    ['b'],
  );
});

test('rules that are gone do nothing, and many objects go in batches', async () => {
  const Bucket = await newBucket();
  await setRules(Bucket, [rule({ Expiration: { Days: 1 } })]);
  for (let i = 0; i < 45; i++) await put(Bucket, `k/${i}`);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k/0' }));
  await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
  await cloud.advance(5 * day);
  assert.equal((await keys(Bucket)).length, 44);
  await setRules(Bucket, [rule({ Expiration: { Days: 1 } })]);
  await cloud.advance(day);
  assert.deepEqual(await keys(Bucket), []);
});
