/** Intelligent-Tiering on the cloud's clock, and the hours of every class on the meter. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketIntelligentTieringConfigurationCommand,
  DeleteObjectCommand,
  GetBucketIntelligentTieringConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketIntelligentTieringConfigurationsCommand,
  PutBucketIntelligentTieringConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  S3Client,
  UploadPartCommand,
  type IntelligentTieringConfiguration,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const hour = 3_600_000;
const day = 24 * hour;
const KiB = 1024;

let buckets = 0;
const newBucket = async (): Promise<string> => {
  const Bucket = `tiering-${buckets++}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
};
const put = (Bucket: string, Key: string, size: number, StorageClass: StorageClass) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(size), StorageClass }));
const read = async (Bucket: string, Key: string) =>
  (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToByteArray()).length;
const configure = (Bucket: string, more: Partial<IntelligentTieringConfiguration> = {}) => {
  const Tierings = [
    { AccessTier: 'ARCHIVE_ACCESS' as const, Days: 90 },
    { AccessTier: 'DEEP_ARCHIVE_ACCESS' as const, Days: 180 },
  ];
  const IntelligentTieringConfiguration = { Id: 'cold', Status: 'Enabled' as const, Tierings, ...more };
  return s3.send(new PutBucketIntelligentTieringConfigurationCommand({ Bucket, Id: 'cold', IntelligentTieringConfiguration }));
};
/** Byte hours of a bucket by usage type, between two moments. */
const stored = async (Bucket: string, from: number, to: number): Promise<Map<string, number>> => {
  const sums = new Map<string, number>();
  for (const { usageType, resource, quantity, unit } of await cloud.cloud.meter.query('000000000000', from, to))
    if (resource === `arn:aws:s3:::${Bucket}` && unit === 'ByteHours') sums.set(usageType, (sums.get(usageType) ?? 0) + quantity);
  return sums;
};

test('configurations are put, listed and deleted', async () => {
  const Bucket = await newBucket();
  const get = () => s3.send(new GetBucketIntelligentTieringConfigurationCommand({ Bucket, Id: 'cold' }));
  await refused(get(), { code: 'NoSuchConfiguration', status: 404, message: 'The specified configuration does not exist.' });
  await refused(configure(Bucket, { Id: 'other' }), 'MalformedXML');
  await refused(configure(Bucket, { Tierings: [] }), 'MalformedXML');
  await refused(configure(Bucket, { Tierings: [{ AccessTier: 'ARCHIVE_ACCESS', Days: 89 }] }), 'InvalidRequest');
  const filter = { Filter: { And: { Prefix: 'a/', Tags: [{ Key: 'k', Value: 'v' }] } } };
  await configure(Bucket, filter);
  assert.deepEqual((await get()).IntelligentTieringConfiguration?.Filter, filter.Filter);
  const list = await s3.send(new ListBucketIntelligentTieringConfigurationsCommand({ Bucket }));
  assert.deepEqual([list.IntelligentTieringConfigurationList?.[0]?.Tierings?.length, list.IsTruncated], [2, false]);
  const gone = () => s3.send(new DeleteBucketIntelligentTieringConfigurationCommand({ Bucket, Id: 'cold' }));
  assert.equal((await gone()).$metadata.httpStatusCode, 204);
  await refused(gone(), 'NoSuchConfiguration');
});

test('what nobody reads is archived, and comes back when it is restored', async () => {
  const Bucket = await newBucket();
  await configure(Bucket, { Filter: { Prefix: 'cold/' } });
  for (const Key of ['cold/unread', 'cold/read', 'other']) await put(Bucket, Key, 200 * KiB, 'INTELLIGENT_TIERING');
  await put(Bucket, 'cold/small', 1, 'INTELLIGENT_TIERING');
  const status = async (Key: string) => (await s3.send(new HeadObjectCommand({ Bucket, Key }))).ArchiveStatus;
  await cloud.advance(60 * day);
  await read(Bucket, 'cold/read');
  await cloud.advance(31 * day);
  assert.deepEqual(await Promise.all(['cold/unread', 'cold/read', 'other', 'cold/small'].map(status)), [
    'ARCHIVE_ACCESS',
    undefined,
    undefined,
    undefined,
  ]);
  const error = await refused(read(Bucket, 'cold/unread'), { code: 'InvalidObjectState', status: 403 });
  assert.deepEqual([error['StorageClass'], error['AccessTier']], ['INTELLIGENT_TIERING', 'ARCHIVE_ACCESS']);
  assert.equal(await read(Bucket, 'other'), 200 * KiB);
  await cloud.advance(90 * day);
  assert.deepEqual([await status('cold/unread'), await status('cold/read')], ['DEEP_ARCHIVE_ACCESS', 'ARCHIVE_ACCESS']);
  const restore = (Key: string, Days?: number) => s3.send(new RestoreObjectCommand({ Bucket, Key, RestoreRequest: { Days } }));
  await refused(restore('cold/unread', 3), 'MalformedXML');
  await restore('cold/unread');
  await cloud.advance(12 * hour);
  assert.equal(await read(Bucket, 'cold/unread'), 200 * KiB);
  assert.equal(await status('cold/unread'), undefined);
  await cloud.advance(2 * day);
  assert.equal(await status('cold/unread'), undefined);
});

