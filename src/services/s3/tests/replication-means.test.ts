/** What replication does besides: keys of KMS, events, promises of time, existing objects for batch jobs, usage. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { rootUser } from '../../../framework/principal.ts';
import { replicationRequests, type ReplicationRequest } from '../../../framework/replication-requests.ts';
import { objects } from '../tables.ts';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { replicate, replicationRole, rule, versionedBucket } from './replication-cast.ts';

const cloud = await startCloud();
after(() => cloud.close());
const settled = () => cloud.cloud.settled();
const account = '000000000000';

type Json = Record<string, any>;
let queues = 0;

/** All events of replication that a bucket tells, since they were last asked for. */
async function tellingOf({ s3, Bucket }: Awaited<ReturnType<typeof versionedBucket>>): Promise<() => Promise<Json[]>> {
  const sqs = cloud.client(SQSClient);
  const QueueName = `replication-events-${++queues}`;
  const QueueArn = `arn:aws:sqs:us-east-1:${account}:${QueueName}`;
  const Statement = { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: QueueArn };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { Policy } }));
  const NotificationConfiguration = { QueueConfigurations: [{ QueueArn, Events: ['s3:Replication:*' as const] }] };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  return async () => {
    await settled();
    const records: Json[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return records;
      for (const { Body, ReceiptHandle } of Messages) {
        records.push(...(JSON.parse(Body!).Records ?? []));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  };
}

test('what KMS encrypts is replicated under a key of the destination, where rule and role say so', async () => {
  const source = await versionedBucket(cloud);
  const destination = await versionedBucket(cloud, { region: 'eu-west-1' });
  const near = await cloud.client(KMSClient).send(new CreateKeyCommand({}));
  const far = await cloud.client(KMSClient, { region: 'eu-west-1' }).send(new CreateKeyCommand({}));
  const ReplicaKmsKeyID = far.KeyMetadata!.Arn!;
  const viaS3 = (region: string) => ({ StringLike: { 'kms:ViaService': `s3.${region}.amazonaws.com` } });
  const keys = [
    { Effect: 'Allow', Action: 'kms:Decrypt', Resource: near.KeyMetadata!.Arn, Condition: viaS3('us-east-1') },
    { Effect: 'Allow', Action: 'kms:Encrypt', Resource: ReplicaKmsKeyID, Condition: viaS3('eu-west-1') },
  ];
  const kmsRule = rule(destination.arn, {
    SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
    to: { EncryptionConfiguration: { ReplicaKmsKeyID } },
  });
  const encrypted = { Body: 'secret', ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: near.KeyMetadata!.Arn! };
  await replicate(source, await replicationRole(cloud), [rule(destination.arn)]);
  await source.put('not-asked', encrypted);
  assert.equal(await source.status('not-asked'), undefined);
  await replicate(source, await replicationRole(cloud), [kmsRule]);
  await source.put('not-allowed', encrypted);
  await settled();
  assert.equal(await source.status('not-allowed'), 'FAILED');
  await replicate(source, await replicationRole(cloud, keys), [kmsRule]);
  await source.put('k', { ...encrypted, BucketKeyEnabled: true });
  await source.put('layers', { ...encrypted, ServerSideEncryption: 'aws:kms:dsse' });
  const customer = Buffer.alloc(32, 7);
  const own = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: customer.toString('base64') };
  await source.put('customer', { Body: 'mine', ...own });
  await settled();
  const head = await destination.head('k');
  assert.deepEqual([head.ServerSideEncryption, head.SSEKMSKeyId, head.BucketKeyEnabled], ['aws:kms', ReplicaKmsKeyID, true]);
  assert.equal(await destination.text('k'), 'secret');
  const layers = await destination.head('layers');
  assert.deepEqual(
    [layers.ServerSideEncryption, layers.SSEKMSKeyId, layers.BucketKeyEnabled],
    ['aws:kms:dsse', ReplicaKmsKeyID, undefined],
  );
  assert.equal(await destination.text('layers'), 'secret');
  const got = await destination.s3.send(new GetObjectCommand({ Bucket: destination.Bucket, Key: 'customer', ...own }));
  assert.equal(await got.Body!.transformToString(), 'mine');
  await cloud.client(KMSClient, { region: 'eu-west-1' }).send(new DisableKeyCommand({ KeyId: ReplicaKmsKeyID }));
  await source.put('disabled', encrypted);
  await settled();
  assert.equal(await source.status('disabled'), 'FAILED');
});

