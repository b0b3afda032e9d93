/** Inventories: their configurations, and the reports that come by the cloud's clock. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { after, test } from 'node:test';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketInventoryConfigurationCommand,
  DeleteObjectCommand,
  GetBucketInventoryConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketInventoryConfigurationsCommand,
  ListObjectsV2Command,
  PutBucketInventoryConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  type InventoryConfiguration,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { parquetReadObjects } from 'hyparquet';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const day = 86_400_000;
let made = 0;

const newBucket = async (region?: 'eu-west-1'): Promise<string> => {
  const Bucket = `inventory-${made++}`;
  const CreateBucketConfiguration = region && { LocationConstraint: region };
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
  return Bucket;
};
const put = (Bucket: string, Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }));

/** As AWS's guide tells to let reports in. */
const letIn = (source: string, destination: string) => {
  const Condition = {
    ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${source}` },
    StringEquals: { 'aws:SourceAccount': '000000000000', 's3:x-amz-acl': 'bucket-owner-full-control' },
  };
  const Principal = { Service: 's3.amazonaws.com' };
  const Statement = [{ Effect: 'Allow', Principal, Action: 's3:PutObject', Resource: `arn:aws:s3:::${destination}/*`, Condition }];
  return s3.send(new PutBucketPolicyCommand({ Bucket: destination, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
};

const configuration = (destination: string, more: Partial<InventoryConfiguration> = {}, to: object = {}): InventoryConfiguration => ({
  Id: 'all',
  IsEnabled: true,
  IncludedObjectVersions: 'Current',
  Schedule: { Frequency: 'Daily' },
  Destination: { S3BucketDestination: { Bucket: `arn:aws:s3:::${destination}`, Format: 'CSV', ...to } },
  ...more,
});
const configure = (Bucket: string, InventoryConfiguration: InventoryConfiguration) =>
  s3.send(new PutBucketInventoryConfigurationCommand({ Bucket, Id: InventoryConfiguration.Id, InventoryConfiguration }));

const text = async (Bucket: string, Key: string): Promise<string> =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
const keys = async (Bucket: string): Promise<string[]> =>
  ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key!);

/** The manifest and the lines of the newest report. */
async function report(destination: string) {
  const manifests = (await keys(destination)).filter((key) => key.endsWith('/manifest.json'));
  const at = manifests.at(-1)!;
  const manifest = await text(destination, at);
  assert.equal(await text(destination, at.replace('.json', '.checksum')), createHash('md5').update(manifest).digest('hex'));
  const parsed = JSON.parse(manifest);
  const lines: string[] = [];
  for (const { key, size, MD5checksum } of parsed.files) {
    const bytes = Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket: destination, Key: key }))).Body!.transformToByteArray());
    assert.deepEqual([bytes.length, createHash('md5').update(bytes).digest('hex')], [size, MD5checksum]);
    lines.push(...gunzipSync(bytes).toString().split('\n').slice(0, -1));
  }
  return { at, manifest: parsed, lines, count: manifests.length };
}

test('a configuration comes back as it was put, is listed, and is gone when it is deleted', async () => {
  const [source, destination] = [await newBucket(), await newBucket()];
  const get = (Id: string) => s3.send(new GetBucketInventoryConfigurationCommand({ Bucket: source, Id }));
  const list = async () => (await s3.send(new ListBucketInventoryConfigurationsCommand({ Bucket: source }))).InventoryConfigurationList;
  await refused(get('all'), { code: 'NoSuchConfiguration', status: 404 });
  assert.equal(await list(), undefined);
  const whole = configuration(
    destination,
    { Filter: { Prefix: 'a/' }, OptionalFields: ['Size', 'ETag'], Schedule: { Frequency: 'Weekly' }, IncludedObjectVersions: 'All' },
    { AccountId: '000000000000', Prefix: 'reports', Encryption: { SSES3: {} } },
  );
  await configure(source, whole);
  await configure(source, configuration(destination, { Id: 'b' }));
  assert.deepEqual((await get('all')).InventoryConfiguration, whole);
  assert.deepEqual(
    (await list())?.map(({ Id }) => Id),
    ['all', 'b'],
  );
  await s3.send(new DeleteBucketInventoryConfigurationCommand({ Bucket: source, Id: 'b' }));
  await refused(s3.send(new DeleteBucketInventoryConfigurationCommand({ Bucket: source, Id: 'b' })), 'NoSuchConfiguration');
  assert.deepEqual(
    (await list())?.map(({ Id }) => Id),
    ['all'],
  );
});

