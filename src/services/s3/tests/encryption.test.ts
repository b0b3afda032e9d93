/** Encryption at rest: what lies on disk, who can open it, and what S3 says of it. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DescribeKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
  type GetObjectCommandInput,
  type PutObjectCommandInput,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

let cloud: LiveCloud;
let s3: S3Client;
let kms: KMSClient;
const Bucket = 'encrypted-bucket';

before(async () => {
  cloud = await startCloud();
  s3 = cloud.client(S3Client);
  kms = cloud.client(KMSClient);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => cloud.close());

const put = (Key: string, Body: Uint8Array | string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) => s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
const bytesOf = async (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  Buffer.from(await (await get(Key, more)).Body!.transformToByteArray());
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
const sseC = () => ({ SSECustomerAlgorithm: 'AES256', SSECustomerKey: randomBytes(32).toString('base64') });
/** The SDK hashes the key, which it takes as text, so the tests hash it themselves. */
const withMd5 = (key: { SSECustomerAlgorithm: string; SSECustomerKey: string }) => ({
  ...key,
  SSECustomerKeyMD5: createHash('md5').update(Buffer.from(key.SSECustomerKey, 'base64')).digest('base64'),
});
const customer = () => withMd5(sseC());
const sourceOf = (key: ReturnType<typeof customer>) => ({
  CopySourceSSECustomerAlgorithm: key.SSECustomerAlgorithm,
  CopySourceSSECustomerKey: key.SSECustomerKey,
  CopySourceSSECustomerKeyMD5: key.SSECustomerKeyMD5,
});

async function onDisk(text: string): Promise<string[]> {
  const names = await readdir(cloud.dataDirectory, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(files.map(async (file) => ((await readFile(file)).includes(text) ? [file] : [])));
  return found.flat();
}

test('no byte of an object lies on disk in the clear, whatever its size', async () => {
  for (const size of [40, 2000, 200_000, 3 << 20]) {
    const body = Buffer.alloc(size, 'plainly-visible-');
    const made = await put(`size-${size}`, body);
    assert.deepEqual([made.ETag, made.ServerSideEncryption], [`"${md5(body)}"`, 'AES256']);
    assert.ok((await bytesOf(`size-${size}`)).equals(body));
  }
  assert.deepEqual(await onDisk('plainly-visible-'), []);
  assert.ok((await onDisk('size-2000')).length > 0);
});

test('ranges are read out of the middle of encrypted bytes', async () => {
  const body = randomBytes((2 << 20) + 777);
  await put('ranges', body);
  for (const [start, end] of [
    [0, 0],
    [65_535, 65_536],
    [100, 70_000],
    [1_000_000, 2_000_000],
    [body.length - 1, body.length - 1],
  ] as const)
    assert.ok((await bytesOf('ranges', { Range: `bytes=${start}-${end}` })).equals(body.subarray(start, end + 1)), `${start}-${end}`);
  assert.ok((await bytesOf('ranges', { Range: 'bytes=-5' })).equals(body.subarray(-5)));
  assert.equal((await bytesOf('ranges', { Range: 'bytes=0-2097151' })).length, 2 << 20);
});

test('SSE-KMS opens with the key that KMS keeps, and only while it may', async () => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const SSEKMSKeyId = KeyMetadata!.Arn!;
  const made = await put('kms', 'secret', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyMetadata!.KeyId });
  assert.deepEqual([made.ServerSideEncryption, made.SSEKMSKeyId], ['aws:kms', SSEKMSKeyId]);
  assert.notEqual(made.ETag, `"${md5(Buffer.from('secret'))}"`);
  const got = await get('kms');
  assert.deepEqual([await got.Body!.transformToString(), got.SSEKMSKeyId, got.ETag], ['secret', SSEKMSKeyId, made.ETag]);
  await kms.send(new DisableKeyCommand({ KeyId: SSEKMSKeyId }));
  await refused(get('kms'), { code: 'KMS.DisabledException', status: 400, message: /is disabled/ });
  await s3.send(new HeadObjectCommand({ Bucket, Key: 'kms' }));
  await kms.send(new EnableKeyCommand({ KeyId: SSEKMSKeyId }));
  assert.equal((await bytesOf('kms')).toString(), 'secret');
  const none = put('kms', 'x', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/none' });
  await refused(none, { code: 'KMS.NotFoundException', status: 400 });
});

test('without a key id the account’s own key for S3 is used', async () => {
  const made = await put('managed', 'x', { ServerSideEncryption: 'aws:kms' });
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }));
  assert.deepEqual([made.SSEKMSKeyId, KeyMetadata!.KeyManager], [KeyMetadata!.Arn, 'AWS']);
  assert.equal((await bytesOf('managed')).toString(), 'x');
});

