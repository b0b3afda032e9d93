/** Metadata tables: their configuration, and the journal of changes. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Kms from '@aws-sdk/client-kms';
import * as S3 from '@aws-sdk/client-s3';
import * as Tables from '@aws-sdk/client-s3tables';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { readTable } from '../../../../tests/iceberg-reader.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3.S3Client);
const s3tables = cloud.client(Tables.S3TablesClient);
const kms = cloud.client(Kms.KMSClient);
const [minute, day] = [60_000, 86_400_000];
const managed = 'arn:aws:s3tables:us-east-1:000000000000:bucket/aws-s3';
let made = 0;

const newBucket = async (): Promise<string> => {
  const Bucket = `metadata-${made++}`;
  await s3.send(new S3.CreateBucketCommand({ Bucket }));
  return Bucket;
};
const never: S3.RecordExpiration = { Expiration: 'DISABLED' };
const configure = async (Bucket: string, more: Partial<S3.MetadataConfiguration> = {}): Promise<void> => {
  const MetadataConfiguration = { JournalTableConfiguration: { RecordExpiration: never }, ...more };
  await s3.send(new S3.CreateBucketMetadataConfigurationCommand({ Bucket, MetadataConfiguration }));
  await cloud.cloud.settled();
};
const result = async (Bucket: string) =>
  (await s3.send(new S3.GetBucketMetadataConfigurationCommand({ Bucket }))).GetBucketMetadataConfigurationResult!
    .MetadataConfigurationResult!;
const put = (Bucket: string, Key: string, more: Partial<S3.PutObjectCommandInput> = {}) =>
  s3.send(new S3.PutObjectCommand({ Bucket, Key, Body: 'hello', ...more }));
const journal = async (bucket: string) => {
  await cloud.advance(minute);
  return readTable(s3, s3tables, bucket, 'journal');
};
const tableOf = (bucket: string, name = 'journal') => ({ tableBucketARN: managed, namespace: `b_${bucket}`, name });

test('a configuration makes a journal in the table bucket of AWS, and tells of it', async () => {
  const Bucket = await newBucket();
  const get = s3.send(new S3.GetBucketMetadataConfigurationCommand({ Bucket }));
  await refused(get, { code: 'MetadataConfigurationNotFound', status: 404 });
  await configure(Bucket, { JournalTableConfiguration: { RecordExpiration: { Expiration: 'ENABLED', Days: 30 } } });
  const told = await result(Bucket);
  assert.deepEqual(told.DestinationResult, { TableBucketType: 'aws', TableBucketArn: managed, TableNamespace: `b_${Bucket}` });
  const { TableArn, ...rest } = told.JournalTableConfigurationResult!;
  assert.deepEqual(rest, { TableStatus: 'ACTIVE', TableName: 'journal', RecordExpiration: { Expiration: 'ENABLED', Days: 30 } });
  assert.equal((await s3tables.send(new Tables.GetTableCommand({ tableArn: TableArn }))).name, 'journal');
  assert.equal(told.InventoryTableConfigurationResult?.ConfigurationState, 'DISABLED');
  const again = s3.send(
    new S3.CreateBucketMetadataConfigurationCommand({
      Bucket,
      MetadataConfiguration: { JournalTableConfiguration: { RecordExpiration: never } },
    }),
  );
  await refused(again, { code: 'MetadataConfigurationAlreadyExists', status: 409 });
  const update = { Bucket, JournalTableConfiguration: { RecordExpiration: never } };
  await s3.send(new S3.UpdateBucketMetadataJournalTableConfigurationCommand(update));
  assert.deepEqual((await result(Bucket)).JournalTableConfigurationResult?.RecordExpiration, never);
  await s3.send(new S3.DeleteBucketMetadataConfigurationCommand({ Bucket }));
  await refused(s3.send(new S3.DeleteBucketMetadataConfigurationCommand({ Bucket })), 'MetadataConfigurationNotFound');
  assert.equal((await s3.send(new S3.ListBucketsCommand({}))).Buckets!.filter(({ Name }) => Name!.endsWith('--table-s3')).length, 0);
});

test('what cannot be is refused', async () => {
  const Bucket = await newBucket();
  const create = (JournalTableConfiguration: S3.JournalTableConfiguration) =>
    s3.send(new S3.CreateBucketMetadataConfigurationCommand({ Bucket, MetadataConfiguration: { JournalTableConfiguration } }));
  await refused(create({ RecordExpiration: { Expiration: 'ENABLED', Days: 6 } }), 'InvalidArgument');
  await refused(create({ RecordExpiration: { Expiration: 'ENABLED' } }), 'MalformedXML');
  await refused(create({ RecordExpiration: never, EncryptionConfiguration: { SseAlgorithm: 'aws:kms' } }), 'MalformedXML');
  const KmsKeyArn = 'arn:aws:s3:::x';
  await refused(create({ RecordExpiration: never, EncryptionConfiguration: { SseAlgorithm: 'aws:kms', KmsKeyArn } }), 'InvalidArgument');
});

test('each change of an object is a row of the journal', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'before');
  await configure(Bucket);
  await put(Bucket, 'a/한 1', { Metadata: { color: 'blue' }, Tagging: 'k=v&w=', StorageClass: 'STANDARD_IA' });
  await s3.send(new S3.PutObjectTaggingCommand({ Bucket, Key: 'a/한 1', Tagging: { TagSet: [{ Key: 'new', Value: '1' }] } }));
  await s3.send(new S3.DeleteObjectCommand({ Bucket, Key: 'a/한 1' }));
  const { rows, metadata } = await journal(Bucket);
  assert.deepEqual(
    rows.map((row) => [row['record_type'], row['key'], row['object_tags'], row['size'], row['requester']]),
    [
      ['CREATE', 'a/한 1', { k: 'v', w: '' }, 5n, '000000000000'],
      ['UPDATE_METADATA', 'a/한 1', { new: '1' }, 5n, '000000000000'],
      ['DELETE', 'a/한 1', null, null, '000000000000'],
    ],
  );
  const { record_timestamp: at, sequence_number: sequence, request_id: id, object_join_key: join, ...first } = rows[0]!;
  assert.deepEqual(first, {
    ...{ bucket: Bucket, key: 'a/한 1', record_type: 'CREATE', version_id: null, is_delete_marker: false, size: 5n },
    ...{ last_modified_date: at, e_tag: '5d41402abc4b2a76b9719d911017c592', storage_class: 'STANDARD_IA', is_multipart: false },
    ...{
      encryption_status: 'SSE-S3',
      is_bucket_key_enabled: false,
      kms_key_arn: null,
      checksum_algorithm: first['checksum_algorithm'],
    },
    ...{ object_tags: { k: 'v', w: '' }, user_metadata: { color: 'blue' }, requester: '000000000000', source_ip_address: '127.0.0.1' },
  });
  assert.ok(at instanceof Date && id.length > 0 && join.length > 0);
  const sequences = rows.map((row) => row['sequence_number']);
  assert.deepEqual([sequence, ...sequences.slice(1)], sequences.toSorted());
  assert.equal(new Set(sequences).size, 3);
  assert.equal(metadata['format-version'], 2);
});

test('versions, delete markers and what lifecycle does are told as such', async () => {
  const Bucket = await newBucket();
  await s3.send(new S3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await configure(Bucket);
  const first = await put(Bucket, 'x');
  const marker = await s3.send(new S3.DeleteObjectCommand({ Bucket, Key: 'x' }));
  await s3.send(new S3.DeleteObjectCommand({ Bucket, Key: 'x', VersionId: first.VersionId }));
  const second = await put(Bucket, 'old');
  const rule: S3.LifecycleRule = {
    ...{ ID: 'a', Status: 'Enabled', Filter: { Prefix: 'old' } },
    Transitions: [{ Days: 1, StorageClass: 'GLACIER' }],
  };
  const TransitionDefaultMinimumObjectSize = 'varies_by_storage_class';
  const LifecycleConfiguration = { Rules: [rule] };
  await s3.send(new S3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration, TransitionDefaultMinimumObjectSize }));
  await cloud.advance(2 * day);
  const { rows } = await journal(Bucket);
  const told = ['record_type', 'key', 'version_id', 'is_delete_marker', 'size', 'storage_class', 'requester', 'source_ip_address'];
  assert.deepEqual(
    rows.map((row) => told.map((name) => row[name])),
    [
      ['CREATE', 'x', first.VersionId, false, 5n, 'STANDARD', '000000000000', '127.0.0.1'],
      ['DELETE', 'x', marker.VersionId, true, 0n, null, '000000000000', '127.0.0.1'],
      ['DELETE', 'x', first.VersionId, null, null, null, '000000000000', '127.0.0.1'],
      ['CREATE', 'old', second.VersionId, false, 5n, 'STANDARD', '000000000000', '127.0.0.1'],
      ['UPDATE_METADATA', 'old', second.VersionId, false, 5n, 'GLACIER', 's3.amazonaws.com', null],
    ],
  );
});

test('small files of a day become one, and no row is lost or doubled', async () => {
  const Bucket = await newBucket();
  await configure(Bucket);
  // Files are of one day.
  await cloud.advance(day - (cloud.cloud.clock.now() % day));
  const keys = Array.from({ length: 12 }, (_, i) => `key-${i}`);
  for (const key of keys) {
    await put(Bucket, key, { Metadata: { n: key } });
    await cloud.advance(minute);
  }
  const { rows, files } = await journal(Bucket);
  assert.deepEqual(rows.map((row) => row['key']).toSorted(), keys.toSorted());
  assert.ok(
    rows.every((row) => row['user_metadata'].n === row['key'] && row['record_timestamp'] instanceof Date && row['kms_key_arn'] === null),
  );
  assert.ok(files.length < keys.length);
});

test('records expire by the clock of the cloud', async () => {
  const Bucket = await newBucket();
  await configure(Bucket, { JournalTableConfiguration: { RecordExpiration: { Expiration: 'ENABLED', Days: 7 } } });
  await put(Bucket, 'early');
  await cloud.advance(4 * day);
  await put(Bucket, 'late');
  assert.equal((await journal(Bucket)).rows.length, 2);
  await cloud.advance(5 * day);
  assert.deepEqual(
    (await journal(Bucket)).rows.map((row) => row['key']),
    ['late'],
  );
});

test('files of tables are read under the permission for the table, and written by nobody', async () => {
  const Bucket = await newBucket();
  await configure(Bucket);
  await put(Bucket, 'x');
  const { files, metadata } = await journal(Bucket);
  const { hostname: warehouse, pathname } = new URL(files[0]!);
  const Key = pathname.slice(1);
  await refused(s3.send(new S3.PutObjectCommand({ Bucket: warehouse, Key, Body: 'x' })), { code: 'MethodNotAllowed', status: 405 });
  await refused(s3.send(new S3.DeleteObjectCommand({ Bucket: warehouse, Key })), 'MethodNotAllowed');
  await refused(s3.send(new S3.DeleteBucketCommand({ Bucket: warehouse })), 'MethodNotAllowed');
  await refused(s3.send(new S3.ListObjectsV2Command({ Bucket: warehouse })), 'MethodNotAllowed');
  const range = await s3.send(new S3.GetObjectCommand({ Bucket: warehouse, Key, Range: 'bytes=0-3' }));
  assert.equal(await range.Body!.transformToString(), 'PAR1');
  assert.equal(metadata['snapshots'].length, 1);
});

test('a table under a key of KMS is written only where the key lets the keeper in', async () => {
  const statement = (Principal: object, Action: string) => ({ Effect: 'Allow', Principal, Action, Resource: '*' });
  const own = statement({ AWS: 'arn:aws:iam::000000000000:root' }, 'kms:*');
  const key = async (...more: object[]) => {
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [own, ...more] });
    return (await kms.send(new Kms.CreateKeyCommand({ Policy }))).KeyMetadata!.Arn!;
  };
  const [open, shut] = [await key(statement({ Service: 'metadata.s3.amazonaws.com' }, 'kms:*')), await key()];
  const encrypted = (KmsKeyArn: string) => ({
    JournalTableConfiguration: { RecordExpiration: never, EncryptionConfiguration: { SseAlgorithm: 'aws:kms', KmsKeyArn } as const },
  });
  const [first, second] = [await newBucket(), await newBucket()];
  await configure(first, encrypted(open));
  await configure(second, encrypted(shut));
  await put(first, 'x');
  const { files } = await journal(first);
  const { hostname, pathname } = new URL(files[0]!);
  const head = await s3.send(new S3.HeadObjectCommand({ Bucket: hostname, Key: pathname.slice(1) }));
  assert.deepEqual([head.ServerSideEncryption, head.SSEKMSKeyId], ['aws:kms', open]);
  const told = await s3tables.send(new Tables.GetTableEncryptionCommand(tableOf(first)));
  assert.deepEqual(told.encryptionConfiguration, { sseAlgorithm: 'aws:kms', kmsKeyArn: open });
  const { TableStatus, Error } = (await result(second)).JournalTableConfigurationResult!;
  assert.deepEqual([TableStatus, Error!.ErrorCode], ['FAILED', 'AccessDeniedCreatingResources']);
});

test('a table outlives its configuration, and stands in the way of a new one until it is deleted', async () => {
  const Bucket = await newBucket();
  await configure(Bucket);
  await put(Bucket, 'x');
  const { files } = await journal(Bucket);
  const { hostname } = new URL(files[0]!);
  await s3.send(new S3.DeleteBucketMetadataConfigurationCommand({ Bucket }));
  await configure(Bucket);
  assert.equal((await result(Bucket)).JournalTableConfigurationResult?.Error?.ErrorCode, 'JournalTableAlreadyExists');
  await s3tables.send(new Tables.DeleteTableCommand(tableOf(Bucket)));
  await s3.send(new S3.DeleteBucketMetadataConfigurationCommand({ Bucket }));
  await configure(Bucket);
  assert.equal((await result(Bucket)).JournalTableConfigurationResult?.TableStatus, 'ACTIVE');
  await cloud.advance(minute);
  await refused(s3.send(new S3.GetObjectCommand({ Bucket: hostname, Key: 'x' })), 'NoSuchBucket');
});

test('the first form of the API names a table bucket of the customer', async () => {
  const [Bucket, other] = [await newBucket(), await newBucket()];
  const { arn } = await s3tables.send(new Tables.CreateTableBucketCommand({ name: 'mine' }));
  const destination = (TableBucketArn: string) => ({ S3TablesDestination: { TableBucketArn, TableName: 'changes' } });
  const create = (name: string, table: string) =>
    s3.send(new S3.CreateBucketMetadataTableConfigurationCommand({ Bucket: name, MetadataTableConfiguration: destination(table) }));
  await create(Bucket, arn!);
  await create(other, `${arn}-not`);
  await cloud.cloud.settled();
  const get = async (name: string) =>
    (await s3.send(new S3.GetBucketMetadataTableConfigurationCommand({ Bucket: name }))).GetBucketMetadataTableConfigurationResult!;
  const told = await get(Bucket);
  assert.equal(told.Status, 'ACTIVE');
  assert.equal(told.MetadataTableConfigurationResult!.S3TablesDestinationResult!.TableNamespace, 'aws_s3_metadata');
  assert.equal((await get(other)).Error?.ErrorCode, 'TableBucketNotFound');
  assert.equal((await result(Bucket)).DestinationResult?.TableBucketType, 'customer');
  await s3.send(new S3.DeleteBucketMetadataTableConfigurationCommand({ Bucket }));
  await configure(Bucket);
  await refused(s3.send(new S3.GetBucketMetadataTableConfigurationCommand({ Bucket })), { code: 'MethodNotAllowed', status: 405 });
});
