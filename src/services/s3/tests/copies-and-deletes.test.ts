/** Copies and deletions. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  type CopyObjectCommandInput,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'copies-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));
const source = await s3.send(
  new PutObjectCommand({ Bucket, Key: 'dir/source é+', Body: 'original', ContentType: 'text/plain', Metadata: { a: '1' }, Tagging: 'x=1' }),
);
const CopySource = `${Bucket}/${encodeURIComponent('dir/source é+')}`;

const copy = (Key: string, more: Partial<CopyObjectCommandInput> = {}) =>
  s3.send(new CopyObjectCommand({ Bucket, Key, CopySource, ...more }));

test('a copy is the object again, with all that was said of it', async () => {
  const made = await copy('copied');
  assert.equal(made.CopyObjectResult?.ETag, source.ETag);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'copied' }));
  assert.deepEqual(
    [await got.Body!.transformToString(), got.ContentType, got.Metadata, got.TagCount],
    ['original', 'text/plain', { a: '1' }, 1],
  );
});

test('a plus in the name of the source is a space, unless it is encoded', async () => {
  assert.ok(await copy('spaced', { CopySource: `${Bucket}/dir%2Fsource+%C3%A9%2B` }));
  await refused(copy('spaced', { CopySource: `${Bucket}/dir/source+%C3%A9+` }), { code: 'NoSuchKey', status: 404 });
});

test('a copy outlives its source, and the source its copies', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'passing', Body: Buffer.alloc(50_000, 'p') }));
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'heir-1', CopySource: `${Bucket}/passing` }));
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'heir-2', CopySource: `${Bucket}/passing` }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'passing' }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'heir-1' }));
  const left = await s3.send(new GetObjectCommand({ Bucket, Key: 'heir-2' }));
  assert.equal((await left.Body!.transformToByteArray()).length, 50_000);
});

test('directives replace metadata and tags', async () => {
  await copy('replaced', {
    MetadataDirective: 'REPLACE',
    Metadata: { b: '2' },
    ContentType: 'text/html',
    TaggingDirective: 'REPLACE',
    Tagging: 'y=2',
  });
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'replaced' }));
  assert.deepEqual([head.Metadata, head.ContentType], [{ b: '2' }, 'text/html']);
  assert.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'replaced' }))).TagSet, [{ Key: 'y', Value: '2' }]);
});

test('a copy onto itself must change something', async () => {
  const itself = (more: object) => copy('dir/source é+', more);
  await refused(itself({}), {
    code: 'InvalidRequest',
    status: 400,
    message: /^This copy request is illegal because it is trying to copy an object to itself/,
  });
  await itself({ MetadataDirective: 'REPLACE', Metadata: { a: '2' } });
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'dir/source é+' }));
  assert.deepEqual([await got.Body!.transformToString(), got.Metadata], ['original', { a: '2' }]);
});

test('conditions of the source', async () => {
  await copy('if', { CopySourceIfMatch: source.ETag, CopySourceIfUnmodifiedSince: new Date(0) });
  await refused(copy('if', { CopySourceIfMatch: '"other"' }), { code: 'PreconditionFailed', status: 412 });
  await refused(copy('if', { CopySourceIfNoneMatch: source.ETag }), { code: 'PreconditionFailed', status: 412 });
  await refused(copy('if', { CopySourceIfModifiedSince: new Date(cloud.cloud.clock.now()) }), { code: 'PreconditionFailed', status: 412 });
  // A time to come is no condition.
  await copy('if', { CopySourceIfModifiedSince: new Date(cloud.cloud.clock.now() + 60_000) });
});

test('a copy may have another checksum', async () => {
  const made = await copy('checksum', { ChecksumAlgorithm: 'SHA256' });
  assert.equal(
    made.CopyObjectResult?.ChecksumSHA256,
    Buffer.from('0682c5f2076f099c34cfdd15a9e063849ed437a49677e6fcc5b4198c76575be5', 'hex').toString('base64'),
  );
});

test('a source that is not there, or not named', async () => {
  await refused(copy('x', { CopySource: `${Bucket}/none` }), { code: 'NoSuchKey', status: 404 });
  await refused(copy('x', { CopySource: 'no-such-bucket/none' }), { code: 'NoSuchBucket', status: 404 });
  await refused(copy('x', { CopySource: 'nothing' }), {
    code: 'InvalidArgument',
    message: 'Invalid copy source object key',
  });
});

test('deleting is quiet about what is not there', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: 'x' }));
  for (let i = 0; i < 2; i++) assert.equal((await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }))).$metadata.httpStatusCode, 204);
  await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'gone' })), 'NoSuchKey');
});

test('a thousand are deleted at once, and no more', async () => {
  for (const Key of ['many/1', 'many/2']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const keys = (count: number) => Array.from({ length: count }, (_, i) => ({ Key: `many/${i}` }));
  const deleted = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys(1000) } }));
  assert.deepEqual([deleted.Deleted?.length, deleted.Errors], [1000, undefined]);
  await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'many/1' })), 'NoSuchKey');
  assert.equal((await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys(3), Quiet: true } }))).Deleted, undefined);
  await refused(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys(1001) } })), { code: 'MalformedXML', status: 400 });
  const mixed = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'k'.repeat(1025) }, { Key: 'fine' }] } }));
  assert.deepEqual([mixed.Errors?.[0]?.Code, mixed.Deleted?.[0]?.Key], ['KeyTooLongError', 'fine']);
});