test('who may read the object but not use the key, cannot read it', async () => {
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'keyless' }));
  const allow = (Action: string[]) =>
    iam.send(
      new PutUserPolicyCommand({
        UserName: 'keyless',
        PolicyName: 'p',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }),
      }),
    );
  await allow(['s3:*']);
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'keyless' }));
  const client = cloud.client(S3Client, {
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
  });
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  for (const BucketKeyEnabled of [false, true]) {
    const Key = `guarded-${BucketKeyEnabled}`;
    await put(Key, 'x', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyMetadata!.KeyId, BucketKeyEnabled });
    await allow(['s3:*']);
    const read = () => client.send(new GetObjectCommand({ Bucket, Key }));
    await refused(read(), { code: 'AccessDenied', status: 403, message: /kms:Decrypt/ });
    await allow(['s3:*', 'kms:Decrypt']);
    assert.equal(await (await read()).Body!.transformToString(), 'x');
  }
});

test('a bucket key serves many objects', async () => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const more = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyMetadata!.KeyId, BucketKeyEnabled: true } as const;
  for (const Key of ['bk-1', 'bk-2']) assert.equal((await put(Key, Key, more)).BucketKeyEnabled, true);
  await cloud.advance(3_600_000);
  for (const Key of ['bk-1', 'bk-2']) {
    const got = await get(Key);
    assert.deepEqual([await got.Body!.transformToString(), got.BucketKeyEnabled], [Key, true]);
  }
});

test('SSE-C opens with the customer’s key and with no other', async () => {
  const key = customer();
  const made = await put('mine', 'my secret', key);
  assert.deepEqual(
    [made.SSECustomerAlgorithm, made.SSECustomerKeyMD5, made.ServerSideEncryption],
    ['AES256', key.SSECustomerKeyMD5, undefined],
  );
  const got = await get('mine', key);
  assert.deepEqual([await got.Body!.transformToString(), got.SSECustomerKeyMD5], ['my secret', key.SSECustomerKeyMD5]);
  await s3.send(new HeadObjectCommand({ Bucket, Key: 'mine', ...key }));
  await refused(get('mine'), {
    code: 'InvalidRequest',
    status: 400,
    message: /^The object was stored using a form of Server Side Encryption/,
  });
  await refused(get('mine', customer()), { code: 'AccessDenied', status: 403 });
  const attributes = new GetObjectAttributesCommand({ Bucket, Key: 'mine', ObjectAttributes: ['ObjectSize'] });
  await refused(s3.send(attributes), { code: 'InvalidRequest', status: 400 });
  await put('open', 'x');
  await refused(get('open', key), { code: 'InvalidRequest', status: 400, message: /not applicable to this object/ });
  assert.deepEqual(await onDisk(key.SSECustomerKey), []);
  assert.deepEqual(await onDisk(Buffer.from(key.SSECustomerKey, 'base64').toString('latin1')), []);
});

test('wrong wishes are refused in S3’s words', async () => {
  const key = customer();
  const broken = cloud.client(S3Client);
  broken.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers['x-amz-server-side-encryption-customer-key-md5'] = customer().SSECustomerKeyMD5;
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );
  await refused(broken.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x', ...key })), {
    code: 'InvalidArgument',
    status: 400,
    message: 'The calculated MD5 hash of the key did not match the hash that was provided.',
  });
  await refused(put('x', 'x', { ...key, SSECustomerAlgorithm: 'DES' }), { code: 'InvalidEncryptionAlgorithmError', status: 400 });
  await refused(put('x', 'x', { ...key, ServerSideEncryption: 'AES256' }), { code: 'InvalidArgument', status: 400 });
  await refused(put('x', 'x', { ServerSideEncryption: 'DES' as 'AES256' }), { code: 'InvalidArgument', status: 400 });
  await refused(put('x', 'x', { ServerSideEncryption: 'AES256', SSEKMSKeyId: 'alias/x' }), { code: 'InvalidArgument', status: 400 });
});