test('the meter counts the hours of each tier and class', async () => {
  const Bucket = await newBucket();
  const midnight = Math.ceil(cloud.cloud.clock.now() / day) * day;
  await cloud.advance(midnight - cloud.cloud.clock.now());
  await put(Bucket, 'standard', 1000, 'STANDARD');
  await put(Bucket, 'infrequent', 1000, 'STANDARD_IA');
  await put(Bucket, 'archived', 1000, 'GLACIER');
  await put(Bucket, 'tiered', 200 * KiB, 'INTELLIGENT_TIERING');
  await cloud.advance(day);
  const first = await stored(Bucket, midnight, midnight + day);
  assert.deepEqual(Object.fromEntries(first), {
    'TimedStorage-ByteHrs': 24 * (1000 + 8 * KiB),
    'TimedStorage-SIA-ByteHrs': 24 * 128 * KiB,
    'TimedStorage-GlacierByteHrs': 24 * (1000 + 32 * KiB),
    'TimedStorage-INT-FA-ByteHrs': 24 * 200 * KiB,
  });
  const oneHour = await stored(Bucket, midnight + 5 * hour, midnight + 6 * hour);
  assert.equal(oneHour.get('TimedStorage-INT-FA-ByteHrs'), 200 * KiB);
  await cloud.advance(59 * day);
  const later = await stored(Bucket, midnight + 40 * day, midnight + 41 * day);
  assert.equal(later.get('TimedStorage-INT-IA-ByteHrs'), 24 * 200 * KiB);
});

test('reading costs in the colder classes, and so does leaving too soon', async () => {
  const Bucket = await newBucket();
  const from = cloud.cloud.clock.now() - hour;
  await put(Bucket, 'infrequent', 1000, 'STANDARD_IA');
  await read(Bucket, 'infrequent');
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'infrequent' }));
  const usage = await cloud.cloud.meter.query('000000000000', from, from + day);
  const of = (usageType: string) =>
    usage.filter((row) => row.usageType === usageType && row.resource.endsWith(Bucket)).reduce((sum, row) => sum + row.quantity, 0);
  assert.deepEqual([of('Retrieval-SIA'), of('EarlyDelete-SIA')], [1000, 1000 * 30 * 24]);
});

test('what is overwritten too soon costs what is deleted too soon', async () => {
  const Bucket = await newBucket();
  const from = cloud.cloud.clock.now() - hour;
  const paid = async () => {
    const usage = await cloud.cloud.meter.query('000000000000', from, from + day);
    const rows = usage.filter((row) => row.usageType === 'EarlyDelete-SIA' && row.resource.endsWith(Bucket));
    return rows.reduce((sum, row) => sum + row.quantity, 0) / (30 * 24);
  };
  await put(Bucket, 'k', 1000, 'STANDARD_IA');
  await put(Bucket, 'k', 10, 'STANDARD_IA');
  assert.equal(await paid(), 1000);
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'k', CopySource: `${Bucket}/k`, StorageClass: 'STANDARD' }));
  assert.equal(await paid(), 1010);
  await put(Bucket, 'k', 100, 'STANDARD_IA');
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k', StorageClass: 'STANDARD_IA' }));
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: 'k', UploadId, PartNumber: 1, Body: 'x' }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'k', UploadId, MultipartUpload }));
  assert.equal(await paid(), 1110);
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await put(Bucket, 'k', 5, 'STANDARD_IA');
  assert.equal(await paid(), 1110, 'a version that stays has not left its class');
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  assert.equal(await paid(), 1111, 'a null version that a delete marker takes the place of has');
});
