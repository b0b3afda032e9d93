/** Metadata tables that show what is: the live inventory, and annotations. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import * as S3 from '@aws-sdk/client-s3';
import * as Tables from '@aws-sdk/client-s3tables';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { readTable } from '../../../../tests/iceberg-reader.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3.S3Client);
const s3tables = cloud.client(Tables.S3TablesClient);
const iam = cloud.client(Iam.IAMClient);
const hour = 3_600_000;
let made = 0;

const newBucket = async (): Promise<string> => {
  const Bucket = `live-${made++}`;
  await s3.send(new S3.CreateBucketCommand({ Bucket }));
  return Bucket;
};
const configure = async (Bucket: string, more: Partial<S3.MetadataConfiguration>): Promise<void> => {
  const MetadataConfiguration = { JournalTableConfiguration: { RecordExpiration: { Expiration: 'DISABLED' } as const }, ...more };
  await s3.send(new S3.CreateBucketMetadataConfigurationCommand({ Bucket, MetadataConfiguration }));
  await cloud.cloud.settled();
};
const result = async (Bucket: string) =>
  (await s3.send(new S3.GetBucketMetadataConfigurationCommand({ Bucket }))).GetBucketMetadataConfigurationResult!
    .MetadataConfigurationResult!;
const put = (Bucket: string, Key: string, more: Partial<S3.PutObjectCommandInput> = {}) =>
  s3.send(new S3.PutObjectCommand({ Bucket, Key, Body: 'hello', ...more }));
const annotate = (Bucket: string, Key: string, AnnotationName: string, AnnotationPayload: string) =>
  s3.send(new S3.PutObjectAnnotationCommand({ Bucket, Key, AnnotationName, AnnotationPayload }));
const table = (bucket: string, name: 'inventory' | 'annotation') => readTable(s3, s3tables, bucket, name);
const inventory = { InventoryTableConfiguration: { ConfigurationState: 'ENABLED' } } as const;

test('an inventory has what was there before, and follows what changes within the hour', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'kept', { Metadata: { color: 'blue' }, Tagging: 'k=v' });
  await put(Bucket, 'gone');
  await configure(Bucket, inventory);
  const told = (await result(Bucket)).InventoryTableConfigurationResult!;
  assert.deepEqual([told.ConfigurationState, told.TableStatus, told.TableName], ['ENABLED', 'ACTIVE', 'inventory']);
  const { rows } = await table(Bucket, 'inventory');
  assert.deepEqual(
    rows.map((row) => [
      row['key'],
      row['size'],
      row['is_delete_marker'],
      row['object_tags'],
      row['user_metadata'],
      row['encryption_status'],
    ]),
    [
      ['gone', 5n, false, {}, {}, 'SSE-S3'],
      ['kept', 5n, false, { k: 'v' }, { color: 'blue' }, 'SSE-S3'],
    ],
  );
  await s3.send(new S3.DeleteObjectCommand({ Bucket, Key: 'gone' }));
  await put(Bucket, 'new', { Body: 'longer' });
  await cloud.advance(hour);
  const next = await table(Bucket, 'inventory');
  assert.deepEqual(
    next.rows.map((row) => [row['key'], row['size']]),
    [
      ['kept', 5n],
      ['new', 6n],
    ],
  );
  for (const Key of ['kept', 'new']) await s3.send(new S3.DeleteObjectCommand({ Bucket, Key }));
  await cloud.advance(hour);
  assert.deepEqual((await table(Bucket, 'inventory')).rows, []);
});

test('all versions are in it, delete markers too', async () => {
  const Bucket = await newBucket();
  await s3.send(new S3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const first = await put(Bucket, 'x');
  const second = await put(Bucket, 'x');
  const marker = await s3.send(new S3.DeleteObjectCommand({ Bucket, Key: 'x' }));
  await put(Bucket, 'a');
  await configure(Bucket, inventory);
  const { rows } = await table(Bucket, 'inventory');
  assert.deepEqual(
    rows.slice(1).map((row) => [row['version_id'], row['is_delete_marker'], row['size'], row['storage_class']]),
    [
      [marker.VersionId, true, 0n, null],
      [second.VersionId, false, 5n, 'STANDARD'],
      [first.VersionId, false, 5n, 'STANDARD'],
    ],
  );
});

test('it is enabled and disabled later', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'x');
  await configure(Bucket, {});
  const update = async (ConfigurationState: 'ENABLED' | 'DISABLED') => {
    const input = { Bucket, InventoryTableConfiguration: { ConfigurationState } };
    await s3.send(new S3.UpdateBucketMetadataInventoryTableConfigurationCommand(input));
    await cloud.cloud.settled();
  };
  await update('ENABLED');
  assert.equal((await table(Bucket, 'inventory')).rows.length, 1);
  await update('DISABLED');
  assert.deepEqual((await result(Bucket)).InventoryTableConfigurationResult, { ConfigurationState: 'DISABLED' });
  await update('ENABLED');
  assert.equal((await result(Bucket)).InventoryTableConfigurationResult!.Error?.ErrorCode, 'InventoryTableAlreadyExists');
});

test('annotations are rows with their texts, read as the role that is named', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'song');
  await annotate(Bucket, 'song', 'lyrics', 'la la 라');
  const trust = { Effect: 'Allow', Principal: { Service: 'metadata.s3.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const roleOf = async (RoleName: string, allowed: boolean) => {
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    const { Role } = await iam.send(new Iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const Action = allowed ? ['s3:GetObjectAnnotation', 's3:GetObjectVersionAnnotation'] : 's3:ListBucket';
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
    await iam.send(new Iam.PutRolePolicyCommand({ RoleName, PolicyName: 'read', PolicyDocument }));
    return Role!.Arn!;
  };
  const [reader, other] = [await roleOf('reads-annotations', true), await roleOf('reads-nothing', false)];
  const given = (Role: string) => ({ AnnotationTableConfiguration: { ConfigurationState: 'ENABLED', Role } as const });
  await configure(Bucket, { ...given(reader), ...inventory });
  const told = (await result(Bucket)).AnnotationTableConfigurationResult!;
  assert.deepEqual([told.TableStatus, told.TableName, told.Role], ['ACTIVE', 'annotation', reader]);
  const { rows } = await table(Bucket, 'annotation');
  const { object_join_key: join, ...row } = rows[0]!;
  assert.deepEqual(
    ['bucket', 'object_key', 'object_version_id', 'name', 'size', 'text_value', 'replication_status'].map((name) => row[name]),
    [Bucket, 'song', null, 'lyrics', 9n, 'la la 라', null],
  );
  assert.equal((await table(Bucket, 'inventory')).rows[0]!['object_join_key'], join);
  await annotate(Bucket, 'song', 'mood', 'calm');
  await s3.send(new S3.DeleteObjectAnnotationCommand({ Bucket, Key: 'song', AnnotationName: 'lyrics' }));
  await cloud.advance(hour);
  assert.deepEqual(
    (await table(Bucket, 'annotation')).rows.map((one) => one['name']),
    ['mood'],
  );
  await s3.send(new S3.UpdateBucketMetadataAnnotationTableConfigurationCommand({ Bucket, ...given(other) }));
  await annotate(Bucket, 'song', 'year', '2026');
  await cloud.advance(hour);
  const failed = (await result(Bucket)).AnnotationTableConfigurationResult!;
  assert.deepEqual([failed.TableStatus, failed.Error?.ErrorCode], ['FAILED', 'AccessDeniedWritingToTable']);
});