test('what cannot be is refused', async () => {
  const [source, destination, far] = [await newBucket(), await newBucket(), await newBucket('eu-west-1')];
  const invalid = (given: InventoryConfiguration, code: string) => refused(configure(source, given), { code });
  await invalid(configuration('inventory-nowhere'), 'InvalidS3DestinationBucket');
  await invalid(configuration(far), 'InvalidS3DestinationBucket');
  await invalid(configuration(destination, {}, { Bucket: 'name' }), 'InvalidS3DestinationBucket');
  await invalid(configuration(destination, {}, { Format: 'ORC' }), 'NotImplemented');
  await invalid(configuration(destination, {}, { Format: 'XML' }), 'MalformedXML');
  await invalid(configuration(destination, { OptionalFields: ['Colour' as 'Size'] }), 'MalformedXML');
  await invalid(configuration(destination, { OptionalFields: ['ObjectLockEventHoldStatus' as 'Size'] }), 'NotImplemented');
  await invalid(configuration(destination, { Schedule: { Frequency: 'Hourly' as 'Daily' } }), 'MalformedXML');
  await invalid(configuration(destination, { Id: 'no way' }), 'InvalidArgument');
});

test('a report comes the midnight after, then each day, and lists current objects', async () => {
  const [source, destination] = [await newBucket(), await newBucket()];
  await letIn(source, destination);
  await put(source, 'dir/a b"c', { Body: 'four' });
  await put(source, 'dir/é');
  await put(source, 'else');
  await configure(
    source,
    configuration(destination, { Filter: { Prefix: 'dir/' }, OptionalFields: ['StorageClass', 'Size'] }, { Prefix: 'r/' }),
  );
  await cloud.cloud.settled();
  assert.deepEqual(await keys(destination), []);
  await cloud.advance(day);
  const { at, manifest, lines } = await report(destination);
  const midnight = new Date(Math.floor(cloud.cloud.clock.now() / day) * day).toISOString().slice(0, 10);
  assert.equal(at, `r/${source}/all/${midnight}T00-00Z/manifest.json`);
  const { files, ...rest } = manifest;
  assert.deepEqual(rest, {
    ...{ sourceBucket: source, destinationBucket: `arn:aws:s3:::${destination}`, version: '2016-11-30' },
    ...{ creationTimestamp: String(cloud.cloud.clock.now()), fileFormat: 'CSV', fileSchema: 'Bucket, Key, Size, StorageClass' },
  });
  assert.match(files[0].key, new RegExp(`^r/${source}/all/data/[0-9a-f-]{36}\\.csv\\.gz$`));
  assert.deepEqual(lines, [`"${source}","dir/a%20b%22c","4","STANDARD"`, `"${source}","dir/%C3%A9","1","STANDARD"`]);
  assert.equal(await text(destination, `r/${source}/all/hive/dt=${midnight}-00-00/symlink.txt`), `s3://${destination}/${files[0].key}`);
  await cloud.advance(day);
  assert.equal((await report(destination)).count, 2);
  await cloud.advance(5 * day);
  assert.equal((await report(destination)).count, 3, 'of days that the clock has leapt over only the last has a report');
});

test('all versions are told apart; every field says what it is', async () => {
  const [source, destination] = [await newBucket(), await newBucket()];
  await letIn(source, destination);
  await put(source, 'k', { Body: 'null', ServerSideEncryption: 'aws:kms:dsse' });
  await s3.send(new PutBucketVersioningCommand({ Bucket: source, VersioningConfiguration: { Status: 'Enabled' } }));
  const { VersionId, ETag } = await put(source, 'k', { Body: 'two' });
  const marker = await s3.send(new DeleteObjectCommand({ Bucket: source, Key: 'k' }));
  await put(source, 'l', { StorageClass: 'INTELLIGENT_TIERING', ServerSideEncryption: 'aws:kms', BucketKeyEnabled: true });
  const OptionalFields = [
    ...(['ObjectOwner', 'ObjectAccessControlList', 'ChecksumAlgorithm', 'BucketKeyStatus', 'IntelligentTieringAccessTier'] as const),
    ...(['ObjectLockLegalHoldStatus', 'ObjectLockMode', 'ObjectLockRetainUntilDate', 'EncryptionStatus', 'ReplicationStatus'] as const),
    ...(['IsMultipartUploaded', 'StorageClass', 'ETag', 'LastModifiedDate', 'Size', 'LifecycleExpirationDate'] as const),
  ];
  await configure(source, configuration(destination, { IncludedObjectVersions: 'All', OptionalFields: OptionalFields as never }));
  const madeAt = new Date(cloud.cloud.clock.now()).toISOString();
  await cloud.advance(day);
  const { manifest, lines } = await report(destination);
  const columns = manifest.fileSchema.split(', ');
  assert.equal(columns.length, 21);
  const rows = lines.map((line) =>
    Object.fromEntries(
      line
        .slice(1, -1)
        .split('","')
        .map((value, i) => [columns[i], value]),
    ),
  );
  assert.deepEqual(
    rows.map((row) => [row.Key, row.VersionId, row.IsLatest, row.IsDeleteMarker, row.Size]),
    [
      ['k', marker.VersionId, 'true', 'true', ''],
      ['k', VersionId, 'false', 'false', '3'],
      ['k', '', 'false', 'false', '4'],
      ['l', rows[3]!['VersionId'], 'true', 'false', '1'],
    ],
  );
  assert.equal(rows[2]!['EncryptionStatus'], 'DSSE-KMS');
  assert.deepEqual(
    [
      rows[1]!['ETag'],
      rows[1]!['LastModifiedDate'],
      rows[1]!['StorageClass'],
      rows[1]!['IsMultipartUploaded'],
      rows[1]!['EncryptionStatus'],
    ],
    [ETag!.replaceAll('"', ''), madeAt, 'STANDARD', 'false', 'SSE-S3'],
  );
  assert.deepEqual(
    [rows[3]!['EncryptionStatus'], rows[3]!['BucketKeyStatus'], rows[3]!['IntelligentTieringAccessTier'], rows[3]!['ChecksumAlgorithm']],
    ['SSE-KMS', 'ENABLED', 'FREQUENT', 'CRC32'],
  );
  const acl = JSON.parse(Buffer.from(rows[1]!['ObjectAccessControlList']!, 'base64').toString());
  assert.deepEqual(acl.grants, [{ canonicalId: rows[1]!['ObjectOwner'], type: 'CanonicalUser', permission: 'FULL_CONTROL' }]);
});