test('a failure is told with its reason, where the rule is measured', async () => {
  const source = await versionedBucket(cloud);
  const destination = await versionedBucket(cloud);
  const events = await tellingOf(source);
  const Metrics = { Status: 'Enabled' as const, EventThreshold: { Minutes: 15 } };
  await replicate(source, await replicationRole(cloud), [rule(destination.arn, { to: { Metrics } })]);
  await destination.s3.send(
    new PutBucketVersioningCommand({ Bucket: destination.Bucket, VersioningConfiguration: { Status: 'Suspended' } }),
  );
  const { VersionId } = await source.put('k');
  await settled();
  const [record, ...more] = await events();
  assert.deepEqual(
    [record!['eventName'], record!['eventVersion'], record!['s3'].object.versionId, more.length],
    ['Replication:OperationFailedReplication', '2.2', VersionId, 0],
  );
  assert.deepEqual(record!['replicationEventData'], {
    ...{ replicationRuleId: 'r', destinationBucket: destination.arn, s3Operation: 'OBJECT_PUT' },
    ...{ requestTime: new Date(cloud.cloud.clock.now()).toISOString(), failureReason: 'DstBucketUnversioned' },
  });
});

test('what fails for a passing reason is tried again, and told when it is late', async () => {
  const source = await versionedBucket(cloud);
  const destination = await versionedBucket(cloud);
  const events = await tellingOf(source);
  const key = await cloud.client(KMSClient).send(new CreateKeyCommand({}));
  const SSEKMSKeyId = key.KeyMetadata!.Arn!;
  const to = {
    EncryptionConfiguration: { ReplicaKmsKeyID: SSEKMSKeyId },
    Metrics: { Status: 'Enabled', EventThreshold: { Minutes: 15 } },
    ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } },
  };
  await source.put('before', { Body: Buffer.alloc(5000, 'a'), ServerSideEncryption: 'aws:kms', SSEKMSKeyId });
  const { store } = cloud.cloud;
  const at = [source.Bucket, 'before'] as const;
  const whole = (await store.read((tx) => objects.get(tx, ...at)))!;
  await store.write((tx) => objects.put(tx, { ...whole, dataKey: '2.AAAA' }));
  const SourceSelectionCriteria = { SseKmsEncryptedObjects: { Status: 'Enabled' as const } };
  const role = await replicationRole(cloud, [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }]);
  await replicate(source, role, [rule(destination.arn, { to, SourceSelectionCriteria })]);
  const request = { job: 'again', number: 0, bucket: source.Bucket, key: 'before', principal: rootUser(account) };
  await store.write((tx) => replicationRequests.put(tx, request));
  await settled();
  assert.equal(await source.status('before'), 'PENDING');
  await cloud.advance(14 * 60_000);
  assert.deepEqual(await events(), []);
  await cloud.advance(2 * 60_000);
  assert.deepEqual(
    (await events()).map((record) => record['eventName']),
    ['Replication:OperationMissedThreshold'],
  );
  await store.write(async (tx) => objects.put(tx, { ...(await objects.get(tx, ...at))!, dataKey: whole.dataKey! }));
  await cloud.advance(60 * 60_000);
  assert.deepEqual(
    (await events()).map((record) => record['eventName']),
    ['Replication:OperationReplicatedAfterThreshold'],
  );
  assert.deepEqual([await source.status('before'), await destination.text('before')], ['COMPLETED', 'a'.repeat(5000)]);
});

