/** Multipart uploads from beginning to end. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type CompleteMultipartUploadCommandInput,
  type CreateMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const plain = cloud.client(S3Client, { requestChecksumCalculation: 'WHEN_REQUIRED' });
const Bucket = 'uploads-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));

const MiB = 1024 * 1024;
const bytes = (size: number, seed: string) => Buffer.alloc(size, seed);
const md5 = (data: Buffer) => createHash('md5').update(data).digest();

const begin = async (Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}, client = s3) =>
  (await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId!;
async function upload(Key: string, UploadId: string, PartNumber: number, Body: Buffer, client = s3): Promise<CompletedPart> {
  const { $metadata: _, ...part } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  return { PartNumber, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32, ChecksumSHA256: part.ChecksumSHA256 };
}
const complete = (
  Key: string,
  UploadId: string,
  Parts: CompletedPart[],
  more: Partial<CompleteMultipartUploadCommandInput> = {},
  client = s3,
) => client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));
const read = async (Key: string, more: object = {}) =>
  Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body!.transformToByteArray());

const one = bytes(5 * MiB, 'one');
const two = bytes(5 * MiB, 'two+');
const three = bytes(1000, 'three');

test('parts in any order become one object', async () => {
  const id = await begin('whole', { ContentType: 'text/plain', Metadata: { a: '1' }, Tagging: 'x=1' });
  const parts = [await upload('whole', id, 3, three), await upload('whole', id, 1, one), await upload('whole', id, 2, two)].sort(
    (a, b) => a.PartNumber! - b.PartNumber!,
  );
  const done = await complete('whole', id, parts, { MpuObjectSize: 10 * MiB + 1000 });
  assert.equal(done.ETag, `"${md5(Buffer.concat([one, two, three].map(md5))).toString('hex')}-3"`);
  assert.deepEqual(await read('whole'), Buffer.concat([one, two, three]));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'whole', Range: 'bytes=0-0' }));
  assert.deepEqual([got.ContentType, got.Metadata, got.TagCount], ['text/plain', { a: '1' }, 1]);
  // A client that lost the answer asks again.
  assert.equal((await complete('whole', id, parts)).ETag, done.ETag);
});

test('ranges cross parts, and parts are read by number', async () => {
  const range = (first: number, last: number) => read('whole', { Range: `bytes=${first}-${last}` });
  const whole = Buffer.concat([one, two, three]);
  assert.deepEqual(await range(5 * MiB - 2, 5 * MiB + 1), whole.subarray(5 * MiB - 2, 5 * MiB + 2));
  assert.deepEqual(await range(5 * MiB - 1, 10 * MiB), whole.subarray(5 * MiB - 1, 10 * MiB + 1));
  const part = await s3.send(new GetObjectCommand({ Bucket, Key: 'whole', PartNumber: 2 }));
  assert.deepEqual(
    [part.$metadata.httpStatusCode, part.PartsCount, part.ContentRange],
    [206, 3, `bytes ${5 * MiB}-${10 * MiB - 1}/${10 * MiB + 1000}`],
  );
  assert.deepEqual(Buffer.from(await part.Body!.transformToByteArray()), two);
  await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'whole', PartNumber: 4 })), { code: 'InvalidPartNumber', status: 416 });
});

test('parts of different sizes, with gaps in their numbers', async () => {
  const id = await begin('uneven');
  const bigger = bytes(6 * MiB, 'bigger');
  const parts = [
    await upload('uneven', id, 2, one),
    await upload('uneven', id, 5, bigger),
    await upload('uneven', id, 9, three),
    await upload('uneven', id, 11, two),
  ];
  await complete('uneven', id, parts.slice(0, 3));
  const whole = Buffer.concat([one, bigger, three]);
  assert.deepEqual(await read('uneven'), whole);
  assert.deepEqual(await read('uneven', { Range: `bytes=${5 * MiB - 1}-${5 * MiB}` }), whole.subarray(5 * MiB - 1, 5 * MiB + 1));
  assert.deepEqual(await read('uneven', { PartNumber: 5 }), bigger);
});

test('a copy of parts is one piece', async () => {
  const made = await s3.send(new CopyObjectCommand({ Bucket, Key: 'whole-copy', CopySource: `${Bucket}/whole` }));
  assert.equal(made.CopyObjectResult?.ETag, `"${md5(Buffer.concat([one, two, three])).toString('hex')}"`);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'whole' }));
  assert.deepEqual(await read('whole-copy'), Buffer.concat([one, two, three]));
});

test('what does not fit is refused, part for part', async () => {
  const id = await begin('refused');
  const first = await upload('refused', id, 1, three);
  const second = await upload('refused', id, 2, three);
  await refused(complete('refused', id, [second, first]), { code: 'InvalidPartOrder', status: 400 });
  await refused(complete('refused', id, [{ ...first, ETag: '"0"' }]), { code: 'InvalidPart', status: 400 });
  await refused(complete('refused', id, [{ ...first, PartNumber: 7 }]), { code: 'InvalidPart', status: 400 });
  const small = await refused(complete('refused', id, [first, second]), {
    code: 'EntityTooSmall',
    status: 400,
    message: 'Your proposed upload is smaller than the minimum allowed size',
  });
  assert.deepEqual([String(small['ProposedSize']), String(small['MinSizeAllowed'])], ['1000', String(5 * MiB)]);
  await refused(complete('refused', id, []), { code: 'InvalidRequest', status: 400, message: 'You must specify at least one part' });
  await refused(complete('refused', id, [first], { MpuObjectSize: 1 }), 'InvalidRequest');
  await refused(upload('refused', id, 0, three), {
    code: 'InvalidArgument',
    message: 'Part number must be an integer between 1 and 10000, inclusive',
  });
  await refused(upload('refused', 'no-such-upload', 1, three), { code: 'NoSuchUpload', status: 404 });
  await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'refused' })), 'NoSuchKey');
  await complete('refused', id, [first]);
});

test('completing may ask that nothing stands there', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'stands', Body: 'x' }));
  const id = await begin('stands');
  const part = await upload('stands', id, 1, three);
  await refused(complete('stands', id, [part], { IfNoneMatch: '*' }), { code: 'PreconditionFailed', status: 412 });
  await complete('stands', id, [part], { IfMatch: '"9dd4e461268c8034f5c8564e155c67a6"' });
  assert.deepEqual(await read('stands'), three);
});

test('an upload that is given up is gone', async () => {
  const id = await begin('aborted');
  await upload('aborted', id, 1, three);
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId: id }));
  await refused(s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId: id })), { code: 'NoSuchUpload', status: 404 });
  await refused(s3.send(new ListPartsCommand({ Bucket, Key: 'aborted', UploadId: id })), 'NoSuchUpload');
});

test('uploads do not keep a bucket', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'brief-bucket' }));
  await s3.send(new CreateMultipartUploadCommand({ Bucket: 'brief-bucket', Key: 'k' }));
  await s3.send(new DeleteBucketCommand({ Bucket: 'brief-bucket' }));
  await s3.send(new CreateBucketCommand({ Bucket: 'brief-bucket' }));
  assert.equal((await s3.send(new ListMultipartUploadsCommand({ Bucket: 'brief-bucket' }))).Uploads, undefined);
});

test('parts and uploads are listed by page', async () => {
  const id = await begin('listed/a', { ChecksumAlgorithm: 'SHA256' });
  for (const number of [1, 2, 3]) await upload('listed/a', id, number, three, plain);
  const first = await s3.send(new ListPartsCommand({ Bucket, Key: 'listed/a', UploadId: id, MaxParts: 2 }));
  assert.deepEqual(
    [first.Parts?.map((part) => part.PartNumber), first.IsTruncated, first.NextPartNumberMarker, first.ChecksumAlgorithm],
    [[1, 2], true, '2', 'SHA256'],
  );
  const rest = await s3.send(new ListPartsCommand({ Bucket, Key: 'listed/a', UploadId: id, PartNumberMarker: first.NextPartNumberMarker }));
  assert.deepEqual([rest.Parts?.map((part) => part.PartNumber), rest.IsTruncated], [[3], false]);
  const again = await begin('listed/a');
  const other = await begin('listed/b');
  const ids = [id, again].sort();
  const page = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'listed/', MaxUploads: 1 }));
  assert.deepEqual([page.Uploads?.[0]?.UploadId, page.NextKeyMarker, page.NextUploadIdMarker], [ids[0], 'listed/a', ids[0]]);
  const next = await s3.send(
    new ListMultipartUploadsCommand({ Bucket, Prefix: 'listed/', KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }),
  );
  assert.deepEqual(
    next.Uploads?.map((upload) => upload.UploadId),
    [ids[1], other],
  );
  assert.deepEqual(
    (await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'listed/', Delimiter: '/', KeyMarker: 'listed/a' }))).Uploads?.map(
      (upload) => upload.Key,
    ),
    ['listed/b'],
  );
});

test('parts are copied, whole or in ranges', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: one }));
  const id = await begin('from-copies', {}, plain);
  const copy = async (PartNumber: number, more: object) =>
    (
      await plain.send(
        new UploadPartCopyCommand({ Bucket, Key: 'from-copies', UploadId: id, PartNumber, CopySource: `${Bucket}/source`, ...more }),
      )
    ).CopyPartResult!;
  const whole = await copy(1, {});
  assert.equal(whole.ETag, `"${md5(one).toString('hex')}"`);
  const range = await copy(2, { CopySourceRange: 'bytes=10-19' });
  await refused(copy(3, { CopySourceRange: `bytes=0-${5 * MiB}` }), {
    code: 'InvalidArgument',
    message: `Range specified is not valid for source object of size: ${5 * MiB}`,
  });
  await refused(copy(3, { CopySourceRange: `bytes=${5 * MiB}-${6 * MiB}` }), {
    code: 'InvalidRequest',
    message: 'The specified copy range is invalid for the source object size',
  });
  await refused(copy(3, { CopySourceRange: 'bytes=0-' }), 'InvalidArgument');
  await refused(copy(3, { CopySourceIfMatch: '"other"' }), 'PreconditionFailed');
  await complete(
    'from-copies',
    id,
    [
      { PartNumber: 1, ETag: whole.ETag },
      { PartNumber: 2, ETag: range.ETag },
    ],
    {},
    plain,
  );
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'source' }));
  assert.deepEqual(await read('from-copies'), Buffer.concat([one, one.subarray(10, 20)]));
});

test('checksums: of checksums, or of the whole object', async () => {
  const id = await begin('composite', { ChecksumAlgorithm: 'SHA256' });
  const parts: CompletedPart[] = [];
  for (const [i, data] of [one, three].entries()) {
    const part = await s3.send(
      new UploadPartCommand({ Bucket, Key: 'composite', UploadId: id, PartNumber: i + 1, Body: data, ChecksumAlgorithm: 'SHA256' }),
    );
    parts.push({ PartNumber: i + 1, ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256 });
  }
  await refused(
    complete(
      'composite',
      id,
      parts.map(({ ChecksumSHA256: _, ...part }) => part),
    ),
    { code: 'InvalidRequest', message: /^The upload was created using a sha256 checksum\./ },
  );
  const digest = (data: Buffer) => createHash('sha256').update(data).digest();
  const value = `${digest(Buffer.concat([one, three].map(digest))).toString('base64')}-2`;
  await refused(complete('composite', id, parts, { ChecksumSHA256: `${digest(one).toString('base64')}-2` }), {
    code: 'BadDigest',
    status: 400,
  });
  const done = await complete('composite', id, parts, { ChecksumSHA256: value });
  assert.deepEqual([done.ChecksumSHA256, done.ChecksumType], [value, 'COMPOSITE']);
  const attributes = await s3.send(
    new GetObjectAttributesCommand({ Bucket, Key: 'composite', ObjectAttributes: ['ObjectParts', 'Checksum'], MaxParts: 1 }),
  );
  assert.deepEqual(
    [attributes.ObjectParts?.TotalPartsCount, attributes.ObjectParts?.IsTruncated, attributes.ObjectParts?.Parts?.[0]?.ChecksumSHA256],
    [2, true, parts[0]!.ChecksumSHA256],
  );

  const full = await begin('full', { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'FULL_OBJECT' });
  const pieces = [one, two, three];
  const fullParts: CompletedPart[] = [];
  for (const [i, data] of pieces.entries()) {
    const part = await s3.send(
      new UploadPartCommand({ Bucket, Key: 'full', UploadId: full, PartNumber: i + 1, Body: data, ChecksumAlgorithm: 'CRC64NVME' }),
    );
    fullParts.push({ PartNumber: i + 1, ETag: part.ETag, ChecksumCRC64NVME: part.ChecksumCRC64NVME });
  }
  const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'at-once', Body: Buffer.concat(pieces), ChecksumAlgorithm: 'CRC64NVME' }));
  assert.equal((await complete('full', full, fullParts)).ChecksumCRC64NVME, put.ChecksumCRC64NVME);
  await refused(begin('x', { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }), {
    code: 'InvalidRequest',
    message: 'The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm.',
  });
});
