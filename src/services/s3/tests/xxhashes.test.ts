/** Checksums by XXHash, which the SDK computes by what it is given; values are libxxhash's. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { createXxHash, loadXxHashes } from '../../../framework/xxhash.ts';

const cloud = await startCloud();
after(() => cloud.close());
const Bucket = 'xxhashes';

const ofHello = { XXHASH64: 'JseCfYifbaM=', XXHASH3: 'lVXoVVxi3P0=', XXHASH128: 'tenBrQcbPn/Hec+qXlI4GA==' } as const;
type Name = keyof typeof ofHello;
const names = Object.keys(ofHello) as Name[];
await loadXxHashes(names.map((name) => name.toLowerCase()));

/** What a user gives the SDK to let it compute them. */
const checksumOf = (name: Name) =>
  class {
    #hash = createXxHash(name.toLowerCase() as Lowercase<Name>);
    update(bytes: Uint8Array): void {
      this.#hash.update(bytes);
    }
    digest = async () => this.#hash.digest();
    reset(): void {}
  };
const checksumAlgorithms = Object.fromEntries(names.map((name) => [name, checksumOf(name)]));
const s3 = cloud.client(S3Client, { requestChecksumCalculation: 'WHEN_REQUIRED', checksumAlgorithms });
await s3.send(new CreateBucketCommand({ Bucket }));

function sumOf(name: Name, ...pieces: readonly Uint8Array[]): string {
  const hash = createXxHash(name.toLowerCase() as Lowercase<Name>);
  for (const piece of pieces) hash.update(piece);
  return hash.digest().toString('base64');
}

for (const [name, value] of Object.entries(ofHello) as [Name, string][]) {
  const member = `Checksum${name}` as const;

  test(`${name} in a header is compared, kept and told`, async () => {
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: name, Body: 'hello', [member]: value }));
    assert.deepEqual([put[member], put.ChecksumType], [value, 'FULL_OBJECT']);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: name, ChecksumMode: 'ENABLED' }));
    assert.deepEqual([await got.Body!.transformToString(), got[member]], ['hello', value]);
    const attributes = await s3.send(new GetObjectAttributesCommand({ Bucket, Key: name, ObjectAttributes: ['Checksum'] }));
    assert.deepEqual(attributes.Checksum, { [member]: value, ChecksumType: 'FULL_OBJECT' });
    await refused(s3.send(new PutObjectCommand({ Bucket, Key: 'bad', Body: 'hullo', [member]: value })), {
      code: 'BadDigest',
      status: 400,
      message: `The ${name} you specified did not match the calculated checksum.`,
    });
  });

  test(`${name} in the trailer of a stream`, async () => {
    const Body = Readable.from([Buffer.from('hel'), Buffer.from('lo')]);
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'trailer', Body, ContentLength: 5, ChecksumAlgorithm: name }));
    assert.equal(put[member], value);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'trailer', ChecksumMode: 'ENABLED' }));
    assert.deepEqual([await got.Body!.transformToString(), got[member]], ['hello', value]);
  });

  test(`a copy is given a checksum by ${name}`, async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'hello' }));
    const copy = { Bucket, Key: 'copy', CopySource: `${Bucket}/source`, ChecksumAlgorithm: name };
    assert.equal((await s3.send(new CopyObjectCommand(copy))).CopyObjectResult![member], value);
    assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy', ChecksumMode: 'ENABLED' })))[member], value);
  });

  test(`parts with ${name} give a composite one, of bodies that workers hash`, async () => {
    const place = { Bucket, Key: `parts-${name}` };
    const { UploadId, ...begun } = await s3.send(new CreateMultipartUploadCommand({ ...place, ChecksumAlgorithm: name }));
    assert.deepEqual([begun.ChecksumAlgorithm, begun.ChecksumType], [name, 'COMPOSITE']);
    const long = Buffer.alloc(5 * 1024 * 1024, 'long ');
    const sums = [sumOf(name, long), value];
    const first = { ...place, UploadId, PartNumber: 1, Body: long, [member]: sums[0] };
    await refused(s3.send(new UploadPartCommand({ ...first, [member]: value })), 'BadDigest');
    const one = await s3.send(new UploadPartCommand(first));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'hello' }));
    const two = await s3.send(new UploadPartCopyCommand({ ...place, UploadId, PartNumber: 2, CopySource: `${Bucket}/source` }));
    assert.deepEqual([one[member], two.CopyPartResult![member]], sums);
    const listed = await s3.send(new ListPartsCommand({ ...place, UploadId }));
    assert.deepEqual([listed.ChecksumAlgorithm, listed.Parts!.map((part) => part[member])], [name, sums]);
    const Parts = [one.ETag, two.CopyPartResult!.ETag].map((ETag, i) => ({ ETag, PartNumber: i + 1, [member]: sums[i] }));
    const finish = (more: object) =>
      s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts }, ...more }));
    await refused(finish({ [member]: value }), 'BadDigest');
    const bytes = sums.map((sum) => Buffer.from(sum, 'base64'));
    const expected = `${sumOf(name, ...bytes)}-2`;
    const done = await finish({});
    assert.deepEqual([done[member], done.ChecksumType], [expected, 'COMPOSITE']);
    const whole = { ...place, UploadId: undefined, ChecksumAlgorithm: name, ChecksumType: 'FULL_OBJECT' as const };
    await refused(s3.send(new CreateMultipartUploadCommand(whole)), {
      code: 'InvalidRequest',
      message: `The FULL_OBJECT checksum type cannot be used with the ${name.toLowerCase()} checksum algorithm.`,
    });
  });
}

test('a body that S3 reads whole is checked by the header too', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: 'x' }));
  const remove = (value: string) => {
    const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'gone' }] } });
    command.middlewareStack.add(
      (next) => async (args) => {
        const request = args.request as { headers: Record<string, string>; body: string };
        for (const header of Object.keys(request.headers)) if (/^x-amz-(sdk-)?checksum/.test(header)) delete request.headers[header];
        delete request.headers['content-md5'];
        request.headers['x-amz-checksum-xxhash3'] = value || sumOf('XXHASH3', Buffer.from(request.body));
        return next(args);
      },
      { step: 'build', priority: 'low', name: 'checksum' },
    );
    return s3.send(command);
  };
  await refused(remove(ofHello.XXHASH3), { code: 'BadDigest', status: 400 });
  assert.equal((await remove('')).Deleted!.length, 1);
});
