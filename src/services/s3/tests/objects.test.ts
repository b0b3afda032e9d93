/** Objects: put, get, head, and what goes with the bytes. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectAclCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'objects-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));

const text = async (Key: string, more: object = {}) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body!.transformToString();

test('bytes come back as they were put, whatever their number', async () => {
  for (const size of [0, 1, 700, 1024, 70_000, 3_000_000]) {
    const Body = Buffer.alloc(size, 'abcdefg');
    await s3.send(new PutObjectCommand({ Bucket, Key: `size/${size}`, Body }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: `size/${size}` }));
    assert.deepEqual(Buffer.from(await got.Body!.transformToByteArray()), Body);
    assert.equal(got.ContentLength, size);
  }
});

test('an object is replaced whole', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'replaced', Body: 'one', Metadata: { a: '1' }, Tagging: 'x=1' }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'replaced', Body: 'second' }));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'replaced' }));
  assert.deepEqual([await got.Body!.transformToString(), got.Metadata, got.TagCount], ['second', {}, undefined]);
});

test('what was acknowledged is there after a restart', async () => {
  const first = await startCloud();
  const client = first.client(S3Client);
  await client.send(new CreateBucketCommand({ Bucket: 'kept-bucket' }));
  for (const size of [5, 5000, 2_000_000])
    await client.send(new PutObjectCommand({ Bucket: 'kept-bucket', Key: String(size), Body: Buffer.alloc(size, 'k') }));
  await first.close({ keep: true });
  const second = await startCloud({ dataDirectory: first.dataDirectory });
  try {
    for (const size of [5, 5000, 2_000_000]) {
      const got = await second.client(S3Client).send(new GetObjectCommand({ Bucket: 'kept-bucket', Key: String(size) }));
      assert.deepEqual(Buffer.from(await got.Body!.transformToByteArray()), Buffer.alloc(size, 'k'));
    }
  } finally {
    await second.close();
  }
});

test('keys are any Unicode, with slashes and dots as they are', async () => {
  for (const Key of ['/lead', 'a//b', 'ünïcödé/ключ/鍵', 'space +%20&=?', '😀', '.a/..b', 'tab\there', 'quote"\'<>']) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    assert.equal(await text(Key), Key);
  }
  await refused(s3.send(new PutObjectCommand({ Bucket, Key: 'k'.repeat(1025), Body: '' })), {
    code: 'KeyTooLongError',
    status: 400,
    message: 'Your key is too long',
  });
  await s3.send(new PutObjectCommand({ Bucket, Key: 'k'.repeat(1024), Body: '' }));
});

test('headers and metadata are given back, aws-chunked is not', async () => {
  const headers = {
    CacheControl: 'max-age=5',
    ContentDisposition: 'attachment; filename="a"',
    ContentEncoding: 'gzip',
    ContentLanguage: 'ko',
    ContentType: 'text/plain',
    Expires: new Date(1_800_000_000_000),
  };
  await s3.send(new PutObjectCommand({ Bucket, Key: 'described', Body: 'x', ...headers, Metadata: { Name: 'Value', __proto__x: 'y' } }));
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'described' }));
  assert.deepEqual(
    [head.CacheControl, head.ContentDisposition, head.ContentEncoding, head.ContentLanguage, head.ContentType, head.ExpiresString],
    [headers.CacheControl, headers.ContentDisposition, 'gzip', 'ko', 'text/plain', headers.Expires.toUTCString()],
  );
  assert.deepEqual(head.Metadata, { name: 'Value', __proto__x: 'y' });
  assert.equal(head.ETag, '"9dd4e461268c8034f5c8564e155c67a6"');
  await refused(s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '', Metadata: { a: 'x'.repeat(2048) } })), {
    code: 'MetadataTooLarge',
    status: 400,
  });
});

test('a caller may choose the headers of the answer', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'overridden', Body: 'x' }));
  const got = await s3.send(
    new GetObjectCommand({
      Bucket,
      Key: 'overridden',
      ResponseContentType: 'text/html',
      ResponseCacheControl: 'no-store',
      ResponseContentDisposition: 'inline',
    }),
  );
  assert.deepEqual([got.ContentType, got.CacheControl, got.ContentDisposition], ['text/html', 'no-store', 'inline']);
});

test('what is missing is not found', async () => {
  const error = await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'no/such' })), {
    code: 'NoSuchKey',
    status: 404,
    message: 'The specified key does not exist.',
  });
  assert.equal(error['Key'], 'no/such');
  await refused(s3.send(new HeadObjectCommand({ Bucket, Key: 'no/such' })), { code: 'NotFound', status: 404 });
  await refused(s3.send(new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'x' })), { code: 'NoSuchBucket', status: 404 });
  await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'overridden', VersionId: 'abc' })), {
    code: 'InvalidArgument',
    status: 400,
    message: 'Invalid version id specified',
  });
});

test('parameters that are not built are named', async () => {
  const put = (more: object) => s3.send(new PutObjectCommand({ Bucket, Key: 'unbuilt', Body: 'x', ...more }));
  await refused(put({ ServerSideEncryption: 'aws:fsx' }), {
    code: 'NotImplemented',
    status: 501,
    message: /s3:PutObject with ServerSideEncryption aws:fsx/,
  });
  await refused(put({ ACL: 'public-read' }), 'AccessControlListNotSupported');
  await put({ ACL: 'bucket-owner-full-control', StorageClass: 'STANDARD' });
});

test('the ACL of an object is its owner’s', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'acl', Body: 'x' }));
  assert.equal((await s3.send(new GetObjectAclCommand({ Bucket, Key: 'acl' }))).Grants?.[0]?.Permission, 'FULL_CONTROL');
  await s3.send(new PutObjectAclCommand({ Bucket, Key: 'acl', ACL: 'bucket-owner-full-control' }));
  await refused(s3.send(new PutObjectAclCommand({ Bucket, Key: 'acl', ACL: 'public-read' })), 'AccessControlListNotSupported');
});

test('attributes are told as asked', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'attributes', Body: 'x', ChecksumAlgorithm: 'SHA256' }));
  const all = await s3.send(
    new GetObjectAttributesCommand({
      Bucket,
      Key: 'attributes',
      ObjectAttributes: ['ETag', 'Checksum', 'ObjectParts', 'ObjectSize', 'StorageClass'],
    }),
  );
  assert.deepEqual(
    [all.ETag, all.ObjectSize, all.StorageClass, all.ObjectParts],
    ['9dd4e461268c8034f5c8564e155c67a6', 1, 'STANDARD', undefined],
  );
  assert.deepEqual(all.Checksum, { ChecksumSHA256: 'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=', ChecksumType: 'FULL_OBJECT' });
  const some = await s3.send(new GetObjectAttributesCommand({ Bucket, Key: 'attributes', ObjectAttributes: ['ObjectSize'] }));
  assert.deepEqual([some.ETag, some.ObjectSize], [undefined, 1]);
});
