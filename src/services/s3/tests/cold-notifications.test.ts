/** Notifications of what nobody asked for at that moment: expirations, transitions, tiers, restorations that come and go. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketIntelligentTieringConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  S3Client,
  type Event,
  type LifecycleRule,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud } from '../../../../tests/live-cloud.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const sqs = cloud.client(SQSClient);
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const KiB = 1024;
let made = 0;

type Json = Record<string, any>;

/** A bucket that sends events to a queue of its own, and what takes them from there. */
async function told(Events: Event[]): Promise<{ Bucket: string; events: () => Promise<Json[]> }> {
  const name = `cold-${++made}`;
  const QueueArn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
  const Statement = { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: QueueArn };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { Policy, MessageRetentionPeriod: '1209600' } }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  const NotificationConfiguration = { QueueConfigurations: [{ QueueArn, Events }] };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: name, NotificationConfiguration }));
  const events = async () => {
    await cloud.cloud.settled();
    const all: Json[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) break;
      for (const { Body, ReceiptHandle } of Messages) {
        all.push(...((JSON.parse(Body!) as Json)['Records'] ?? []));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
    return all.toSorted((a, b) => (a['s3'].object.sequencer < b['s3'].object.sequencer ? -1 : 1));
  };
  return { Bucket: name, events };
}
const put = (Bucket: string, Key: string, StorageClass?: StorageClass, size = 4) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(size), StorageClass }));
const setRules = (Bucket: string, rule: Omit<LifecycleRule, 'Status' | 'Filter'>) =>
  s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Filter: { Prefix: '' }, ...rule }] },
    }),
  );
const named = (records: Json[]) => records.map((record) => `${record['eventName']} ${record['s3'].object.key}`);
const restore = (Bucket: string, Key: string, Days?: number, Tier?: 'Expedited' | 'Standard') =>
  s3.send(new RestoreObjectCommand({ Bucket, Key, RestoreRequest: { Days, ...(Tier && { GlacierJobParameters: { Tier } }) } }));

test('what lifecycle rules move and delete is told', async () => {
  const { Bucket, events } = await told(['s3:LifecycleTransition', 's3:LifecycleExpiration:*', 's3:ObjectRemoved:*']);
  await setRules(Bucket, { Transitions: [{ Days: 1, StorageClass: 'GLACIER_IR' }], Expiration: { Days: 4 } });
  await put(Bucket, 'k', 'STANDARD', 128 * KiB);
  await cloud.advance(2 * day);
  const [moved, ...more] = await events();
  assert.deepEqual([moved!['eventName'], moved!['eventVersion'], more.length], ['LifecycleTransition', '2.3', 0]);
  assert.deepEqual(moved!['lifecycleEventData'], { transitionEventData: { destinationStorageClass: 'GLACIER_IR' } });
  assert.deepEqual([moved!['s3'].object.size, moved!['userIdentity'].principalId], [128 * KiB, 'AmazonCustomer:s3.amazonaws.com']);
  await cloud.advance(3 * day);
  assert.deepEqual(named(await events()), ['LifecycleExpiration:Delete k']);
});

test('a versioned bucket tells of the marker that covers, and of the version that is gone for good', async () => {
  const { Bucket, events } = await told(['s3:LifecycleExpiration:*']);
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await setRules(Bucket, { Expiration: { Days: 1 }, NoncurrentVersionExpiration: { NoncurrentDays: 2 } });
  const { VersionId } = await put(Bucket, 'k');
  await cloud.advance(2 * day);
  const [covered] = await events();
  assert.equal(covered!['eventName'], 'LifecycleExpiration:DeleteMarkerCreated');
  const marker = covered!['s3'].object.versionId as string;
  assert.ok(marker && marker !== VersionId);
  await cloud.advance(4 * day);
  const gone = await events();
  assert.deepEqual(
    gone.map((record) => [record['eventName'], record['s3'].object.versionId]),
    [
      ['LifecycleExpiration:Delete', VersionId],
      ['LifecycleExpiration:Delete', marker],
    ],
  );
});

test('a restoration tells when it is begun, done and over', async () => {
  const { Bucket, events } = await told(['s3:ObjectRestore:*']);
  await put(Bucket, 'k', 'GLACIER');
  await restore(Bucket, 'k', 2);
  assert.deepEqual(named(await events()), ['ObjectRestore:Post k']);
  await restore(Bucket, 'k', 2, 'Expedited');
  await cloud.advance(5 * minute);
  const begun = await events();
  assert.deepEqual(named(begun), ['ObjectRestore:Post k', 'ObjectRestore:Completed k'], 'a faster tier is a request of its own');
  const { lifecycleRestorationExpiryTime: until, lifecycleRestoreStorageClass } = begun[1]!['glacierEventData'].restoreEventData;
  assert.deepEqual([new Date(until).getTime() % day, lifecycleRestoreStorageClass], [0, 'GLACIER']);
  await restore(Bucket, 'k', 5);
  await cloud.advance(new Date(until).getTime() - cloud.cloud.clock.now() + hour);
  assert.deepEqual(await events(), [], 'it was lengthened');
  await cloud.advance(4 * day);
  assert.deepEqual(named(await events()), ['ObjectRestore:Delete k']);
  await cloud.advance(10 * day);
  assert.deepEqual(await events(), []);
});

test('a restoration whose object is gone or replaced tells nothing more', async () => {
  const { Bucket, events } = await told(['s3:ObjectRestore:Completed', 's3:ObjectRestore:Delete']);
  for (const Key of ['gone', 'replaced', 'kept']) {
    await put(Bucket, Key, 'GLACIER');
    await restore(Bucket, Key, 1, 'Expedited');
  }
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
  await cloud.advance(1);
  await put(Bucket, 'replaced', 'GLACIER');
  await cloud.advance(4 * day);
  assert.deepEqual(named(await events()), ['ObjectRestore:Completed kept', 'ObjectRestore:Delete kept']);
});

test('Intelligent-Tiering tells what it archives, and that it is back', async () => {
  const { Bucket, events } = await told(['s3:IntelligentTiering', 's3:ObjectRestore:*']);
  const IntelligentTieringConfiguration = {
    ...{ Id: 'cold', Status: 'Enabled' as const },
    Tierings: [{ AccessTier: 'ARCHIVE_ACCESS' as const, Days: 90 }],
  };
  await s3.send(new PutBucketIntelligentTieringConfigurationCommand({ Bucket, Id: 'cold', IntelligentTieringConfiguration }));
  await put(Bucket, 'k', 'INTELLIGENT_TIERING', 200 * KiB);
  await cloud.advance(91 * day);
  const [archived, ...more] = await events();
  assert.deepEqual([archived!['eventName'], archived!['eventVersion'], more.length], ['IntelligentTiering', '2.3', 0]);
  assert.deepEqual(archived!['intelligentTieringEventData'], { destinationAccessTier: 'ARCHIVE_ACCESS' });
  await restore(Bucket, 'k');
  await cloud.advance(day);
  assert.deepEqual(named(await events()), ['ObjectRestore:Post k', 'ObjectRestore:Completed k']);
});