test('batch jobs ask for what was there before the rule, and hear how it went', async () => {
  const source = await versionedBucket(cloud);
  const destination = await versionedBucket(cloud);
  const { VersionId } = await source.put('old', { Body: 'v1' });
  await source.put('old', { Body: 'v2' });
  await source.s3.send(new PutObjectAclCommand({ Bucket: source.Bucket, Key: 'old', ACL: 'bucket-owner-full-control' }));
  await replicate(source, await replicationRole(cloud), [rule(destination.arn)]);
  await source.put('new');
  await settled();
  const { store } = cloud.cloud;
  const asked = (number: number, more: Partial<ReplicationRequest>): ReplicationRequest => ({
    ...{ job: 'job', number, bucket: source.Bucket, key: 'old', principal: rootUser(account) },
    ...more,
  });
  const rows = [
    asked(0, {}),
    asked(1, { version: VersionId! }),
    asked(2, { key: 'none' }),
    asked(3, { principal: rootUser('111111111111') }),
  ];
  await store.write(async (tx) => {
    for (const row of rows) await replicationRequests.put(tx, row);
  });
  await settled();
  const outcomes = await store.read(async (tx) => (await replicationRequests.scan(tx, ['job'])).map(({ row }) => row.outcome));
  assert.deepEqual(outcomes, [
    { status: 'COMPLETED' },
    { status: 'COMPLETED' },
    { status: 'FAILED', reason: 'SrcVersionNotFound' },
    { status: 'FAILED', reason: 'InitiateReplicationNotPermitted' },
  ]);
  assert.deepEqual(await destination.history(), await source.history());
  assert.equal(await source.status('old', VersionId), 'COMPLETED');
});

test('the null version stays the null version, and comes below what was put later', async () => {
  const source = await versionedBucket(cloud);
  const destination = await versionedBucket(cloud);
  const plain = await versionedBucket(cloud);
  await replicate(source, await replicationRole(cloud), [rule(destination.arn)]);
  const Bucket = 'replication-from-null';
  await plain.s3.send(new CreateBucketCommand({ Bucket }));
  await plain.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'null' }));
  await plain.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await replicate({ s3: plain.s3, Bucket }, await replicationRole(cloud), [rule(destination.arn)]);
  await plain.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'later' }));
  await settled();
  await cloud.cloud.store.write((tx) =>
    replicationRequests.put(tx, { job: 'null', number: 0, bucket: Bucket, key: 'k', version: 'null', principal: rootUser(account) }),
  );
  await settled();
  assert.deepEqual([await destination.text('k'), await destination.text('k', 'null')], ['later', 'null']);
  assert.equal(await destination.status('k', 'null'), 'REPLICA');
});

test('where ACLs are on a replica keeps them, and is told when they change', async () => {
  const source = await versionedBucket(cloud);
  const destination = await versionedBucket(cloud);
  for (const { s3, Bucket } of [source, destination])
    await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } }));
  await replicate(source, await replicationRole(cloud), [rule(destination.arn)]);
  await source.put('k', { ACL: 'private' });
  await settled();
  await source.s3.send(
    new PutObjectAclCommand({
      ...{ Bucket: source.Bucket, Key: 'k' },
      GrantRead: `id="${'a'.repeat(64)}"`,
    }),
  );
  await settled();
  const of = async ({ s3, Bucket }: typeof source) => (await s3.send(new GetObjectAclCommand({ Bucket, Key: 'k' }))).Grants;
  assert.deepEqual(await of(destination), await of(source));
  assert.equal((await of(destination))!.length, 1);
});

test('what leaves the region is metered for the owner of the source', async () => {
  const near = await versionedBucket(cloud);
  const far = await versionedBucket(cloud, { region: 'eu-west-1' });
  await replicate(near, await replicationRole(cloud), [rule(far.arn)]);
  await near.put('k', { Body: Buffer.alloc(1000) });
  await settled();
  const now = cloud.cloud.clock.now();
  const usage = (await cloud.cloud.meter.query(account, now - 3_600_000, now + 3_600_000)).filter(
    ({ resource }) => resource === near.arn || resource === far.arn,
  );
  const of = (usageType: string) => usage.filter((each) => each.usageType === usageType).map(({ region, quantity }) => [region, quantity]);
  assert.deepEqual(of('AWS-Out-Bytes'), [['us-east-1', 1000]]);
  assert.deepEqual(of('AWS-In-Bytes'), [['eu-west-1', 1000]]);
});