test('weekly reports come on Sundays, and disabled ones not at all', async () => {
  const [source, weekly, disabled] = [await newBucket(), await newBucket(), await newBucket()];
  await letIn(source, weekly);
  await configure(source, configuration(weekly, { Id: 'weekly', Schedule: { Frequency: 'Weekly' } }));
  await configure(source, configuration(disabled, { Id: 'off', IsEnabled: false }));
  await cloud.advance(day);
  assert.equal((await report(weekly)).count, 1, 'the first one comes soon');
  for (let i = 0; i < 7; i++) await cloud.advance(day);
  const { at, count } = await report(weekly);
  assert.deepEqual([count, new Date(/\d{4}-\d\d-\d\d/.exec(at)![0]).getUTCDay()], [2, 0]);
  assert.deepEqual(await keys(disabled), []);
});

test('the destination must let reports in, and they are encrypted as the inventory says', async () => {
  const [source, destination] = [await newBucket(), await newBucket()];
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'kms:*', Resource: '*' },
      { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'kms:GenerateDataKey', Resource: '*' },
    ],
  });
  const KeyId = (await cloud.client(KMSClient).send(new CreateKeyCommand({ Policy }))).KeyMetadata!.Arn!;
  await configure(source, configuration(destination, {}, { Encryption: { SSEKMS: { KeyId } } }));
  await cloud.advance(day);
  assert.deepEqual(await keys(destination), [], 'no policy lets S3 in');
  await letIn(source, destination);
  await cloud.advance(day);
  const { manifest, lines } = await report(destination);
  assert.deepEqual(lines, []);
  const head = await s3.send(new HeadObjectCommand({ Bucket: destination, Key: manifest.files[0].key }));
  assert.deepEqual([head.ServerSideEncryption, head.SSEKMSKeyId], ['aws:kms', KeyId]);
});

test('Parquet has the columns with their types, and keys as they are', async () => {
  const [source, destination] = [await newBucket(), await newBucket()];
  await letIn(source, destination);
  await put(source, 'a b/ü.txt', { Body: 'four' });
  const OptionalFields = ['Size', 'LastModifiedDate', 'ETag', 'IsMultipartUploaded', 'ObjectLockRetainUntilDate'] as const;
  await configure(source, configuration(destination, { OptionalFields: [...OptionalFields] }, { Format: 'Parquet' }));
  await cloud.advance(day);
  const at = (await keys(destination)).find((key) => key.endsWith('/manifest.json'))!;
  const manifest = JSON.parse(await text(destination, at)) as { fileFormat: string; fileSchema: string; files: { key: string }[] };
  assert.equal(manifest.fileFormat, 'Parquet');
  assert.match(
    manifest.fileSchema,
    /^message s3\.inventory \{ required binary bucket \(UTF8\); required binary key \(UTF8\); .*int64 size;/,
  );
  const Key = manifest.files[0]!.key;
  assert.match(Key, /\.parquet$/);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: destination, Key }));
  const bytes = new Uint8Array(await Body!.transformToByteArray()).buffer;
  const [row, ...others] = await parquetReadObjects({
    file: { byteLength: bytes.byteLength, slice: (start, end) => bytes.slice(start, end) },
  });
  assert.equal(others.length, 0);
  const { last_modified_date: modified, ...rest } = row!;
  assert.ok(modified instanceof Date);
  assert.deepEqual(rest, {
    ...{ bucket: source, key: 'a b/ü.txt', size: 4n, e_tag: createHash('md5').update('four').digest('hex') },
    ...{ is_multipart_uploaded: false, object_lock_retain_until_date: null },
  });
});
