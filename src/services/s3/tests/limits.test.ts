/** S3's quotas, each to its last byte and in AWS's words one further. What nobody could send in a test is written as records. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectAttributesCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { rootOf, startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { buckets, parts } from '../tables.ts';

const cloud = await startCloud({ rehearse: false });
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'limits';
const gibibyte = 1024 ** 3;
await s3.send(new CreateBucketCommand({ Bucket }));

test('an account has 10,000 buckets', async () => {
  const account = '333333333333';
  const full = cloud.client(S3Client, { credentials: rootOf(account) });
  await full.send(new CreateBucketCommand({ Bucket: 'of-many-0' }));
  await cloud.cloud.store.write(async (tx) => {
    const model = (await buckets.get(tx, 'of-many-0'))!;
    for (let i = 1; i < 10_000; i++) await buckets.put(tx, { ...model, name: `of-many-${i}` });
  });
  await refused(full.send(new CreateBucketCommand({ Bucket: 'one-too-many' })), {
    ...{ code: 'TooManyBuckets', status: 400 },
    message: 'You have attempted to create more buckets than allowed',
  });
  await s3.send(new CreateBucketCommand({ Bucket: 'of-another-account' }));
  await full.send(new DeleteBucketCommand({ Bucket: 'of-many-1' }));
  await full.send(new CreateBucketCommand({ Bucket: 'not-too-many' }));
});

test('a key has 1,024 bytes of UTF-8', async () => {
  const whole = `${'한'.repeat(341)}a`;
  assert.equal(Buffer.byteLength(whole), 1024);
  await s3.send(new PutObjectCommand({ Bucket, Key: whole, Body: 'x' }));
  const longer = await refused(s3.send(new PutObjectCommand({ Bucket, Key: `${'한'.repeat(341)}é`, Body: 'x' })), {
    ...{ code: 'KeyTooLongError', status: 400 },
    message: 'Your key is too long',
  });
  assert.deepEqual([longer['Size'], longer['MaxSizeAllowed']], ['1025', '1024']);
  await refused(s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k'.repeat(1025) })), 'KeyTooLongError');
});

test('metadata have 2 KB, names and values together', async () => {
  const put = (bytes: number) =>
    s3.send(new PutObjectCommand({ Bucket, Key: 'described', Body: 'x', Metadata: { a: 'v'.repeat(1000), bb: 'v'.repeat(bytes - 1003) } }));
  await put(2048);
  const more = await refused(put(2049), {
    ...{ code: 'MetadataTooLarge', status: 400 },
    message: 'Your metadata headers exceed the maximum allowed metadata size',
  });
  assert.deepEqual([more['Size'], more['MaxSizeAllowed']], ['2049', '2048']);
});

test('an object has ten tags', async () => {
  const tags = (count: number) => Array.from({ length: count }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));
  const inHeader = (count: number) =>
    tags(count)
      .map(({ Key, Value }) => `${Key}=${Value}`)
      .join('&');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'tagged', Body: 'x', Tagging: inHeader(10) }));
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: tags(10) } }));
  const tooMany = { code: 'BadRequest', status: 400, message: 'Object tags cannot be greater than 10' };
  await refused(s3.send(new PutObjectCommand({ Bucket, Key: 'tagged', Body: 'x', Tagging: inHeader(11) })), tooMany);
  await refused(s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: tags(11) } })), tooMany);
});

test('one request brings 5 GiB, and more is refused by its header alone', async () => {
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/*` }];
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'whole' }));
  for (const path of [`/${Bucket}/whole`, `/${Bucket}/whole?partNumber=1&uploadId=${UploadId}`]) {
    assert.equal(await announce(path, 5 * gibibyte), 'go on');
    const answer = await announce(path, 5 * gibibyte + 1);
    assert.match(answer, /^400 .*<Code>EntityTooLarge<\/Code><Message>Your proposed upload exceeds the maximum allowed size<\/Message>/s);
    assert.match(answer, /<ProposedSize>5368709121<\/ProposedSize><MaxSizeAllowed>5368709120<\/MaxSizeAllowed>/);
  }
});

test('parts are numbered from 1 to 10,000', async () => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'numbered' }));
  const send = (PartNumber: number) => s3.send(new UploadPartCommand({ Bucket, Key: 'numbered', UploadId, PartNumber, Body: 'x' }));
  await send(10_000);
  for (const wrong of [0, 10_001])
    await refused(send(wrong), {
      ...{ code: 'InvalidArgument', status: 400 },
      message: 'Part number must be an integer between 1 and 10000, inclusive',
    });
});

test('10,000 parts of 5 GiB make an object of 48.8 TiB, and none is larger', async () => {
  const even = 5 * gibibyte;
  const rest = even - 3;
  const most = 10_000 * even;
  const larger = await newUpload('larger', (number) => (number < 10_000 ? even : even + 1), 10_000);
  const tooLarge = await refused(complete('larger', larger, 10_000), {
    ...{ code: 'EntityTooLarge', status: 400 },
    message: 'Your proposed upload exceeds the maximum allowed size',
  });
  assert.deepEqual([tooLarge['ProposedSize'], tooLarge['MaxSizeAllowed']], [String(most + 1), String(most)]);

  const size = most - 3;
  const largest = await newUpload('largest', (number) => (number < 10_000 ? even : rest), 10_000);
  const listed = await s3.send(new ListPartsCommand({ Bucket, Key: 'largest', UploadId: largest, PartNumberMarker: '9998' }));
  assert.deepEqual(
    listed.Parts!.map(({ PartNumber, Size }) => [PartNumber, Size]),
    [
      [9_999, even],
      [10_000, rest],
    ],
  );
  const done = await complete('largest', largest, 10_000);
  assert.match(done.ETag!, /-10000"$/);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'largest' }))).ContentLength, size);
  const last = await s3.send(new HeadObjectCommand({ Bucket, Key: 'largest', PartNumber: 10_000 }));
  assert.deepEqual([last.ContentLength, last.PartsCount], [rest, 10_000]);
  const range = await s3.send(new HeadObjectCommand({ Bucket, Key: 'largest', Range: `bytes=${size - 10}-` }));
  assert.deepEqual([range.ContentLength, range.ContentRange], [10, `bytes ${size - 10}-${size - 1}/${size}`]);
  const attributes = await s3.send(
    new GetObjectAttributesCommand({ Bucket, Key: 'largest', ObjectAttributes: ['ObjectSize', 'ObjectParts'] }),
  );
  assert.deepEqual([attributes.ObjectSize, attributes.ObjectParts?.TotalPartsCount], [size, 10_000]);
});

test('a part that is not the last has 5 MiB, and no upload more than 10,000', async () => {
  const least = 5 * 1024 ** 2;
  const small = await newUpload('small', (number) => (number === 2 ? least - 1 : least), 3);
  const tooSmall = await refused(complete('small', small, 3), {
    ...{ code: 'EntityTooSmall', status: 400 },
    message: 'Your proposed upload is smaller than the minimum allowed size',
  });
  assert.deepEqual([tooSmall['ProposedSize'], tooSmall['MinSizeAllowed'], tooSmall['PartNumber']], [String(least - 1), String(least), '2']);
  await complete('small', await newUpload('small', (number) => (number === 3 ? 1 : least), 3), 3);
  await refused(complete('small', small, 10_001), { code: 'MalformedXML', status: 400 });
});

/** What S3 says to a client that has only told how much it will send. */
async function announce(path: string, bytes: number): Promise<string> {
  const headers = { 'content-length': String(bytes), expect: '100-continue' };
  const call = request({ host: '127.0.0.1', port: cloud.port, method: 'PUT', path, headers });
  call.on('error', () => {});
  call.flushHeaders();
  const asked = new AbortController();
  try {
    const { signal } = asked;
    return await Promise.race([
      once(call, 'continue', { signal }).then(() => 'go on'),
      once(call, 'response', { signal }).then(async ([answer]) => `${answer.statusCode} ${await text(answer as IncomingMessage)}`),
    ]);
  } finally {
    asked.abort();
    call.destroy();
  }
}

/** An upload whose parts are records only, each with the bytes of one that was sent. */
async function newUpload(Key: string, sizeOf: (number: number) => number, count: number): Promise<string> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'x' }));
  await cloud.cloud.store.write(async (tx) => {
    const sent = (await parts.get(tx, UploadId!, 1))!;
    for (let number = 1; number <= count; number++) await parts.put(tx, { ...sent, number, size: sizeOf(number) });
  });
  return UploadId!;
}

async function complete(Key: string, UploadId: string, count: number) {
  const ETag = '"9dd4e461268c8034f5c8564e155c67a6"';
  const Parts = Array.from({ length: count }, (_, i) => ({ PartNumber: i + 1, ETag }));
  return s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
}
