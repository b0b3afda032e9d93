/** UpdateObjectEncryption: objects get other keys where they lie, and nothing else of them changes. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  S3Client,
  UpdateObjectEncryptionCommand,
  UploadPartCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let s3: S3Client;
let kms: KMSClient;
const Bucket = 'changing';

before(async () => {
  cloud = await startCloud();
  s3 = cloud.client(S3Client);
  kms = cloud.client(KMSClient);
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
});
after(() => cloud.close());

const newKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
const put = (Key: string, Body: Uint8Array | string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const read = async (Key: string, VersionId?: string) =>
  Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body!.transformToByteArray());
const head = (Key: string, VersionId?: string) => s3.send(new HeadObjectCommand({ Bucket, Key, VersionId }));
const update = (
  Key: string,
  KMSKeyArn: string,
  { client = s3, ...more }: { client?: S3Client; VersionId?: string; bucketKey?: boolean } = {},
) => {
  const { bucketKey, ...rest } = more;
  const SSEKMS = { KMSKeyArn, ...(bucketKey !== undefined && { BucketKeyEnabled: bucketKey }) };
  return client.send(new UpdateObjectEncryptionCommand({ Bucket, Key, ObjectEncryption: { SSEKMS }, ...rest }));
};

test('an object of SSE-S3 comes under a key of KMS, then under another: bytes, ETag, time and class stay, the first key is needed no more', async () => {
  const body = randomBytes(200_000);
  await put('one', body, { StorageClass: 'STANDARD_IA', Metadata: { kept: 'yes' } });
  const before = await head('one');
  const [first, second] = [await newKey(), await newKey()];
  await update('one', first, { bucketKey: true });
  assert.equal((await head('one')).BucketKeyEnabled, true);
  await update('one', second);
  await kms.send(new DisableKeyCommand({ KeyId: first }));
  const now = await head('one');
  assert.deepEqual([now.ServerSideEncryption, now.SSEKMSKeyId, now.BucketKeyEnabled], ['aws:kms', second, undefined]);
  const rest = ({ ETag, LastModified, StorageClass, Metadata, VersionId }: typeof now) => [
    ETag,
    LastModified,
    StorageClass,
    Metadata,
    VersionId,
  ];
  assert.deepEqual(rest(now), rest(before));
  assert.deepEqual(await read('one'), body);
  await kms.send(new DisableKeyCommand({ KeyId: second }));
  await assert.rejects(update('one', await newKey()), { name: 'KMS.DisabledException' });
});

test('an upload in parts, an older version and what is archived change as well', async () => {
  const parts = [randomBytes(5 * 1024 * 1024), randomBytes(1_000)];
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
  const Parts = [];
  for (const [i, Body] of parts.entries()) {
    const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: i + 1, Body }));
    Parts.push({ PartNumber: i + 1, ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, MultipartUpload: { Parts } }));
  const key = await newKey();
  await update('parts', key);
  assert.deepEqual(await read('parts'), Buffer.concat(parts));
  assert.equal((await head('parts')).SSEKMSKeyId, key);

  const { VersionId } = await put('versions', 'old');
  await put('versions', 'new');
  await update('versions', key, { VersionId: VersionId! });
  assert.equal((await head('versions', VersionId)).SSEKMSKeyId, key);
  assert.equal((await head('versions')).ServerSideEncryption, 'AES256');
  assert.equal((await read('versions', VersionId)).toString(), 'old');

  await put('frozen', 'cold', { StorageClass: 'DEEP_ARCHIVE' });
  await update('frozen', key);
  assert.equal((await head('frozen')).SSEKMSKeyId, key);
});

test('what cannot be changed is refused in the words of AWS', async () => {
  const key = await newKey();
  const refused = async (call: Promise<unknown>, name: string, words: RegExp) =>
    assert.rejects(call, (error: Error) => error.name === name && words.test(error.message));
  const customerKey = randomBytes(32);
  const SSECustomerKeyMD5 = createHash('md5').update(customerKey).digest('base64');
  await put('customer', 'x', { SSECustomerAlgorithm: 'AES256', SSECustomerKey: customerKey.toString('base64'), SSECustomerKeyMD5 });
  await refused(update('customer', key), 'InvalidRequest', /DSSE-KMS or SSE-C/);
  await put('held', 'x');
  await s3.send(new PutObjectLegalHoldCommand({ Bucket, Key: 'held', LegalHold: { Status: 'ON' } }));
  await refused(update('held', key), 'AccessDenied', /protected by S3 Object Lock/);
  await put('plain', 'x');
  await refused(update('plain', 'alias/aws/s3'), 'InvalidRequest', /valid AWS KMS key Amazon Resource Name/);
  await refused(update('plain', key.replace('000000000000', '999999999999')), 'AccessDenied', /same account as the bucket/);
  await refused(update('plain', key.replace(/key\/.*/, 'key/none')), 'KMS.NotFoundException', /none/);
  await refused(update('absent', key), 'NoSuchKey', /does not exist/);
});

test('a user needs s3:UpdateObjectEncryption, s3:PutObject and the keys', async () => {
  const key = await newKey();
  await put('of-user', 'x');
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'changer' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'changer' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const client = cloud.client(S3Client, { credentials });
  const allow = (Action: string[]) => {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
    return iam.send(new PutUserPolicyCommand({ UserName: 'changer', PolicyName: 'p', PolicyDocument }));
  };
  for (const missing of ['s3:UpdateObjectEncryption', 's3:PutObject', 'kms:GenerateDataKey']) {
    await allow(['s3:UpdateObjectEncryption', 's3:PutObject', 'kms:GenerateDataKey'].filter((action) => action !== missing));
    await assert.rejects(update('of-user', key, { client }), (error: Error) => {
      assert.equal(error.name, 'AccessDenied');
      return error.message.includes(missing);
    });
  }
  await allow(['s3:UpdateObjectEncryption', 's3:PutObject', 'kms:GenerateDataKey']);
  await update('of-user', key, { client });
  assert.equal((await head('of-user')).SSEKMSKeyId, key);
});
