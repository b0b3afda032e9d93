/** The SDK's managed upload, @aws-sdk/lib-storage: one put for the small, parts side by side for the large, nothing left of what failed. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  S3Client,
  type CompleteMultipartUploadCommandOutput,
} from '@aws-sdk/client-s3';
import { Upload, type Options } from '@aws-sdk/lib-storage';
import { startCloud, type LiveCloud } from '../live-cloud.ts';

const Bucket = 'managed-uploads';
const mebibyte = 1024 * 1024;
let cloud: LiveCloud;
let s3: S3Client;

before(async () => {
  cloud = await startCloud();
  s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => cloud?.close());

type Done = CompleteMultipartUploadCommandOutput;
const upload = (Key: string, params: Partial<Options['params']>, options: Partial<Options> = {}): Upload =>
  new Upload({ client: s3, params: { Bucket, Key, ...params }, ...options });

async function bytesOf(Key: string, more: object = {}): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from(await Body!.transformToByteArray());
}

test('what fits into a part is put', async () => {
  const done = (await upload('small', { Body: 'hello', ContentType: 'text/plain' }).done()) as Done;
  assert.equal(done.ETag, `"${createHash('md5').update('hello').digest('hex')}"`);
  assert.equal(done.Location, `${cloud.endpoint}/${Bucket}/small`);
});

test('a stream of unknown length goes in parts side by side, in order', async () => {
  const bytes = randomBytes(23 * mebibyte + 11);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 100_000) }, (_, i) => bytes.subarray(i * 100_000, (i + 1) * 100_000));
  const seen: number[] = [];
  const whole = upload(
    'streamed/하늘 +.bin',
    { Body: Readable.from(pieces), Metadata: { by: 'lib-storage' }, ContentType: 'application/x-sky', Tagging: 'kind=stream' },
    { queueSize: 4, partSize: 5 * mebibyte },
  );
  whole.on('httpUploadProgress', ({ loaded }) => seen.push(loaded!));
  const done = (await whole.done()) as Done;
  assert.match(done.ETag!, /-5"$/);
  assert.equal(Math.max(...seen), bytes.length);
  assert.ok((await bytesOf('streamed/하늘 +.bin')).equals(bytes));
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'streamed/하늘 +.bin' }));
  assert.deepEqual([head.Metadata, head.ContentType, head.ContentLength], [{ by: 'lib-storage' }, 'application/x-sky', bytes.length]);
});

test('checksums and keys of the customer go with each part', async () => {
  const bytes = randomBytes(11 * mebibyte);
  const key = randomBytes(32);
  const customer = {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  };
  for (const ChecksumAlgorithm of ['CRC64NVME', 'SHA256', 'CRC32'] as const) {
    const Key = `summed-${ChecksumAlgorithm}`;
    const done = (await upload(Key, { Body: bytes, ChecksumAlgorithm, ...customer }).done()) as Done;
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED', ...customer }));
    const member = `Checksum${ChecksumAlgorithm}` as const;
    assert.ok(head[member]);
    assert.equal(head[member], done[member]);
    assert.ok((await bytesOf(Key, customer)).equals(bytes));
  }
});

test('an upload that is given up leaves nothing', async () => {
  const endless = upload('endless', { Body: Readable.from(forever()) }, { queueSize: 1 });
  endless.on('httpUploadProgress', ({ part }) => part === 2 && void endless.abort());
  await assert.rejects(endless.done(), { name: 'AbortError' });
  // It says so at once, and takes its parts back when the part under way has ended.
  while ((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads !== undefined);
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: 'endless' })), { name: 'NotFound' });
});

function* forever(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(mebibyte);
}
