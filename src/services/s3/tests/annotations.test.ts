/** Annotations: named texts beside an object, of a version each, which go where their object goes. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectAnnotationCommand,
  DeleteObjectCommand,
  GetObjectAnnotationCommand,
  HeadObjectCommand,
  ListObjectAnnotationsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectAnnotationCommand,
  PutObjectCommand,
  S3Client,
  UpdateObjectEncryptionCommand,
  type CopyObjectCommandInput,
  type PutObjectAnnotationCommandInput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { replicate, replicationRole, rule, versionedBucket } from './replication-cast.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const account = '000000000000';
let made = 0;

async function newBucket(versioned = false): Promise<string> {
  const Bucket = `annotated-${made++}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (versioned) await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  return Bucket;
}
const put = (Bucket: string, Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: 'the object', ...more }));
const annotate = (
  Bucket: string,
  Key: string,
  AnnotationName: string,
  AnnotationPayload: string | Uint8Array = AnnotationName,
  more: Partial<PutObjectAnnotationCommandInput> = {},
  client = s3,
) => client.send(new PutObjectAnnotationCommand({ Bucket, Key, AnnotationName, AnnotationPayload, ...more }));
const read = async (Bucket: string, Key: string, AnnotationName: string, VersionId?: string, client = s3) => {
  const got = await client.send(new GetObjectAnnotationCommand({ Bucket, Key, AnnotationName, VersionId, ChecksumMode: 'ENABLED' }));
  return { ...got, text: await got.AnnotationPayload!.transformToString() };
};
const list = async (Bucket: string, Key: string, VersionId?: string, client = s3) =>
  (await client.send(new ListObjectAnnotationsCommand({ Bucket, Key, VersionId }))).Annotations ?? [];
const names = async (...at: Parameters<typeof list>) => (await list(...at)).map(({ AnnotationName }) => AnnotationName);
const copy = (Bucket: string, Key: string, CopySource: string, more: Partial<CopyObjectCommandInput> = {}, client = s3) =>
  client.send(new CopyObjectCommand({ Bucket, Key, CopySource, ...more }));

test('an annotation is put, read, replaced, listed and deleted, and its object stays as it was', async () => {
  const Bucket = await newBucket();
  const { ETag } = await put(Bucket, 'k');
  const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
  await cloud.advance(5000);
  const first = await annotate(Bucket, 'k', 'ml.mood', '{"mood":"좋다"}');
  assert.deepEqual([first.Key, first.AnnotationName, first.ServerSideEncryption], ['k', 'ml.mood', 'AES256']);
  assert.equal(first.ETag, `"${createHash('md5').update('{"mood":"좋다"}').digest('hex')}"`);
  assert.equal(first.ObjectVersionId, undefined);
  await annotate(Bucket, 'k', 'ml.mood', 'calm', { ChecksumAlgorithm: 'SHA256' });
  const got = await read(Bucket, 'k', 'ml.mood');
  assert.deepEqual([got.text, got.ContentLength, got.ChecksumType], ['calm', 4, 'FULL_OBJECT']);
  assert.equal(got.ChecksumSHA256, createHash('sha256').update('calm').digest('base64'));
  for (const name of ['가', 'Z', 'a-1', 'a_2']) await annotate(Bucket, 'k', name);
  assert.deepEqual(await names(Bucket, 'k'), ['Z', 'a-1', 'a_2', 'ml.mood', '가']);
  const [, , , mood] = await list(Bucket, 'k');
  assert.deepEqual([mood!.Size, mood!.ChecksumAlgorithm], [4, ['SHA256']]);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
  assert.deepEqual([head.ETag, head.LastModified], [ETag, LastModified]);
  await s3.send(new DeleteObjectAnnotationCommand({ Bucket, Key: 'k', AnnotationName: 'ml.mood' }));
  await refused(read(Bucket, 'k', 'ml.mood'), 'NoSuchAnnotation');
  await s3.send(new DeleteObjectAnnotationCommand({ Bucket, Key: 'k', AnnotationName: 'ml.mood' }));
  assert.equal((await list(Bucket, 'k')).length, 4);
});

test('pages of a listing go on where the last one ended, within a prefix', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'k');
  for (const name of ['b', 'a.1', 'a.2', 'a.3', 'a']) await annotate(Bucket, 'k', name);
  const page = (more: object) =>
    s3.send(new ListObjectAnnotationsCommand({ Bucket, Key: 'k', AnnotationPrefix: 'a.', MaxAnnotationResults: 2, ...more }));
  const first = await page({});
  assert.deepEqual([first.AnnotationCount, first.MaxAnnotationResults, first.AnnotationPrefix, first.Bucket], [2, 2, 'a.', Bucket]);
  const second = await page({ ContinuationToken: first.NextContinuationToken });
  const found = [...first.Annotations!, ...second.Annotations!].map(({ AnnotationName }) => AnnotationName);
  assert.deepEqual([found, second.NextContinuationToken], [['a.1', 'a.2', 'a.3'], undefined]);
  await refused(page({ AnnotationPrefix: 'a b' }), 'InvalidPrefix');
  await refused(page({ MaxAnnotationResults: 0 }), 'InvalidArgument');
  await refused(page({ ContinuationToken: 'nonsense' }), 'InvalidArgument');
});

test('names, sizes, texts and conditions are held to', async () => {
  const Bucket = await newBucket();
  const { ETag } = await put(Bucket, 'k');
  for (const name of ['aws', 'AWS.x', 's3-x', 'S3', 'a b', 'a/b', ' ', 'a\u0000'])
    await refused(annotate(Bucket, 'k', name, 'x'), 'InvalidAnnotationName');
  await annotate(Bucket, 'k', '가'.repeat(170));
  await refused(annotate(Bucket, 'k', '가'.repeat(171)), 'AnnotationNameTooLong');
  await refused(annotate(Bucket, 'k', 'empty', ''), 'InvalidRequest');
  await refused(annotate(Bucket, 'k', 'binary', Buffer.from([0xff, 0xfe])), 'UnsupportedMediaType');
  await annotate(Bucket, 'k', 'whole', 'x'.repeat(1024 * 1024));
  await refused(annotate(Bucket, 'k', 'larger', 'x'.repeat(1024 * 1024 + 1)), 'EntityTooLarge');
  await refused(annotate(Bucket, 'k', 'wrong', 'x', { ContentMD5: createHash('md5').update('y').digest('base64') }), 'BadDigest');
  await refused(annotate(Bucket, 'k', 'older', 'x', { ObjectIfMatch: '"0"' }), 'PreconditionFailed');
  await annotate(Bucket, 'k', 'newer', 'x', { ObjectIfMatch: ETag });
  const ending = { Bucket, Key: 'k', AnnotationName: 'newer' };
  await refused(s3.send(new DeleteObjectAnnotationCommand({ ...ending, ObjectIfMatch: '"0"' })), 'PreconditionFailed');
  await refused(annotate(Bucket, 'missing', 'n'), 'NoSuchKey');
  await refused(annotate('nobodys-annotated', 'k', 'n'), 'NoSuchBucket');
  assert.deepEqual(await names(Bucket, 'k'), ['newer', 'whole', '가'.repeat(170)]);
});

test('an object has 1,000 annotations and no more; one that is replaced is none more', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'k');
  for (let from = 0; from < 1000; from += 50)
    await Promise.all(Array.from({ length: 50 }, (_, i) => annotate(Bucket, 'k', `n${from + i}`)));
  await refused(annotate(Bucket, 'k', 'one-more'), 'AnnotationLimitExceeded');
  await annotate(Bucket, 'k', 'n7', 'again');
  assert.equal((await list(Bucket, 'k')).length, 1000);
  await copy(Bucket, 'copy', `${Bucket}/k`);
  assert.equal((await list(Bucket, 'copy')).length, 1000);
});

test('each version has its own, also below a delete marker; they go with it, and an overwritten object takes its own along', async () => {
  const Bucket = await newBucket(true);
  const { VersionId: old } = await put(Bucket, 'k');
  const first = await annotate(Bucket, 'k', 'note', 'of the old');
  assert.equal(first.ObjectVersionId, old);
  const { VersionId: newer } = await put(Bucket, 'k');
  assert.deepEqual(await names(Bucket, 'k'), []);
  await annotate(Bucket, 'k', 'note', 'late', { VersionId: old });
  await annotate(Bucket, 'k', 'note', 'of the new');
  assert.deepEqual([(await read(Bucket, 'k', 'note', old)).text, (await read(Bucket, 'k', 'note')).text], ['late', 'of the new']);
  const { VersionId: marker } = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  await refused(read(Bucket, 'k', 'note'), 'NoSuchKey');
  await refused(annotate(Bucket, 'k', 'note', 'x', { VersionId: marker }), 'MethodNotAllowed');
  assert.equal((await read(Bucket, 'k', 'note', newer)).text, 'of the new');
  for (const VersionId of [marker, newer, old]) await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
  const plain = await newBucket();
  await put(plain, 'k');
  await annotate(plain, 'k', 'note');
  await put(plain, 'k');
  assert.deepEqual(await names(plain, 'k'), []);
});

test('archived objects are annotated and read without being restored', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'cold', { StorageClass: 'DEEP_ARCHIVE' });
  await annotate(Bucket, 'cold', 'what', 'ice');
  assert.equal((await read(Bucket, 'cold', 'what')).text, 'ice');
});

test('a copy takes annotations along unless told not to, also onto itself, and under another checksum where it is given one', async () => {
  const [from, to] = [await newBucket(), await newBucket()];
  await put(from, 'k');
  await annotate(from, 'k', 'one', 'first', { ChecksumAlgorithm: 'SHA1' });
  await annotate(from, 'k', 'two', 'second');
  await copy(to, 'with', `${from}/k`);
  assert.equal((await read(to, 'with', 'one')).ChecksumSHA1, createHash('sha1').update('first').digest('base64'));
  await copy(to, 'without', `${from}/k`, { AnnotationDirective: 'EXCLUDE' });
  assert.deepEqual(await names(to, 'without'), []);
  await refused(copy(to, 'wrong', `${from}/k`, { AnnotationDirective: 'SOME' as 'COPY' }), 'InvalidArgument');
  await copy(to, 'hashed', `${from}/k`, { ChecksumAlgorithm: 'SHA256' });
  const hashed = await read(to, 'hashed', 'one');
  assert.deepEqual([hashed.text, hashed.ChecksumSHA256], ['first', createHash('sha256').update('first').digest('base64')]);
  await copy(from, 'k', `${from}/k`, { MetadataDirective: 'REPLACE', Metadata: { a: 'b' } });
  assert.deepEqual(await names(from, 'k'), ['one', 'two']);
  await s3.send(new DeleteObjectCommand({ Bucket: from, Key: 'k' }));
  assert.equal((await read(to, 'with', 'two')).text, 'second');
});

test('annotations are encrypted as their object is: under the same key of KMS, under its next one, never under a customer key', async () => {
  const Bucket = await newBucket();
  const kms = cloud.client(KMSClient);
  const newKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
  const [first, second] = [await newKey(), await newKey()];
  await put(Bucket, 'k', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: first });
  const secret = 'nobody finds this on the disk';
  assert.equal((await annotate(Bucket, 'k', 'note', secret)).ServerSideEncryption, 'aws:kms');
  await copy(Bucket, 'plain', `${Bucket}/k`, { ServerSideEncryption: 'AES256' });
  await copy(Bucket, 'layers', `${Bucket}/k`, { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: second });
  assert.equal((await annotate(Bucket, 'layers', 'more', secret)).ServerSideEncryption, 'aws:kms:dsse');
  await copy(Bucket, 'one-layer', `${Bucket}/layers`, { ServerSideEncryption: 'AES256' });
  for (const key of ['layers', 'one-layer'])
    assert.deepEqual([(await read(Bucket, key, 'note')).text, (await read(Bucket, key, 'more')).text], [secret, secret]);
  await s3.send(new UpdateObjectEncryptionCommand({ Bucket, Key: 'k', ObjectEncryption: { SSEKMS: { KMSKeyArn: second } } }));
  await kms.send(new DisableKeyCommand({ KeyId: first }));
  assert.equal((await read(Bucket, 'k', 'note')).text, secret);
  assert.equal((await read(Bucket, 'plain', 'note')).text, secret);
  await kms.send(new DisableKeyCommand({ KeyId: second }));
  await refused(read(Bucket, 'k', 'note'), 'KMS.DisabledException');
  const SSECustomerKey = Buffer.alloc(32, 7).toString('base64');
  const customer = {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey,
    SSECustomerKeyMD5: createHash('md5').update(Buffer.alloc(32, 7)).digest('base64'),
  };
  await put(Bucket, 'mine', customer);
  await refused(annotate(Bucket, 'mine', 'note'), 'InvalidRequest');
  await refused(copy(Bucket, 'mine-too', `${Bucket}/plain`, customer), 'InvalidRequest');
  assert.ok(!(await onDisk(cloud)).includes(secret));
});

async function onDisk({ dataDirectory }: LiveCloud): Promise<Buffer> {
  const entries = await readdir(dataDirectory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => readFile(join(parentPath, name)));
  return Buffer.concat(await Promise.all(files));
}

test('what was acknowledged is there after a restart', async () => {
  const first = await startCloud();
  const client = first.client(S3Client);
  await client.send(new CreateBucketCommand({ Bucket: 'lasting' }));
  await client.send(new PutObjectCommand({ Bucket: 'lasting', Key: 'k', Body: 'x' }));
  await annotate('lasting', 'k', 'note', 'kept', {}, client);
  await first.close({ keep: true });
  const second = await startCloud({ dataDirectory: first.dataDirectory });
  assert.equal((await read('lasting', 'k', 'note', undefined, second.client(S3Client))).text, 'kept');
  await second.close();
});

test('each action is asked for, those on versions too, and a copy asks for reading and writing what it takes along', async () => {
  const Bucket = await newBucket(true);
  const { VersionId } = await put(Bucket, 'k');
  await annotate(Bucket, 'k', 'note', 'x');
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'annotator' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'annotator' }));
  const user = cloud.client(S3Client, {
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
  });
  const allow = (...Action: string[]) =>
    iam.send(
      new PutUserPolicyCommand({
        ...{ UserName: 'annotator', PolicyName: 'p' },
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }),
      }),
    );
  await allow('s3:GetObject', 's3:PutObject', 's3:GetObjectAnnotation', 's3:ListObjectAnnotations');
  assert.equal((await read(Bucket, 'k', 'note', undefined, user)).text, 'x');
  await refused(read(Bucket, 'k', 'note', VersionId, user), 'AccessDenied');
  assert.equal((await list(Bucket, 'k', undefined, user)).length, 1);
  await refused(annotate(Bucket, 'k', 'note', 'y', {}, user), 'AccessDenied');
  await refused(user.send(new DeleteObjectAnnotationCommand({ Bucket, Key: 'k', AnnotationName: 'note' })), 'AccessDenied');
  await refused(copy(Bucket, 'copy', `${Bucket}/k`, {}, user), 'AccessDenied');
  await copy(Bucket, 'copy', `${Bucket}/k`, { AnnotationDirective: 'EXCLUDE' }, user);
  await allow('s3:GetObject', 's3:PutObject', 's3:GetObjectAnnotation', 's3:PutObjectAnnotation', 's3:GetObjectVersionAnnotation');
  await copy(Bucket, 'copy', `${Bucket}/k`, {}, user);
  assert.equal((await read(Bucket, 'k', 'note', VersionId, user)).text, 'x');
});

test('a queue is told of annotations that come and go', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'k');
  const sqs = cloud.client(SQSClient);
  const QueueArn = `arn:aws:sqs:us-east-1:${account}:annotations`;
  const Statement = { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: QueueArn };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'annotations', Attributes: { Policy } }));
  const NotificationConfiguration = { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectAnnotation:*' as const] }] };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  await annotate(Bucket, 'k', 'note');
  await s3.send(new DeleteObjectAnnotationCommand({ Bucket, Key: 'k', AnnotationName: 'note' }));
  await cloud.cloud.settled();
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  const events = Messages.flatMap(({ Body }) => JSON.parse(Body!).Records ?? []).map(({ eventName, s3: of }) => [eventName, of.object.key]);
  assert.deepEqual(events.toSorted(), [
    ['ObjectAnnotation:Delete', 'k'],
    ['ObjectAnnotation:Put', 'k'],
  ]);
});

test('replicas get the annotations that come, with their object and after it; deletions stay where they were made', async () => {
  const role = await replicationRole(cloud, [{ Effect: 'Allow', Action: 's3:GetObjectVersionAnnotationForReplication', Resource: '*' }]);
  const source = await versionedBucket(cloud);
  const destination = await versionedBucket(cloud, { region: 'eu-west-1' });
  await replicate(source, role, [rule(destination.arn)]);
  await source.put('k');
  await annotate(source.Bucket, 'k', 'early', 'e');
  await cloud.cloud.settled();
  await annotate(source.Bucket, 'k', 'late', 'l');
  await cloud.cloud.settled();
  const there = async (name: string) => read(destination.Bucket, 'k', name, undefined, destination.s3);
  assert.deepEqual([(await there('early')).text, (await there('late')).text], ['e', 'l']);
  assert.equal((await there('late')).ReplicationStatus, 'REPLICA');
  assert.equal((await read(source.Bucket, 'k', 'late')).ReplicationStatus, 'COMPLETED');
  assert.equal(await source.status('k'), 'COMPLETED');
  await annotate(source.Bucket, 'k', 'late', 'later');
  await s3.send(new DeleteObjectAnnotationCommand({ Bucket: source.Bucket, Key: 'k', AnnotationName: 'early' }));
  await cloud.cloud.settled();
  assert.deepEqual([(await there('early')).text, (await there('late')).text], ['e', 'later']);
});

test('without the right to read annotations, or where the destination denies them, objects are replicated without them', async () => {
  const unable = await replicationRole(cloud);
  const able = await replicationRole(cloud, [{ Effect: 'Allow', Action: 's3:GetObjectVersionAnnotationForReplication', Resource: '*' }]);
  for (const role of [unable, able]) {
    const source = await versionedBucket(cloud);
    const destination = await versionedBucket(cloud);
    const Statement = {
      Effect: 'Deny',
      Principal: { AWS: able },
      Action: 's3:ReplicateObjectAnnotation',
      Resource: `${destination.arn}/*`,
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await s3.send(new PutBucketPolicyCommand({ Bucket: destination.Bucket, Policy }));
    await replicate(source, role, [rule(destination.arn)]);
    await source.put('k');
    await annotate(source.Bucket, 'k', 'note');
    await cloud.cloud.settled();
    assert.equal(await source.status('k'), 'COMPLETED');
    assert.deepEqual(await names(destination.Bucket, 'k'), []);
    assert.equal((await read(source.Bucket, 'k', 'note')).ReplicationStatus, 'FAILED');
  }
});

test('annotations cost what lies in Standard does, whatever their object, for as long as they lie there; each that is copied costs a PUT', async () => {
  const hour = 3_600_000;
  await cloud.advance(24 * hour - (cloud.cloud.clock.now() % (24 * hour)));
  const start = cloud.cloud.clock.now();
  const Bucket = await newBucket();
  await put(Bucket, 'k', { StorageClass: 'STANDARD_IA' });
  await annotate(Bucket, 'k', 'note', 'x'.repeat(4000));
  await cloud.advance(hour / 2);
  await annotate(Bucket, 'k', 'more', 'x'.repeat(1000));
  await cloud.advance(hour / 2);
  await s3.send(new DeleteObjectAnnotationCommand({ Bucket, Key: 'k', AnnotationName: 'note' }));
  await copy(Bucket, 'copy', `${Bucket}/k`);
  await cloud.advance(hour);
  const all = await cloud.cloud.meter.query(account, start, start + 2 * hour);
  const of = (usage: string, at: number) =>
    all
      .filter(({ resource, usageType, hour: h }) => resource === `arn:aws:s3:::${Bucket}` && usageType === usage && h === at)
      .reduce((sum, { quantity }) => sum + quantity, 0);
  assert.equal(of('TimedStorage-ByteHrs', start), 4000 + 500);
  assert.equal(of('TimedStorage-ByteHrs', start + hour), 1000 + 1000 + 'the object'.length);
  const puts = all.filter(
    ({ operation, unit, resource }) => operation === 'PutObjectAnnotation' && unit === 'Requests' && resource === `arn:aws:s3:::${Bucket}`,
  );
  assert.equal(
    puts.reduce((sum, { quantity }) => sum + quantity, 0),
    3,
  );
});
