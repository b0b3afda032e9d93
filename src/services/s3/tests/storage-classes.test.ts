/** Storage classes: how they are put, shown, archived and restored on the cloud's clock. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  RestoreObjectCommand,
  S3Client,
  type RestoreRequest,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'classes-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const put = (Key: string, StorageClass?: StorageClass) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'cold', StorageClass }));
const head = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key }));
const read = async (Key: string) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
const restore = async (Key: string, RestoreRequest: RestoreRequest) =>
  (await s3.send(new RestoreObjectCommand({ Bucket, Key, RestoreRequest }))).$metadata.httpStatusCode;
const expedited = { Days: 2, GlacierJobParameters: { Tier: 'Expedited' as const } };

test('every class is kept and shown, and the archived ones are not read', async () => {
  const archived = new Set(['GLACIER', 'DEEP_ARCHIVE']);
  const classes = [
    'STANDARD_IA',
    'ONEZONE_IA',
    'INTELLIGENT_TIERING',
    'GLACIER_IR',
    'GLACIER',
    'DEEP_ARCHIVE',
    'REDUCED_REDUNDANCY',
  ] as const;
  for (const name of classes) {
    const Key = `each/${name}`;
    await put(Key, name);
    assert.equal((await head(Key)).StorageClass, name);
    const attributes = await s3.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ['StorageClass'] }));
    assert.equal(attributes.StorageClass, name);
    if (!archived.has(name)) assert.equal(await read(Key), 'cold');
    else {
      const error = await refused(read(Key), {
        code: 'InvalidObjectState',
        status: 403,
        message: "The operation is not valid for the object's storage class",
      });
      assert.equal(error['StorageClass'], name);
      await refused(s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${Key}` })), {
        code: 'InvalidObjectState',
        message: "Operation is not valid for the source object's storage class",
      });
    }
  }
  await put('each/STANDARD', 'STANDARD');
  assert.equal((await head('each/STANDARD')).StorageClass, undefined);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'each/' }));
  assert.deepEqual(
    Contents?.map((object) => object.StorageClass),
    Contents?.map((object) => object.Key!.slice('each/'.length)),
  );
});

test('classes of other buckets, and those that are none', async () => {
  for (const name of ['OUTPOSTS', 'EXPRESS_ONEZONE', 'COLD'] as StorageClass[])
    await refused(put('x', name), { code: 'InvalidStorageClass', status: 400, message: 'The storage class you specified is not valid' });
});

test('a copy chooses its class anew, in place too', async () => {
  await put('warm', 'STANDARD_IA');
  const copy = (more: object) => s3.send(new CopyObjectCommand({ Bucket, Key: 'warm', CopySource: `${Bucket}/warm`, ...more }));
  await copy({ StorageClass: 'GLACIER_IR' });
  assert.equal((await head('warm')).StorageClass, 'GLACIER_IR');
  await copy({ StorageClass: 'STANDARD' });
  assert.equal((await head('warm')).StorageClass, undefined);
  await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts', StorageClass: 'ONEZONE_IA' }));
  assert.equal((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.[0]?.StorageClass, 'ONEZONE_IA');
});

test('Flexible Retrieval comes back after minutes or hours, for days', async () => {
  await put('flexible', 'GLACIER');
  assert.equal(await restore('flexible', expedited), 202);
  assert.equal((await head('flexible')).Restore, 'ongoing-request="true"');
  await refused(read('flexible'), 'InvalidObjectState');
  const listed = async () =>
    (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'flexible', OptionalObjectAttributes: ['RestoreStatus'] }))).Contents![0]!;
  assert.deepEqual((await listed()).RestoreStatus, { IsRestoreInProgress: true });
  await refused(restore('flexible', expedited), { code: 'RestoreAlreadyInProgress', status: 409 });
  await cloud.advance(5 * minute);
  assert.equal(await read('flexible'), 'cold');
  const { Restore, StorageClass } = await head('flexible');
  assert.equal(StorageClass, 'GLACIER');
  const expiry = new Date(/^ongoing-request="false", expiry-date="([^"]+)"$/.exec(Restore!)![1]!);
  assert.equal(expiry.getTime() % day, 0);
  assert.deepEqual((await listed()).RestoreStatus, { IsRestoreInProgress: false, RestoreExpiryDate: expiry });
  assert.ok(expiry.getTime() > cloud.cloud.clock.now() + 2 * day - 5 * minute);
  assert.equal(await restore('flexible', { Days: 5 }), 200);
  assert.match((await head('flexible')).Restore!, new RegExp(new Date(expiry.getTime() + 3 * day).toUTCString()));
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'thawed', CopySource: `${Bucket}/flexible` }));
  await cloud.advance(6 * day);
  await refused(read('flexible'), 'InvalidObjectState');
  assert.equal((await head('flexible')).Restore, undefined);
  assert.equal(await read('thawed'), 'cold');
});

test('the tier decides the wait, and a faster one speeds up what is under way', async () => {
  await put('bulk', 'GLACIER');
  await put('deep', 'DEEP_ARCHIVE');
  await restore('bulk', { Days: 1, GlacierJobParameters: { Tier: 'Bulk' } });
  await restore('deep', { Days: 1 });
  await cloud.advance(5 * hour - minute);
  await refused(read('bulk'), 'InvalidObjectState');
  assert.equal(await restore('bulk', { ...expedited, Days: 1 }), 202);
  await cloud.advance(5 * minute);
  assert.equal(await read('bulk'), 'cold');
  await refused(read('deep'), 'InvalidObjectState');
  await cloud.advance(7 * hour);
  assert.equal(await read('deep'), 'cold');
});

test('what is not archived is not restored, and a restoration has its days', async () => {
  await put('cold', 'DEEP_ARCHIVE');
  await refused(restore('each/STANDARD_IA', { Days: 1 }), {
    code: 'InvalidObjectState',
    status: 403,
    message: "Restore is not allowed for the object's current storage class",
  });
  await refused(restore('cold', expedited), {
    code: 'InvalidArgument',
    message: 'Retrieval option is not supported by this storage class',
  });
  await refused(restore('cold', {}), 'MalformedXML');
  await refused(restore('cold', { Days: 0 }), 'InvalidArgument');
  await refused(restore('nothing', { Days: 1 }), 'NoSuchKey');
  await refused(restore('cold', { Type: 'SELECT' }), 'NotImplemented');
});
