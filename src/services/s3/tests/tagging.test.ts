/** Tags of buckets and of objects. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetBucketTaggingCommand,
  GetObjectTaggingCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'tagging-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));
await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', Tagging: 'b=2&a=1+1' }));

const many = (count: number) => Array.from({ length: count }, (_, i) => ({ Key: `key-${String(i).padStart(2, '0')}`, Value: 'v' }));

test('tags of a bucket are put, read and deleted', async () => {
  await refused(s3.send(new GetBucketTaggingCommand({ Bucket })), {
    code: 'NoSuchTagSet',
    status: 404,
    message: 'The TagSet does not exist',
  });
  const TagSet = [
    { Key: 'team', Value: 'x' },
    { Key: 'cost', Value: '' },
  ];
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
  assert.deepEqual((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet, TagSet);
  await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
  await refused(s3.send(new GetBucketTaggingCommand({ Bucket })), 'NoSuchTagSet');
  await refused(s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: many(51) } })), 'BadRequest');
});

test('tags of an object come with it, or by themselves', async () => {
  const read = async () => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'k' }))).TagSet;
  assert.deepEqual(await read(), [
    { Key: 'a', Value: '1 1' },
    { Key: 'b', Value: '2' },
  ]);
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: many(10) } }));
  assert.deepEqual(await read(), many(10));
  assert.equal((await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'k' }))).$metadata.httpStatusCode, 204);
  assert.deepEqual((await read()) ?? [], []);
  await refused(s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'none' })), 'NoSuchKey');
});

test('the rules of tags', async () => {
  const put = (TagSet: { Key: string; Value: string }[]) => s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet } }));
  await refused(put(many(11)), { code: 'BadRequest', status: 400, message: 'Object tags cannot be greater than 10' });
  await refused(
    put([
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ]),
    { code: 'InvalidTag', message: 'Cannot provide multiple Tags with the same key' },
  );
  await refused(put([{ Key: 'k'.repeat(129), Value: '' }]), { code: 'InvalidTag', message: 'The TagKey you have provided is invalid' });
  await refused(put([{ Key: 'k', Value: 'v'.repeat(257) }]), { code: 'InvalidTag', message: 'The TagValue you have provided is invalid' });
  await refused(put([{ Key: 'k{}', Value: '' }]), 'InvalidTag');
  await refused(s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '', Tagging: 'a=1&a=2' })), {
    code: 'InvalidArgument',
    message: /shall be encoded as UTF-8 then URLEncoded URL query parameters/,
  });
});

test('an empty set of tags is none, and an empty pair in the header is no tag', async () => {
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }));
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [] } }));
  await refused(s3.send(new GetBucketTaggingCommand({ Bucket })), { code: 'NoSuchTagSet' });
  await s3.send(new PutObjectCommand({ Bucket, Key: 'pairs', Body: 'x', Tagging: 'one&&&two=2' }));
  const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'pairs' }));
  assert.deepEqual(TagSet, [
    { Key: 'one', Value: '' },
    { Key: 'two', Value: '2' },
  ]);
});

test('a bucket of one`s own is not made again with tags, and the tags of what a delete marker hides are not to be had', async () => {
  await refused(s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { Tags: [{ Key: 'a', Value: 'b' }] } })), {
    code: 'BucketAlreadyOwnedByYou',
    status: 409,
  });
  const hidden = { Bucket: 'tagging-versions', Key: 'hidden' };
  await s3.send(new CreateBucketCommand({ Bucket: hidden.Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: hidden.Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await s3.send(new PutObjectCommand({ ...hidden, Body: 'x' }));
  await s3.send(new DeleteObjectCommand(hidden));
  await refused(s3.send(new GetObjectTaggingCommand(hidden)), { code: 'MethodNotAllowed', status: 405 });
});
