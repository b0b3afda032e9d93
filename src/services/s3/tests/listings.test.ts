/** Listings of objects: order, pages, delimiters, encoding. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  type ListObjectsV2CommandInput,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'listings-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));
const keys = ['a', 'a/1', 'a/2', 'a/b/3', 'b', 'c/1', 'c/2', 'z z+%', 'é', '\uffee', '😀'];
for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));

const list = async (more: Partial<ListObjectsV2CommandInput> = {}) => {
  const page = await s3.send(new ListObjectsV2Command({ Bucket, ...more }));
  return {
    page,
    keys: page.Contents?.map((object) => object.Key) ?? [],
    prefixes: page.CommonPrefixes?.map((common) => common.Prefix) ?? [],
  };
};

test('keys are in the order of their UTF-8 bytes', async () => {
  const all = await list();
  assert.deepEqual(all.keys, keys);
  assert.deepEqual([all.page.KeyCount, all.page.IsTruncated, all.page.MaxKeys], [keys.length, false, 1000]);
  const first = all.page.Contents![0]!;
  assert.deepEqual(
    [first.Size, first.ETag, first.StorageClass, first.Owner],
    [1, '"0cc175b9c0f1b6a831c399e269772661"', 'STANDARD', undefined],
  );
  assert.match((await list({ FetchOwner: true })).page.Contents![0]!.Owner!.ID!, /^[0-9a-f]{64}$/);
});

test('many keys behind many prefixes roll up alike in pages of every size', async () => {
  const Crowded = 'crowded-bucket';
  await s3.send(new CreateBucketCommand({ Bucket: Crowded }));
  const folders = Array.from({ length: 40 }, (_, i) => `in/${i % 3 === 0 ? 'é' : 'f'}${String(i).padStart(2, '0')}/`).toSorted();
  const files = ['in/f05', 'in/f10.txt', 'in/g', 'in/zz'];
  const all = [...folders.flatMap((folder) => [1, 2, 3, 4, 5].map((n) => `${folder}${n}`)), ...files, 'on/1'];
  await Promise.all(all.map((Key) => s3.send(new PutObjectCommand({ Bucket: Crowded, Key, Body: '' }))));
  for (const pageSize of [1, 7, 40, 43, 44, 1000]) {
    const found = { keys: [] as string[], prefixes: [] as string[] };
    for await (const page of paginateListObjectsV2({ client: s3, pageSize }, { Bucket: Crowded, Prefix: 'in/', Delimiter: '/' })) {
      found.keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      found.prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
    }
    assert.deepEqual(found, { keys: files, prefixes: folders });
  }
});

test('prefixes narrow, delimiters roll up', async () => {
  const top = await list({ Delimiter: '/' });
  assert.deepEqual(
    [top.keys, top.prefixes],
    [
      ['a', 'b', 'z z+%', 'é', '\uffee', '😀'],
      ['a/', 'c/'],
    ],
  );
  const inside = await list({ Prefix: 'a/', Delimiter: '/' });
  assert.deepEqual([inside.keys, inside.prefixes], [['a/1', 'a/2'], ['a/b/']]);
  assert.deepEqual((await list({ Prefix: 'nothing' })).keys, []);
});

test('pages continue where they ended, rolled up or not', async () => {
  for (const Delimiter of [undefined, '/']) {
    const whole = await list({ Delimiter });
    const found: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket, Delimiter })) {
      found.push(...(page.Contents ?? []).map((object) => object.Key), ...(page.CommonPrefixes ?? []).map((common) => common.Prefix));
    }
    assert.deepEqual(found.sort(), [...whole.keys, ...whole.prefixes].sort());
  }
});

test('a page may begin behind any key', async () => {
  assert.deepEqual((await list({ StartAfter: 'c/1' })).keys, keys.slice(6));
  assert.deepEqual((await list({ StartAfter: 'between' })).keys, keys.slice(5));
  assert.deepEqual((await list({ MaxKeys: 0 })).page.IsTruncated, false);
  await refused(list({ ContinuationToken: 'nonsense' }), {
    code: 'InvalidArgument',
    status: 400,
    message: 'The continuation token provided is incorrect',
  });
  await refused(list({ MaxKeys: -1 }), 'InvalidArgument');
});

test('the first version pages by marker', async () => {
  const first = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 2 }));
  assert.deepEqual([first.IsTruncated, first.NextMarker, first.Contents?.[0]?.Owner?.ID?.length], [true, 'a/', 64]);
  const second = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 2, Marker: first.NextMarker }));
  assert.deepEqual([second.Contents?.map((object) => object.Key), second.CommonPrefixes], [['b'], [{ Prefix: 'c/' }]]);
  assert.equal((await s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 1 }))).NextMarker, undefined);
});

test('names are encoded when asked', async () => {
  const encoded = await list({ EncodingType: 'url', Prefix: 'z z' });
  assert.deepEqual([encoded.keys, encoded.page.Prefix, encoded.page.EncodingType], [['z%20z%2B%25'], 'z%20z', 'url']);
  assert.deepEqual((await list({ EncodingType: 'url', Prefix: 'a/b' })).keys, ['a/b/3']);
  await refused(list({ EncodingType: 'base64' as 'url' }), {
    code: 'InvalidArgument',
    message: 'Invalid Encoding Method specified in Request',
  });
});

test('without versioning each object is its null version', async () => {
  const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2 }));
  assert.deepEqual(
    page.Versions?.map((version) => [version.Key, version.VersionId, version.IsLatest]),
    [
      ['a', 'null', true],
      ['a/1', 'null', true],
    ],
  );
  assert.deepEqual([page.IsTruncated, page.NextKeyMarker], [true, 'a/1']);
});

test('a bucket that is not there has no listing', async () => {
  await refused(s3.send(new ListObjectsV2Command({ Bucket: 'no-such-bucket' })), 'NoSuchBucket');
});