test('a bucket’s default encrypts what does not say otherwise', async () => {
  const own = 'default-encryption-bucket';
  await s3.send(new CreateBucketCommand({ Bucket: own }));
  const rules = async () =>
    (await s3.send(new GetBucketEncryptionCommand({ Bucket: own }))).ServerSideEncryptionConfiguration!.Rules!.map((rule) => ({
      ...rule.ApplyServerSideEncryptionByDefault,
      bucketKey: rule.BucketKeyEnabled,
    }));
  const standard = [{ SSEAlgorithm: 'AES256', bucketKey: false }];
  assert.deepEqual(await rules(), standard);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const configure = (ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' | 'AES256'; KMSMasterKeyID?: string }) =>
    s3.send(
      new PutBucketEncryptionCommand({
        Bucket: own,
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault, BucketKeyEnabled: true }] },
      }),
    );
  await configure({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KeyMetadata!.Arn! });
  assert.deepEqual(await rules(), [{ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KeyMetadata!.Arn, bucketKey: true }]);
  const made = await s3.send(new PutObjectCommand({ Bucket: own, Key: 'a', Body: 'x' }));
  assert.deepEqual([made.ServerSideEncryption, made.SSEKMSKeyId, made.BucketKeyEnabled], ['aws:kms', KeyMetadata!.Arn, true]);
  const plain = await s3.send(new PutObjectCommand({ Bucket: own, Key: 'b', Body: 'x', ServerSideEncryption: 'AES256' }));
  assert.equal(plain.ServerSideEncryption, 'AES256');
  await refused(configure({ SSEAlgorithm: 'AES256', KMSMasterKeyID: 'x' }), { code: 'InvalidArgument', status: 400 });
  await s3.send(new DeleteBucketEncryptionCommand({ Bucket: own }));
  assert.deepEqual(await rules(), standard);
});

test('copies go from any encryption to any other', async () => {
  const [one, two] = [customer(), customer()];
  const body = randomBytes(100_000);
  const kinds = {
    s3: { write: {}, read: {}, source: {} },
    kms: { write: { ServerSideEncryption: 'aws:kms' }, read: {}, source: {} },
    c1: { write: one, read: one, source: sourceOf(one) },
    c2: { write: two, read: two, source: sourceOf(two) },
  } as const;
  for (const [from, { write, source }] of Object.entries(kinds)) {
    await put(`from-${from}`, body, write);
    for (const [to, target] of Object.entries(kinds)) {
      const Key = `copy-${from}-${to}`;
      const copy = new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/from-${from}`, ...target.write, ...source });
      const { CopyObjectResult } = await s3.send(copy);
      if (to === 's3') assert.equal(CopyObjectResult!.ETag, `"${md5(body)}"`);
      assert.ok((await bytesOf(Key, target.read)).equals(body), Key);
      assert.ok((await bytesOf(Key, { ...target.read, Range: 'bytes=70000-' })).equals(body.subarray(70_000)), Key);
    }
  }
  const unopened = new CopyObjectCommand({ Bucket, Key: 'x', CopySource: `${Bucket}/from-c1` });
  await refused(s3.send(unopened), { code: 'InvalidRequest', status: 400 });
});

test('multipart uploads are encrypted as they were begun', async () => {
  const key = customer();
  const part = randomBytes(5 << 20);
  await put('source', part);
  for (const [name, write, each, read] of [
    ['s3', {}, {}, {}],
    ['kms', { ServerSideEncryption: 'aws:kms' }, {}, {}],
    ['c', key, key, key],
  ] as const) {
    const Key = `parts-${name}`;
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...write }));
    const place = { Bucket, Key, UploadId, ...each };
    const first = await s3.send(new UploadPartCommand({ ...place, PartNumber: 1, Body: part }));
    const second = await s3.send(new UploadPartCopyCommand({ ...place, PartNumber: 2, CopySource: `${Bucket}/source` }));
    const ranged = { ...place, PartNumber: 3, CopySource: `${Bucket}/source`, CopySourceRange: 'bytes=10-200009' };
    const third = await s3.send(new UploadPartCopyCommand(ranged));
    if (name === 'c') {
      const wrong = new UploadPartCommand({ ...place, ...customer(), PartNumber: 4, Body: 'x' });
      await refused(s3.send(wrong), { code: 'InvalidRequest', status: 400 });
      await refused(s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 4, Body: 'x' })), {
        code: 'InvalidRequest',
        status: 400,
      });
      for (const more of [{}, { CopySourceRange: 'bytes=0-9' }]) {
        const copying = { Bucket, Key, UploadId, PartNumber: 4, CopySource: `${Bucket}/source`, ...more };
        await refused(s3.send(new UploadPartCopyCommand(copying)), {
          code: 'InvalidRequest',
          message:
            'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
        });
        await refused(s3.send(new UploadPartCopyCommand({ ...copying, ...customer() })), {
          code: 'InvalidRequest',
          message: 'The provided encryption parameters did not match the ones used originally.',
        });
      }
    }
    const Parts = [first.ETag, second.CopyPartResult!.ETag, third.CopyPartResult!.ETag].map((ETag, i) => ({ ETag, PartNumber: i + 1 }));
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const whole = Buffer.concat([part, part, part.subarray(10, 200_010)]);
    assert.ok((await bytesOf(Key, read)).equals(whole), name);
    const [start, end] = [(5 << 20) - 100, (5 << 20) + 100_000];
    assert.ok((await bytesOf(Key, { ...read, Range: `bytes=${start}-${end - 1}` })).equals(whole.subarray(start, end)), name);
  }
});

test('a bucket can block keys of customers for what is new', async () => {
  const [own, key] = ['blocking-bucket', customer()];
  await s3.send(new CreateBucketCommand({ Bucket: own }));
  const write = (Key: string, more: object = {}) => s3.send(new PutObjectCommand({ Bucket: own, Key, Body: 'x', ...more }));
  await write('before', key);
  const block = async (...EncryptionType: ('SSE-C' | 'NONE')[]) => {
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const }, BlockedEncryptionTypes: { EncryptionType } }];
    await s3.send(new PutBucketEncryptionCommand({ Bucket: own, ServerSideEncryptionConfiguration: { Rules } }));
    const got = await s3.send(new GetBucketEncryptionCommand({ Bucket: own }));
    return got.ServerSideEncryptionConfiguration!.Rules![0]!.BlockedEncryptionTypes?.EncryptionType;
  };
  assert.deepEqual(await block('SSE-C'), ['SSE-C']);
  const denied = { code: 'AccessDenied', status: 403 };
  await refused(write('after', key), denied);
  await refused(s3.send(new CopyObjectCommand({ Bucket: own, Key: 'after', CopySource: `${Bucket}/source`, ...key })), denied);
  await refused(s3.send(new CreateMultipartUploadCommand({ Bucket: own, Key: 'after', ...key })), denied);
  await write('after');
  assert.equal(await (await s3.send(new GetObjectCommand({ Bucket: own, Key: 'before', ...key }))).Body!.transformToString(), 'x');
  await refused(block('SSE-C', 'NONE'), { code: 'MalformedXML', status: 400 });
  assert.equal(await block('NONE'), undefined);
  await write('after', key);
});

test('the end of an upload takes no other key of the customer, and needs it where there is a checksum algorithm', async () => {
  const key = customer();
  for (const ChecksumAlgorithm of [undefined, 'CRC32'] as const) {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'ended', ChecksumAlgorithm, ...key }));
    const place = { Bucket, Key: 'ended', UploadId };
    const { ETag, ChecksumCRC32 } = await s3.send(new UploadPartCommand({ ...place, ...key, PartNumber: 1, Body: 'x', ChecksumAlgorithm }));
    const sum = ChecksumAlgorithm && { ChecksumCRC32 };
    const complete = (more: object) =>
      s3.send(new CompleteMultipartUploadCommand({ ...place, MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ...sum }] }, ...more }));
    await refused(complete(customer()), {
      ...{ code: 'InvalidRequest', status: 400 },
      message: 'The provided encryption parameters did not match the ones used originally.',
    });
    if (ChecksumAlgorithm) await refused(complete({}), { code: 'InvalidRequest', status: 400 });
    await complete(ChecksumAlgorithm ? key : {});
  }
});

test('a bucket policy can demand an encryption', async () => {
  const own = 'demanding-bucket';
  await s3.send(new CreateBucketCommand({ Bucket: own }));
  const statement = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${own}/*`,
    Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
  };
  await s3.send(new PutBucketPolicyCommand({ Bucket: own, Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) }));
  const write = (more: Partial<PutObjectCommandInput>) => s3.send(new PutObjectCommand({ Bucket: own, Key: 'a', Body: 'x', ...more }));
  await refused(write({}), { code: 'AccessDenied', status: 403 });
  await write({ ServerSideEncryption: 'aws:kms' });
});

