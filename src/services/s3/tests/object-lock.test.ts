/** Object Lock on the cloud's clock: retention, legal holds, defaults, and who may pass by them. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  S3Client,
  UploadPartCommand,
  type ObjectLockConfiguration,
  type ObjectLockRetention,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'locked-bucket';
await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
await s3.send(new CreateBucketCommand({ Bucket: 'open-bucket' }));

const day = 86_400_000;
const inDays = (days: number) => new Date(Math.floor(cloud.cloud.clock.now() / 1000) * 1000 + days * day);
const put = async (Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  (await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }))).VersionId!;
const retain = (Key: string, Retention: ObjectLockRetention, more: object = {}) =>
  s3.send(new PutObjectRetentionCommand({ Bucket, Key, Retention, ...more }));
const remove = (Key: string, VersionId: string, more: object = {}, client = s3) =>
  client.send(new DeleteObjectCommand({ Bucket, Key, VersionId, ...more }));
const isProtected = { code: 'AccessDenied', status: 403, message: 'Access Denied because object protected by object lock.' };

test('a bucket with Object Lock keeps versions for ever', async () => {
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, 'Enabled');
  await refused(s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })), {
    code: 'InvalidBucketState',
    status: 409,
  });
  const configuration = async (bucket = Bucket) =>
    (await s3.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }))).ObjectLockConfiguration;
  assert.deepEqual(await configuration(), { ObjectLockEnabled: 'Enabled' });
  await refused(configuration('open-bucket'), 'ObjectLockConfigurationNotFoundError');
});

test('a bucket may get Object Lock later, once it keeps versions', async () => {
  const bucket = 'late-bucket';
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const lock = (ObjectLockConfiguration: ObjectLockConfiguration) =>
    s3.send(new PutObjectLockConfigurationCommand({ Bucket: bucket, ObjectLockConfiguration }));
  await refused(lock({ ObjectLockEnabled: 'Enabled' }), {
    code: 'InvalidBucketState',
    status: 409,
    message: "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
  });
  await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await refused(lock({}), 'MalformedXML');
  for (const DefaultRetention of [{}, { Days: 1 }, { Mode: 'GOVERNANCE' as const }, { Mode: 'COMPLIANCE' as const, Days: 1, Years: 1 }])
    await refused(lock({ ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } }), 'MalformedXML');
  for (const Days of [0, -1, 36_501])
    await refused(lock({ ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days } } }), 'InvalidArgument');
  const rule = { ObjectLockEnabled: 'Enabled' as const, Rule: { DefaultRetention: { Mode: 'GOVERNANCE' as const, Years: 2 } } };
  await lock(rule);
  assert.deepEqual((await s3.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }))).ObjectLockConfiguration, rule);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' }));
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'k' }));
  assert.deepEqual([head.ObjectLockMode, head.ObjectLockRetainUntilDate?.getTime()], ['GOVERNANCE', cloud.cloud.clock.now() + 730 * day]);
});

test('governance: no deletion until the day comes, but for those who may bypass', async () => {
  const first = await put('governed', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(10) });
  const second = await put('governed', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(10) });
  await refused(remove('governed', first), isProtected);
  const many = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'governed', VersionId: first }] } }));
  assert.deepEqual([many.Errors?.[0]?.Code, many.Errors?.[0]?.Message], ['AccessDenied', isProtected.message]);
  assert.equal((await s3.send(new DeleteObjectCommand({ Bucket, Key: 'governed' }))).DeleteMarker, true);
  await remove('governed', first, { BypassGovernanceRetention: true });
  await cloud.advance(10 * day - 1000);
  await refused(remove('governed', second), isProtected);
  await cloud.advance(2000);
  await remove('governed', second);
});

test('retention may grow; it shrinks or changes its mode by bypass alone', async () => {
  const version = await put('grown');
  const retention = async () => (await s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'grown' }))).Retention;
  await refused(retention(), {
    code: 'NoSuchObjectLockConfiguration',
    status: 404,
    message: 'The specified object does not have a ObjectLock configuration',
  });
  await retain('grown', { Mode: 'GOVERNANCE', RetainUntilDate: inDays(5) });
  await retain('grown', { Mode: 'GOVERNANCE', RetainUntilDate: inDays(6) }, { VersionId: version });
  assert.deepEqual(await retention(), { Mode: 'GOVERNANCE', RetainUntilDate: inDays(6) });
  await refused(retain('grown', { Mode: 'GOVERNANCE', RetainUntilDate: inDays(5) }), isProtected);
  await refused(retain('grown', { Mode: 'COMPLIANCE', RetainUntilDate: inDays(6) }), isProtected);
  await refused(retain('grown', {}), isProtected);
  await refused(retain('grown', { Mode: 'GOVERNANCE' }), 'MalformedXML');
  await refused(retain('grown', { Mode: 'GOVERNANCE', RetainUntilDate: inDays(-1) }), {
    code: 'InvalidArgument',
    message: 'The retain until date must be in the future!',
  });
  await retain('grown', {}, { BypassGovernanceRetention: true });
  await refused(retention(), 'NoSuchObjectLockConfiguration');
  await remove('grown', version);
});

test('compliance: nobody takes anything back', async () => {
  const version = await put('complied', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(3) });
  const bypass = { BypassGovernanceRetention: true };
  await refused(remove('complied', version, bypass), isProtected);
  await refused(retain('complied', { Mode: 'COMPLIANCE', RetainUntilDate: inDays(2) }, bypass), isProtected);
  await refused(retain('complied', { Mode: 'GOVERNANCE', RetainUntilDate: inDays(9) }, bypass), isProtected);
  await retain('complied', { Mode: 'COMPLIANCE', RetainUntilDate: inDays(4) });
  await cloud.advance(4 * day + 1000);
  await remove('complied', version);
});

test('a legal hold has no end but its own', async () => {
  const version = await put('held');
  const hold = (Status: 'ON' | 'OFF') => s3.send(new PutObjectLegalHoldCommand({ Bucket, Key: 'held', LegalHold: { Status } }));
  const status = async () => (await s3.send(new GetObjectLegalHoldCommand({ Bucket, Key: 'held' }))).LegalHold?.Status;
  await refused(status(), 'NoSuchObjectLockConfiguration');
  await refused(hold('MAYBE' as 'ON'), 'MalformedXML');
  await hold('ON');
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'held' }))).ObjectLockLegalHoldStatus, 'ON');
  await cloud.advance(1000 * day);
  await refused(remove('held', version, { BypassGovernanceRetention: true }), isProtected);
  await hold('OFF');
  assert.equal(await status(), 'OFF');
  await remove('held', version);
});

test('a copy is not locked as its source is; an upload comes with the lock it asked for', async () => {
  const source = await put('lock-source', {
    ObjectLockLegalHoldStatus: 'ON',
    ObjectLockMode: 'GOVERNANCE',
    ObjectLockRetainUntilDate: inDays(9),
  });
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'lock-copy', CopySource: `${Bucket}/lock-source?versionId=${source}` }));
  const copied = await s3.send(new HeadObjectCommand({ Bucket, Key: 'lock-copy' }));
  assert.deepEqual([copied.ObjectLockMode, copied.ObjectLockLegalHoldStatus], [undefined, undefined]);
  const place = { Bucket, Key: 'lock-parts' };
  const until = inDays(2);
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ ...place, ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: until }),
  );
  const { ETag } = await s3.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body: 'x' }));
  await s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }));
  const head = await s3.send(new HeadObjectCommand(place));
  assert.deepEqual([head.ObjectLockMode, head.ObjectLockRetainUntilDate], ['COMPLIANCE', until]);
});

test('headers that say half, or too much, or nothing that can be', async () => {
  await refused(put('x', { ObjectLockMode: 'GOVERNANCE' }), {
    code: 'InvalidArgument',
    message: 'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
  });
  await refused(put('x', { ObjectLockRetainUntilDate: inDays(1) }), 'InvalidArgument');
  await refused(put('x', { ObjectLockMode: 'BAD' as 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(1) }), {
    code: 'InvalidArgument',
    message: 'Unknown wormMode directive.',
  });
  await refused(put('x', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(-1) }), 'InvalidArgument');
  await refused(put('x', { Bucket: 'open-bucket', ObjectLockLegalHoldStatus: 'ON' }), {
    code: 'InvalidRequest',
    message: 'Bucket is missing Object Lock Configuration',
  });
  await s3.send(new PutObjectCommand({ Bucket: 'open-bucket', Key: 'x', Body: 'x' }));
  const hold = new PutObjectLegalHoldCommand({ Bucket: 'open-bucket', Key: 'x', LegalHold: { Status: 'ON' } });
  await refused(s3.send(hold), 'InvalidRequest');
  await refused(s3.send(new DeleteObjectCommand({ Bucket: 'open-bucket', Key: 'x', BypassGovernanceRetention: true })), {
    code: 'InvalidArgument',
    message: 'x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.',
  });
  const plain = cloud.client(S3Client, { requestChecksumCalculation: 'WHEN_REQUIRED' });
  await refused(plain.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x', ObjectLockLegalHoldStatus: 'ON' })), {
    code: 'InvalidRequest',
    message: 'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
  });
});

test('locking, bypassing and seeing locks are permissions of their own', async () => {
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'clerk' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'clerk' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const clerk = cloud.client(S3Client, { credentials });
  const allow = (...statements: object[]) =>
    iam.send(
      new PutUserPolicyCommand({
        UserName: 'clerk',
        PolicyName: 'p',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
      }),
    );
  const objects = { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObjectVersion'], Resource: '*' };
  await allow(objects);
  const lock = { Bucket, Key: 'clerk', Body: 'x', ObjectLockMode: 'GOVERNANCE' as const };
  const put = (days: number) => clerk.send(new PutObjectCommand({ ...lock, ObjectLockRetainUntilDate: inDays(days) }));
  await refused(put(5), 'AccessDenied');
  const short = { NumericLessThanEquals: { 's3:object-lock-remaining-retention-days': '10' } };
  await allow(objects, { Effect: 'Allow', Action: 's3:PutObjectRetention', Resource: '*', Condition: short });
  await refused(put(20), 'AccessDenied');
  const { VersionId } = await put(5);
  assert.equal((await clerk.send(new HeadObjectCommand({ Bucket, Key: 'clerk' }))).ObjectLockMode, undefined);
  await refused(remove('clerk', VersionId!, { BypassGovernanceRetention: true }, clerk), isProtected);
  await allow(objects, { Effect: 'Allow', Action: 's3:BypassGovernanceRetention', Resource: '*' });
  await remove('clerk', VersionId!, { BypassGovernanceRetention: true }, clerk);
});
