/** Conditional requests and ranges. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  type GetObjectCommandInput,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'conditions-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));
const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '0123456789' }));
await s3.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: '' }));

const get = (more: Partial<GetObjectCommandInput>) => s3.send(new GetObjectCommand({ Bucket, Key: 'k', ...more }));
const before = () => new Date(cloud.cloud.clock.now() - 60_000);
const later = () => new Date(cloud.cloud.clock.now() + 60_000);

test('a read goes on, or is 304, or 412', async () => {
  assert.equal(
    (await get({ IfMatch: ETag, IfNoneMatch: '"other"', IfModifiedSince: before(), IfUnmodifiedSince: later() })).ContentLength,
    10,
  );
  await refused(get({ IfNoneMatch: ETag }), { status: 304 });
  await refused(get({ IfNoneMatch: '*' }), { status: 304 });
  await refused(get({ IfModifiedSince: new Date(cloud.cloud.clock.now()) }), { status: 304 });
  // A time to come is no condition.
  assert.equal((await get({ IfModifiedSince: later() })).ContentLength, 10);
  const error = await refused(get({ IfMatch: '"other"' }), {
    code: 'PreconditionFailed',
    status: 412,
    message: 'At least one of the pre-conditions you specified did not hold',
  });
  assert.equal(error['Condition'], 'If-Match');
  await refused(get({ IfUnmodifiedSince: before() }), { code: 'PreconditionFailed', status: 412 });
  await refused(s3.send(new HeadObjectCommand({ Bucket, Key: 'k', IfMatch: '"other"' })), { status: 412 });
});

test('an ETag outweighs the date beside it', async () => {
  assert.equal((await get({ IfMatch: ETag, IfUnmodifiedSince: before() })).ContentLength, 10);
  assert.equal((await get({ IfNoneMatch: '"other"', IfModifiedSince: later() })).ContentLength, 10);
  await refused(get({ IfNoneMatch: ETag, IfModifiedSince: before() }), { status: 304 });
});

test('a write may ask that nothing, or that this, stands there', async () => {
  const put = (Key: string, more: object) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'new', ...more }));
  await put('once', { IfNoneMatch: '*' });
  await refused(put('once', { IfNoneMatch: '*' }), { code: 'PreconditionFailed', status: 412 });
  await refused(put('once', { IfMatch: '"other"' }), { code: 'PreconditionFailed', status: 412 });
  await put('once', { IfMatch: '"22af645d1859cb5ca6da0c484f1f37ea"' });
  await refused(put('nothing', { IfMatch: '"other"' }), { code: 'NoSuchKey', status: 404 });
  await refused(put('once', { IfNoneMatch: '"etag"' }), { code: 'NotImplemented', status: 501 });
  await refused(s3.send(new DeleteObjectCommand({ Bucket, Key: 'once', IfMatch: '"other"' })), { code: 'PreconditionFailed', status: 412 });
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'once', IfMatch: '*' }));
});

test('of many writers that want to be first, one is', async () => {
  const attempts = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) => s3.send(new PutObjectCommand({ Bucket, Key: 'race', Body: `writer ${i}`, IfNoneMatch: '*' }))),
  );
  assert.equal(attempts.filter((attempt) => attempt.status === 'fulfilled').length, 1);
});

test('a range gives those bytes, and says which', async () => {
  const ranges: [string, string, string][] = [
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=4-', '456789', 'bytes 4-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
    ['bytes=-100', '0123456789', 'bytes 0-9/10'],
  ];
  for (const [Range, bytes, ContentRange] of ranges) {
    const got = await get({ Range });
    assert.deepEqual([got.$metadata.httpStatusCode, await got.Body!.transformToString(), got.ContentRange], [206, bytes, ContentRange]);
  }
});

test('several ranges, or a range that is none, give the whole', async () => {
  for (const Range of ['bytes=0-1,4-5', 'bytes=5-2', 'lines=1-2', 'bytes=', 'bytes=a-b']) {
    const got = await get({ Range });
    assert.deepEqual([got.$metadata.httpStatusCode, await got.Body!.transformToString()], [200, '0123456789']);
  }
});

test('a range beyond the end is not satisfiable', async () => {
  const error = await refused(get({ Range: 'bytes=10-' }), {
    code: 'InvalidRange',
    status: 416,
    message: 'The requested range is not satisfiable',
  });
  assert.deepEqual([error['RangeRequested'], String(error['ActualObjectSize'])], ['bytes=10-', '10']);
  await refused(get({ Range: 'bytes=-0' }), 'InvalidRange');
  await refused(get({ Key: 'empty', Range: 'bytes=0-0' }), 'InvalidRange');
  await refused(get({ PartNumber: 2 }), { code: 'InvalidPartNumber', status: 416 });
  await refused(get({ PartNumber: 1, Range: 'bytes=0-1' }), 'InvalidRequest');
});

test('a write takes `*` as If-None-Match alone, an ETag as If-Match alone, and not both', async () => {
  const put = (more: { IfMatch?: string; IfNoneMatch?: string }) => s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...more }));
  const word = { code: 'NotImplemented', status: 501, message: 'A header you provided implies functionality that is not implemented' };
  assert.equal((await refused(put({ IfMatch: '*' }), word))['Header'], 'If-Match');
  assert.equal((await refused(put({ IfNoneMatch: ETag }), word))['Header'], 'If-None-Match');
  assert.equal((await refused(put({ IfMatch: ETag, IfNoneMatch: '*' }), word))['Header'], 'If-Match,If-None-Match');
});

test('an upload whose object was replaced meanwhile is to be begun again', async () => {
  const Key = 'overtaken';
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const part = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'part' }));
  await cloud.advance(1000);
  const { ETag: IfMatch } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'newer' }));
  const complete = { Bucket, Key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag }] }, IfMatch };
  const error = await refused(s3.send(new CompleteMultipartUploadCommand(complete)), { code: 'ConditionalRequestConflict', status: 409 });
  assert.equal(error['Condition'], 'If-Match');
});
