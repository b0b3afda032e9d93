/** DSSE-KMS: two layers of encryption, of which KMS opens the inner one. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DescribeKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
  UpdateObjectEncryptionCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CopyObjectCommandInput,
  type PutObjectCommandInput,
  type ServerSideEncryption,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const kms = cloud.client(KMSClient);
const Bucket = 'two-layers';
await s3.send(new CreateBucketCommand({ Bucket }));
const newKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
const SSEKMSKeyId = await newKey();
const layers = { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId } as const;

const put = (Key: string, Body: Uint8Array | string, more: Partial<PutObjectCommandInput> = {}, client = s3) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, Range?: string, client = s3) => client.send(new GetObjectCommand({ Bucket, Key, Range }));
const read = async (Key: string, Range?: string) => Buffer.from(await (await get(Key, Range)).Body!.transformToByteArray());
const head = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key }));
const copy = (Key: string, from: string, more: Partial<CopyObjectCommandInput> = {}) =>
  s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${from}`, ...more }));

async function liesInTheClear(text: string): Promise<boolean> {
  const entries = await readdir(cloud.dataDirectory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name)));
  return (await Promise.all(files)).some((bytes) => bytes.includes(text));
}

test('objects of every size come out as they went in, in ranges too, and lie nowhere in the clear', async () => {
  for (const size of [0, 40, 2000, 200_000, (3 << 20) + 777]) {
    const body = Buffer.alloc(size, 'seen-by-nobody-');
    const made = await put(`size-${size}`, body, layers);
    assert.deepEqual([made.ServerSideEncryption, made.SSEKMSKeyId, made.BucketKeyEnabled], ['aws:kms:dsse', SSEKMSKeyId, undefined]);
    const got = await head(`size-${size}`);
    assert.deepEqual([got.ServerSideEncryption, got.SSEKMSKeyId, got.ContentLength], ['aws:kms:dsse', SSEKMSKeyId, size]);
    assert.ok((await read(`size-${size}`)).equals(body));
    for (const [start, end] of [
      [0, 9],
      [17, 1000],
      [262_143, 262_145],
      [1_000_000, 2_000_000],
    ] as const)
      if (end < size) assert.ok((await read(`size-${size}`, `bytes=${start}-${end}`)).equals(body.subarray(start, end + 1)));
  }
  assert.equal(await liesInTheClear('seen-by-nobody-'), false);
});

test('without a key id the account’s own key for S3 is used, and never a bucket key', async () => {
  const made = await put('managed', 'x', { ServerSideEncryption: 'aws:kms:dsse', BucketKeyEnabled: true });
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }));
  assert.deepEqual([made.SSEKMSKeyId, made.BucketKeyEnabled], [KeyMetadata!.Arn, undefined]);
  assert.equal((await read('managed')).toString(), 'x');
});

test('KMS is asked each time, for the caller', async () => {
  await put('asked', 'secret', layers);
  await kms.send(new DisableKeyCommand({ KeyId: SSEKMSKeyId }));
  await refused(get('asked'), { code: 'KMS.DisabledException', status: 400 });
  await kms.send(new EnableKeyCommand({ KeyId: SSEKMSKeyId }));
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'keyless' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'keyless' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const client = cloud.client(S3Client, { credentials });
  const allow = (...Action: string[]) => {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
    return iam.send(new PutUserPolicyCommand({ UserName: 'keyless', PolicyName: 'p', PolicyDocument }));
  };
  await allow('s3:*');
  await refused(get('asked', undefined, client), { code: 'AccessDenied', status: 403 });
  await refused(put('asked', 'x', layers, client), { code: 'AccessDenied', status: 403 });
  await allow('s3:*', 'kms:GenerateDataKey', 'kms:Decrypt');
  await put('asked', 'by the user', layers, client);
  assert.equal(await (await get('asked', undefined, client)).Body!.transformToString(), 'by the user');
});

test('a copy takes layers on and off, and between two keys', async () => {
  const body = randomBytes(300_000);
  await put('from', body);
  const other = await newKey();
  const chain: [string, string, ServerSideEncryption, string?][] = [
    ['two', 'from', 'aws:kms:dsse', SSEKMSKeyId],
    ['two-again', 'two', 'aws:kms:dsse', other],
    ['one', 'two-again', 'aws:kms', other],
    ['back', 'one', 'aws:kms:dsse', SSEKMSKeyId],
    ['plain', 'back', 'AES256'],
  ];
  for (const [to, from, ServerSideEncryption, key] of chain) {
    const made = await copy(to, from, { ServerSideEncryption, ...(key && { SSEKMSKeyId: key }) });
    assert.deepEqual([made.ServerSideEncryption, made.SSEKMSKeyId], [ServerSideEncryption, key]);
    assert.ok((await read(to)).equals(body), to);
  }
});

test('parts are encrypted twice, uploaded or copied', async () => {
  const { UploadId, ...begun } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts', ...layers }));
  assert.deepEqual([begun.ServerSideEncryption, begun.SSEKMSKeyId], ['aws:kms:dsse', SSEKMSKeyId]);
  const bodies = [randomBytes(5 << 20), randomBytes(5 << 20), randomBytes(99)];
  const place = { Bucket, Key: 'parts', UploadId };
  const first = await s3.send(new UploadPartCommand({ ...place, PartNumber: 1, Body: bodies[0] }));
  assert.equal(first.ServerSideEncryption, 'aws:kms:dsse');
  const tags = [first.ETag];
  for (const [i, more] of [{}, layers].entries()) {
    await put('piece', bodies[i + 1]!, more);
    const made = await s3.send(new UploadPartCopyCommand({ ...place, PartNumber: i + 2, CopySource: `${Bucket}/piece` }));
    tags.push(made.CopyPartResult!.ETag);
  }
  const Parts = tags.map((ETag, i) => ({ ETag, PartNumber: i + 1 }));
  const done = await s3.send(new CompleteMultipartUploadCommand({ ...place, MultipartUpload: { Parts } }));
  assert.equal(done.ServerSideEncryption, 'aws:kms:dsse');
  const whole = Buffer.concat(bodies);
  assert.ok((await read('parts')).equals(whole));
  assert.ok((await read('parts', 'bytes=5242000-10486000')).equals(whole.subarray(5_242_000, 10_486_001)));
});

test('a bucket may encrypt twice by default; a request may say otherwise', async () => {
  const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'aws:kms:dsse', KMSMasterKeyID: SSEKMSKeyId } as const;
  const ServerSideEncryptionConfiguration = { Rules: [{ ApplyServerSideEncryptionByDefault }] };
  await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  const told = (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration!.Rules![0]!;
  assert.deepEqual(told.ApplyServerSideEncryptionByDefault, ApplyServerSideEncryptionByDefault);
  assert.deepEqual((await put('default', 'x')).SSEKMSKeyId, SSEKMSKeyId);
  assert.equal((await head('default')).ServerSideEncryption, 'aws:kms:dsse');
  assert.equal((await read('default')).toString(), 'x');
  assert.equal((await put('said', 'x', { ServerSideEncryption: 'AES256' })).ServerSideEncryption, 'AES256');
});

test('UpdateObjectEncryption changes no object with two layers', async () => {
  await put('fixed', 'x', layers);
  const ObjectEncryption = { SSEKMS: { KMSKeyArn: SSEKMSKeyId } };
  await refused(s3.send(new UpdateObjectEncryptionCommand({ Bucket, Key: 'fixed', ObjectEncryption })), {
    code: 'InvalidRequest',
    status: 400,
    message: /DSSE-KMS or SSE-C/,
  });
});