test('a method of encryption is named where an object is begun, and not when it is read or a part is sent', async () => {
  const saying = cloud.client(S3Client);
  saying.middlewareStack.add(
    (next) => (call) => {
      (call.request as { headers: Record<string, string> }).headers['x-amz-server-side-encryption'] = 'AES256';
      return next(call);
    },
    { step: 'build' },
  );
  await saying.send(new PutObjectCommand({ Bucket, Key: 'said', Body: 'x' }));
  const { UploadId } = await saying.send(new CreateMultipartUploadCommand({ Bucket, Key: 'said' }));
  const wrong = {
    ...{ code: 'InvalidArgument', status: 400 },
    message: 'x-amz-server-side-encryption header is not supported for this operation.',
  };
  await refused(saying.send(new GetObjectCommand({ Bucket, Key: 'said' })), wrong);
  const part = { Bucket, Key: 'said', UploadId, PartNumber: 1 };
  await refused(saying.send(new UploadPartCommand({ ...part, Body: 'x' })), wrong);
  await refused(saying.send(new UploadPartCopyCommand({ ...part, CopySource: `${Bucket}/said` })), wrong);
  await assert.rejects(saying.send(new HeadObjectCommand({ Bucket, Key: 'said' })), (error: S3ServiceException) => {
    assert.equal(error.$metadata.httpStatusCode, 400);
    return true;
  });
});
