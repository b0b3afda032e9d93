/** Digests in headers and trailers, kept and compared. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const plain = cloud.client(S3Client, { requestChecksumCalculation: 'WHEN_REQUIRED' });
const Bucket = 'checksums-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));

/** Of "hello", by other programs. */
const ofHello = {
  ChecksumCRC32: 'NhCmhg==',
  ChecksumCRC32C: 'mnG7TA==',
  ChecksumCRC64NVME: 'M3eFcAZSQlc=',
  ChecksumSHA1: 'qvTGHdzF6KLavt4PO0gs2a6pQ00=',
  ChecksumSHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
} as const;
type Member = keyof typeof ofHello;

for (const [member, value] of Object.entries(ofHello) as [Member, string][]) {
  const algorithm = member.slice('Checksum'.length) as 'CRC32';

  test(`${algorithm} in a header is compared, kept and told`, async () => {
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: member, Body: 'hello', [member]: value }));
    assert.deepEqual([put[member], put.ChecksumType], [value, 'FULL_OBJECT']);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: member, ChecksumMode: 'ENABLED' }));
    assert.deepEqual([await got.Body!.transformToString(), got[member]], ['hello', value]);
    await refused(s3.send(new PutObjectCommand({ Bucket, Key: 'bad', Body: 'hullo', [member]: value })), {
      code: 'BadDigest',
      status: 400,
      message: `The ${algorithm} you specified did not match the calculated checksum.`,
    });
    await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'bad' })), 'NoSuchKey');
  });

  test(`${algorithm} in the trailer of a stream`, async () => {
    const put = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: `trailer-${member}`,
        Body: Readable.from([Buffer.from('hel'), Buffer.from('lo')]),
        ContentLength: 5,
        ChecksumAlgorithm: algorithm,
      }),
    );
    assert.equal(put[member], value);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: `trailer-${member}`, ChecksumMode: 'ENABLED' }));
    assert.deepEqual([head[member], head.ContentEncoding, head.ContentLength], [value, undefined, 5]);
  });
}

test('without any, CRC64NVME is computed', async () => {
  const put = await plain.send(new PutObjectCommand({ Bucket, Key: 'default', Body: 'hello' }));
  assert.equal(put.ChecksumCRC64NVME, ofHello.ChecksumCRC64NVME);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'default' }))).ChecksumCRC64NVME, undefined);
});

// The SDK computes none of these by itself, but sends and shows them.
for (const [member, value] of [
  ['ChecksumSHA512', 'm3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw=='],
  ['ChecksumMD5', 'XUFAKrxLKna5cZ2REBfFkg=='],
] as const)
  test(`${member} in a header is compared, kept and told`, async () => {
    const put = await plain.send(new PutObjectCommand({ Bucket, Key: member, Body: 'hello', [member]: value }));
    assert.deepEqual([put[member], put.ChecksumType], [value, 'FULL_OBJECT']);
    const head = await plain.send(new HeadObjectCommand({ Bucket, Key: member, ChecksumMode: 'ENABLED' }));
    assert.equal(head[member], value);
    await refused(plain.send(new PutObjectCommand({ Bucket, Key: 'bad', Body: 'hullo', [member]: value })), 'BadDigest');
  });

test('Content-MD5 is compared', async () => {
  const put = (ContentMD5: string) => plain.send(new PutObjectCommand({ Bucket, Key: 'md5', Body: 'hello', ContentMD5 }));
  await put('XUFAKrxLKna5cZ2REBfFkg==');
  await refused(put('XUFAKrxLKna5cZ2REBfFkQ=='), {
    code: 'BadDigest',
    status: 400,
    message: 'The Content-MD5 you specified did not match what we received.',
  });
  await refused(put('nonsense'), { code: 'InvalidDigest', status: 400, message: 'The Content-MD5 you specified was invalid.' });
});

test('contradictions are refused', async () => {
  const put = (more: object) => plain.send(new PutObjectCommand({ Bucket, Key: 'contradiction', Body: 'hello', ...more }));
  await refused(put({ ChecksumCRC32: 'NhCmhg==', ChecksumCRC32C: 'mnG7TA==' }), {
    code: 'InvalidRequest',
    message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
  });
  await refused(put({ ChecksumCRC32: 'x' }), { code: 'InvalidRequest', message: 'Value for x-amz-checksum-crc32 header is invalid.' });
  await refused(put({ ChecksumXXHASH3: 'x' }), { code: 'InvalidRequest', message: 'Value for x-amz-checksum-xxhash3 header is invalid.' });
});
