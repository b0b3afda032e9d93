/** What jobs do to each object of their manifest, and what their reports tell of it. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAclCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { replicate, replicationRole, rule, versionedBucket } from '../../s3/tests/replication-cast.ts';
import { startJobs } from './job-bench.ts';

const bench = await startJobs();
after(() => bench.cloud.close());
const { s3, put, text, create, manifest, finished } = bench;
const Bucket = 'worked-on';
await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true, ObjectOwnership: 'ObjectWriter' }));
const keys = ['plain', 'with space/ü', 'comma,and "quote"'];
for (const Key of keys) await put(Bucket, Key, Key, { Tagging: 'old=1', Metadata: { kept: 'yes' }, ContentType: 'text/x' });
const lines = ['worked-on,plain', 'worked-on,with+space/%C3%BC', 'worked-on,comma%2Cand+%22quote%22'];
const tagsOf = async (Key: string) => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;

test('tags are put on every object, and taken off again; the report lists each', async () => {
  const JobId = await create(
    { S3PutObjectTagging: { TagSet: [{ Key: 'team', Value: 'blue' }] } },
    await manifest([...lines, 'worked-on,missing']),
  );
  const { job, rows, counts } = await finished(JobId);
  assert.deepEqual([job.Status, ...counts], ['Complete', 4, 3, 1]);
  assert.deepEqual(rows, {
    succeeded: lines.map((line) => `${line},,succeeded,200,,Successful`),
    failed: ['worked-on,missing,,failed,404,NoSuchKey,The specified key does not exist.'],
  });
  for (const Key of keys) assert.deepEqual(await tagsOf(Key), [{ Key: 'team', Value: 'blue' }]);
  assert.deepEqual((await finished(await create({ S3DeleteObjectTagging: {} }, await manifest(lines)))).counts, [3, 3, 0]);
  assert.deepEqual(await tagsOf('plain'), []);
});

test('copies go under a prefix, with what the job brings and else with what the source has', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'copies' }));
  const TargetResource = 'arn:aws:s3:::copies';
  await finished(await create({ S3PutObjectCopy: { TargetResource, TargetKeyPrefix: 'as-is' } }, await manifest(lines)));
  const copy = await s3.send(new HeadObjectCommand({ Bucket: 'copies', Key: 'as-is/with space/ü' }));
  assert.deepEqual([copy.Metadata, copy.ContentType, copy.StorageClass], [{ kept: 'yes' }, 'text/x', undefined]);
  const changed = {
    ...{ TargetResource, TargetKeyPrefix: 'new', StorageClass: 'GLACIER_IR' as const, NewObjectTagging: [{ Key: 'a', Value: 'b c' }] },
    NewObjectMetadata: { ContentType: 'text/y', UserMetadata: { other: '1' } },
  };
  await finished(await create({ S3PutObjectCopy: changed }, await manifest(lines)));
  const made = await s3.send(new HeadObjectCommand({ Bucket: 'copies', Key: 'new/plain' }));
  assert.deepEqual([made.Metadata, made.ContentType, made.StorageClass, made.TagCount], [{ other: '1' }, 'text/y', 'GLACIER_IR', 1]);
  assert.equal(await text('copies', 'new/comma,and "quote"'), 'comma,and "quote"');
  const { rows } = await finished(
    await create({ S3PutObjectCopy: { TargetResource, UnModifiedSinceConstraint: new Date(0) } }, await manifest(['worked-on,plain'])),
  );
  assert.match(rows['failed']![0]!, /^worked-on,plain,,failed,412,PreconditionFailed,/);
});

test('versions that a manifest names are the ones that are worked on', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'versioned' }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration: { Status: 'Enabled' } }));
  const { VersionId } = await put('versioned', 'k', 'old');
  await put('versioned', 'k', 'new');
  const listed = await manifest([`versioned,x,k,${VersionId}`], ['Bucket', 'Ignore', 'Key', 'VersionId']);
  await finished(await create({ S3PutObjectCopy: { TargetResource: 'arn:aws:s3:::copies' } }, listed));
  assert.equal(await text('copies', 'k'), 'old');
});

test('ACLs, legal holds and retentions', async () => {
  const work = async (operation: Parameters<typeof create>[0]) => {
    const { job, counts } = await finished(await create(operation, await manifest(lines)));
    assert.deepEqual([job.Status, ...counts], ['Complete', 3, 3, 0]);
  };
  await work({ S3PutObjectAcl: { AccessControlPolicy: { CannedAccessControlList: 'bucket-owner-full-control' } } });
  const { Owner } = await s3.send(new GetObjectAclCommand({ Bucket, Key: 'plain' }));
  const id = 'f'.repeat(64);
  const Grants = [{ Grantee: { TypeIdentifier: 'id' as const, Identifier: id }, Permission: 'READ' as const }];
  await work({ S3PutObjectAcl: { AccessControlPolicy: { AccessControlList: { Owner: { ID: Owner!.ID }, Grants } } } });
  const acl = await s3.send(new GetObjectAclCommand({ Bucket, Key: 'plain' }));
  assert.deepEqual(
    acl.Grants!.map(({ Grantee, Permission }) => [Grantee!.ID, Permission]),
    [[id, 'READ']],
  );
  await work({ S3PutObjectLegalHold: { LegalHold: { Status: 'ON' } } });
  assert.equal((await s3.send(new GetObjectLegalHoldCommand({ Bucket, Key: 'plain' }))).LegalHold!.Status, 'ON');
  const RetainUntilDate = new Date(bench.cloud.cloud.clock.now() + 86_400_000);
  await work({ S3PutObjectRetention: { Retention: { Mode: 'GOVERNANCE', RetainUntilDate } } });
  const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'plain' }));
  assert.deepEqual(Retention, { Mode: 'GOVERNANCE', RetainUntilDate });
  await work({ S3PutObjectRetention: { BypassGovernanceRetention: true, Retention: {} } });
});

test('objects from before a rule are replicated', async () => {
  const { cloud } = bench;
  const [source, destination] = [await versionedBucket(cloud), await versionedBucket(cloud)];
  await source.put('old', { Body: 'before' });
  await replicate(source, await replicationRole(cloud), [rule(destination.arn)]);
  const listed = await manifest([`${source.Bucket},old`, `${source.Bucket},none`]);
  const { job, counts, rows } = await finished(await create({ S3ReplicateObject: {} }, listed));
  assert.deepEqual([job.Status, ...counts], ['Complete', 2, 1, 1]);
  assert.equal(await destination.text('old'), 'before');
  assert.equal(await source.status('old'), 'COMPLETED');
  assert.match(rows['failed']![0]!, /,none,,failed,400,SrcVersionNotFound,/);
});

test('objects come under another key', async () => {
  const { KeyMetadata } = await bench.cloud.client(KMSClient).send(new CreateKeyCommand({}));
  const keys = { Effect: 'Allow', Action: 'kms:GenerateDataKey', Resource: KeyMetadata!.Arn };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [keys] });
  await bench.cloud.client(IAMClient).send(new PutRolePolicyCommand({ RoleName: 'batch', PolicyName: 'keys', PolicyDocument }));
  await put('copies', 'rekeyed', 'x');
  const ObjectEncryption = { SSEKMS: { KMSKeyArn: KeyMetadata!.Arn! } };
  const { counts, job } = await finished(
    await create({ S3UpdateObjectEncryption: { ObjectEncryption } }, await manifest(['copies,rekeyed'])),
  );
  assert.deepEqual([job.Status, ...counts], ['Complete', 1, 1, 0]);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket: 'copies', Key: 'rekeyed' }))).SSEKMSKeyId, KeyMetadata!.Arn);
});

test('what is archived is restored', async () => {
  await put('copies', 'frozen', 'x', { StorageClass: 'GLACIER' });
  const restore = { S3InitiateRestoreObject: { ExpirationInDays: 2, GlacierJobTier: 'STANDARD' as const } };
  const { counts } = await finished(await create(restore, await manifest(['copies,frozen', 'copies,k'])));
  assert.deepEqual(counts, [2, 1, 1]);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket: 'copies', Key: 'frozen' }))).Restore, 'ongoing-request="true"');
});

test('checksums are computed where objects lie, archived and encrypted ones too, and told in the report; nothing of the objects changes', async () => {
  const kms = bench.cloud.client(KMSClient);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await bench.cloud.client(IAMClient).send(
    new PutRolePolicyCommand({
      ...{ RoleName: 'batch', PolicyName: 'decrypt' },
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: KeyMetadata!.Arn }],
      }),
    }),
  );
  const customer = {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: Buffer.alloc(32, 1).toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(Buffer.alloc(32, 1)).digest('base64'),
  };
  await put(Bucket, 'frozen', 'hello', { StorageClass: 'DEEP_ARCHIVE' });
  await put(Bucket, 'secret', 'hello', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyMetadata!.Arn });
  await put(Bucket, 'mine', 'hello', customer);
  const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'frozen' }));
  const JobId = await create(
    { S3ComputeObjectChecksum: { ChecksumAlgorithm: 'SHA512' } },
    await manifest(['frozen', 'secret', 'mine', 'missing'].map((key) => `${Bucket},${key}`)),
  );
  const { job, rows, counts } = await finished(JobId);
  assert.deepEqual([job.Status, ...counts], ['Complete', 4, 2, 2]);
  const sum = createHash('sha512').update('hello').digest();
  for (const row of rows['succeeded']!) {
    const [, message] = /,succeeded,200,,"(.*)"$/.exec(row)!;
    const told = JSON.parse(message!.replaceAll('""', '"'));
    assert.deepEqual([told.checksum_base64, told.checksum_hex], [sum.toString('base64'), sum.toString('hex').toUpperCase()]);
    assert.deepEqual([told.checksumAlgorithm, told.checksumType], ['SHA512', 'FULL_OBJECT']);
    if (row.startsWith(`${Bucket},frozen,`)) assert.equal(`"${told.etag}"`, ETag);
  }
  assert.match(rows['failed']![0]!, /mine,,failed,200,PermanentFailure,"error details: .*SSE-C encryption type is not supported/);
  assert.match(rows['failed']![1]!, /missing,,failed,200,PermanentFailure,"error details: .*Key not found.*404/);
});

test('a checksum of parts is computed from those of the parts', async () => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts', ChecksumAlgorithm: 'SHA256' }));
  const bodies = [Buffer.alloc(5 * 1024 * 1024, 1), Buffer.from('end')];
  const Parts = [];
  for (const [i, Body] of bodies.entries()) {
    const part = { Bucket, Key: 'parts', UploadId, PartNumber: i + 1, Body, ChecksumAlgorithm: 'SHA256' as const };
    const { ETag, ChecksumSHA256 } = await s3.send(new UploadPartCommand(part));
    Parts.push({ ETag, ChecksumSHA256, PartNumber: i + 1 });
  }
  const whole = await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, MultipartUpload: { Parts } }));
  const told = async (operation: object) => {
    const { rows } = await finished(await create({ S3ComputeObjectChecksum: operation }, await manifest([`${Bucket},parts`])));
    return JSON.parse(/,succeeded,200,,"(.*)"$/.exec(rows['succeeded']![0]!)![1]!.replaceAll('""', '"'));
  };
  const composite = await told({ ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' });
  assert.deepEqual([composite.checksum_base64, composite.checksumType], [whole.ChecksumSHA256, 'COMPOSITE']);
  const full = await told({ ChecksumAlgorithm: 'MD5' });
  assert.equal(full.checksum_base64, createHash('md5').update(Buffer.concat(bodies)).digest('base64'));
  const byXxHash = await told({ ChecksumAlgorithm: 'XXHASH3', ChecksumType: 'COMPOSITE' });
  // Of the parts' sums: 5 MiB of ones, and "end", by libxxhash.
  assert.equal(byXxHash.checksum_base64, 'gc7gKhxP8n4=-2');
  const wrong = create(
    { S3ComputeObjectChecksum: { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' } },
    await manifest([`${Bucket},parts`]),
  );
  await assert.rejects(wrong, { name: 'InvalidRequest' });
});
