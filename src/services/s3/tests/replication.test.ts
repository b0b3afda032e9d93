/** Replication: what of a bucket comes to be in others, as what, and what does not. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketReplicationCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectTaggingCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { replicate, replicationRole, rule, versionedBucket } from './replication-cast.ts';

const cloud = await startCloud();
after(() => cloud.close());
const role = await replicationRole(cloud);
const settled = () => cloud.cloud.settled();

async function pair(...rules: ((destination: string) => ReturnType<typeof rule>)[]) {
  const source = await versionedBucket(cloud);
  const destination = await versionedBucket(cloud, { region: 'eu-west-1' });
  await replicate(source, role, rules.length === 0 ? [rule(destination.arn)] : rules.map((each) => each(destination.arn)));
  return { source, destination };
}

test('an object comes to another region as it is, with the same version id, and says what it is', async () => {
  const { source, destination } = await pair();
  const more = { Body: 'hello', ContentType: 'text/plain', Metadata: { a: 'b' }, Tagging: 'k=v', CacheControl: 'no-cache' };
  const { VersionId, ETag } = await source.put('dir/k', more);
  await settled();
  assert.equal(await source.status('dir/k'), 'COMPLETED');
  const head = await destination.head('dir/k');
  assert.equal(head.ReplicationStatus, 'REPLICA');
  assert.deepEqual(
    [head.VersionId, head.ETag, head.ContentType, head.Metadata, head.CacheControl],
    [VersionId, ETag, 'text/plain', { a: 'b' }, 'no-cache'],
  );
  assert.deepEqual(head.LastModified, (await source.head('dir/k')).LastModified);
  assert.equal(await destination.text('dir/k'), 'hello');
  const { TagSet } = await destination.s3.send(new GetObjectTaggingCommand({ Bucket: destination.Bucket, Key: 'dir/k' }));
  assert.deepEqual(TagSet, [{ Key: 'k', Value: 'v' }]);
});

test('versions keep their order, copies and uploads in parts are replicated like puts', async () => {
  const { source, destination } = await pair();
  await source.put('k', { Body: '1' });
  await source.put('k', { Body: '2' });
  await source.s3.send(new CopyObjectCommand({ Bucket: source.Bucket, Key: 'copy', CopySource: `${source.Bucket}/k` }));
  const at = { Bucket: source.Bucket, Key: 'parts' };
  const { UploadId } = await source.s3.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'SHA256' }));
  const bodies = [Buffer.alloc(5 << 20, 'a'), Buffer.from('end')];
  const Parts = [];
  for (const [i, Body] of bodies.entries()) {
    const { ETag, ChecksumSHA256 } = await source.s3.send(
      new UploadPartCommand({ ...at, UploadId, PartNumber: i + 1, Body, ChecksumAlgorithm: 'SHA256' }),
    );
    Parts.push({ PartNumber: i + 1, ETag, ChecksumSHA256 });
  }
  const { ETag } = await source.s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
  await settled();
  assert.deepEqual(await destination.history(), await source.history());
  assert.equal(await destination.text('k'), '2');
  assert.equal(await destination.text('copy'), '2');
  assert.equal((await destination.text('parts')).length, (5 << 20) + 3);
  const ObjectAttributes = ['ETag', 'ObjectParts' as const, 'Checksum' as const, 'ObjectSize' as const] as const;
  const of = async ({ s3, Bucket }: typeof source) => {
    const { ETag, ObjectParts, Checksum } = await s3.send(
      new GetObjectAttributesCommand({ Bucket, Key: 'parts', ObjectAttributes: [...ObjectAttributes] }),
    );
    return { ETag, ObjectParts, Checksum };
  };
  assert.deepEqual(await of(destination), await of(source));
  assert.equal((await destination.head('parts')).ETag, ETag);
  // Each owns its bytes: the source may go.
  await source.s3.send(new DeleteObjectCommand({ ...at, VersionId: (await source.head('parts')).VersionId }));
  assert.equal((await destination.text('parts')).length, (5 << 20) + 3);
});

test('what was there before the rule, what does not match it and what a replica is, is not replicated', async () => {
  const source = await versionedBucket(cloud);
  const middle = await versionedBucket(cloud);
  const end = await versionedBucket(cloud);
  await source.put('a/before');
  const And = { Prefix: 'a/', Tags: [{ Key: 'k', Value: 'v' }] };
  await replicate(source, role, [rule(middle.arn, { Filter: { And } })]);
  await replicate(middle, role, [rule(end.arn)]);
  await source.put('a/yes', { Tagging: 'k=v' });
  await source.put('a/no');
  await source.put('b/no', { Tagging: 'k=v' });
  await source.s3.send(new PutObjectTaggingCommand({ Bucket: source.Bucket, Key: 'a/before', Tagging: { TagSet: And.Tags } }));
  await middle.put('own');
  await settled();
  assert.equal(await source.status('a/no'), undefined);
  assert.deepEqual(
    (await middle.history()).map((line) => line.split(' ')[0]),
    ['a/yes', 'own'],
  );
  assert.deepEqual(
    (await end.history()).map((line) => line.split(' ')[0]),
    ['own'],
    'no replica of a replica',
  );
});

test('of rules for one destination the highest priority decides; several destinations are all served', async () => {
  const source = await versionedBucket(cloud);
  const [one, two] = [await versionedBucket(cloud), await versionedBucket(cloud)];
  await replicate(source, role, [
    rule(one.arn, { ID: 'low', Priority: 1, to: { StorageClass: 'STANDARD_IA' } }),
    rule(one.arn, { ID: 'high', Priority: 9, Filter: { Prefix: 'cold/' }, to: { StorageClass: 'GLACIER' } }),
    rule(two.arn, { ID: 'two', Priority: 2 }),
  ]);
  await source.put('cold/k');
  await source.put('warm', { StorageClass: 'ONEZONE_IA' });
  await settled();
  assert.deepEqual([(await one.head('cold/k')).StorageClass, (await one.head('warm')).StorageClass], ['GLACIER', 'STANDARD_IA']);
  assert.deepEqual([(await two.head('cold/k')).StorageClass, (await two.head('warm')).StorageClass], [undefined, 'ONEZONE_IA']);
  assert.equal(await source.status('warm'), 'COMPLETED');
});

test('delete markers are replicated where the rule says so, deletions of versions never', async () => {
  const { source, destination } = await pair((to) => rule(to, { DeleteMarkerReplication: { Status: 'Enabled' } }));
  const { VersionId } = await source.put('k');
  await source.s3.send(new DeleteObjectCommand({ Bucket: source.Bucket, Key: 'k' }));
  await source.put('gone');
  await settled();
  assert.deepEqual(await destination.history(), await source.history());
  await source.s3.send(new DeleteObjectCommand({ Bucket: source.Bucket, Key: 'k', VersionId }));
  await settled();
  assert.equal((await destination.history()).length, 3);
  const without = await pair();
  await without.source.put('k');
  await without.source.s3.send(new DeleteObjectCommand({ Bucket: without.source.Bucket, Key: 'k' }));
  await settled();
  assert.equal(await without.destination.text('k'), 'x');
});

test('a rule of the first version replicates delete markers', async () => {
  const source = await versionedBucket(cloud);
  const destination = await versionedBucket(cloud);
  await replicate(source, role, [{ ID: 'v1', Status: 'Enabled', Prefix: 'a/', Destination: { Bucket: destination.arn } }]);
  await source.put('a/k');
  await source.put('b/k');
  await source.s3.send(new DeleteObjectCommand({ Bucket: source.Bucket, Key: 'a/k' }));
  await settled();
  assert.deepEqual(
    await destination.history(),
    (await source.history()).filter((line) => line.startsWith('a/')),
  );
});

test('tags and locks that change later change at the destination, and on the replica only there', async () => {
  const source = await versionedBucket(cloud, { locked: true });
  const destination = await versionedBucket(cloud, { locked: true });
  await replicate(source, role, [rule(destination.arn)]);
  const { VersionId } = await source.put('k');
  await settled();
  const at = { Bucket: source.Bucket, Key: 'k', VersionId };
  await source.s3.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [{ Key: 'new', Value: '1' }] } }));
  const RetainUntilDate = new Date(cloud.cloud.clock.now() + 86_400_000);
  await source.s3.send(new PutObjectRetentionCommand({ ...at, Retention: { Mode: 'GOVERNANCE', RetainUntilDate } }));
  await source.s3.send(new PutObjectLegalHoldCommand({ ...at, LegalHold: { Status: 'ON' } }));
  await settled();
  assert.equal(await source.status('k'), 'COMPLETED');
  const head = await destination.head('k');
  assert.deepEqual(
    [head.TagCount, head.ObjectLockMode, head.ObjectLockRetainUntilDate, head.ObjectLockLegalHoldStatus, head.VersionId],
    [1, 'GOVERNANCE', RetainUntilDate, 'ON', VersionId],
  );
  await destination.s3.send(new PutObjectTaggingCommand({ ...at, Bucket: destination.Bucket, Tagging: { TagSet: [] } }));
  await settled();
  assert.equal((await source.head('k')).TagCount, 1);
});

test('changes of a replica go back to its source where the destination has a rule that says so', async () => {
  const [one, two] = [await versionedBucket(cloud), await versionedBucket(cloud)];
  const SourceSelectionCriteria = { ReplicaModifications: { Status: 'Enabled' as const } };
  await replicate(one, role, [rule(two.arn, { SourceSelectionCriteria })]);
  await replicate(two, role, [rule(one.arn, { SourceSelectionCriteria })]);
  await one.put('k');
  await settled();
  await two.s3.send(new PutObjectTaggingCommand({ Bucket: two.Bucket, Key: 'k', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }));
  await settled();
  assert.deepEqual([(await one.head('k')).TagCount, await one.status('k'), await two.status('k')], [1, 'COMPLETED', 'REPLICA']);
  await two.put('own');
  await settled();
  assert.equal(await one.status('own'), 'REPLICA');
});

test('what the role or the destination does not allow is FAILED, in another account until its policy says so', async () => {
  const source = await versionedBucket(cloud);
  const destination = await versionedBucket(cloud, { account: '111111111111' });
  const to = { Account: '111111111111', AccessControlTranslation: { Owner: 'Destination' as const } };
  const override = { Effect: 'Allow', Action: 's3:ObjectOwnerOverrideToBucketOwner', Resource: '*' };
  const overriding = await replicationRole(cloud, [override]);
  await replicate(source, overriding, [rule(destination.arn, { to })]);
  await source.put('early');
  await settled();
  assert.equal(await source.status('early'), 'FAILED');
  const Statement = [
    {
      ...{ Effect: 'Allow', Principal: { AWS: overriding }, Resource: `${destination.arn}/*` },
      Action: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags', 's3:ObjectOwnerOverrideToBucketOwner'],
    },
  ];
  await destination.s3.send(
    new PutBucketPolicyCommand({ Bucket: destination.Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
  );
  await source.put('late', { Tagging: 'a=b' });
  await settled();
  assert.deepEqual([await source.status('late'), await destination.text('late')], ['COMPLETED', 'x']);
  assert.deepEqual((await destination.history()).length, 1, 'what failed is not tried again by itself');
  await replicate(source, await replicationRole(cloud, [], 'ec2.amazonaws.com'), [rule(destination.arn)]);
  await source.put('untrusted');
  await settled();
  assert.equal(await source.status('untrusted'), 'FAILED');
});

test('a destination that loses its versioning, or is gone, fails; a configuration that is taken back fails what waits', async () => {
  const { source, destination } = await pair();
  const suspend = (of: typeof source) =>
    of.s3.send(new PutBucketVersioningCommand({ Bucket: of.Bucket, VersioningConfiguration: { Status: 'Suspended' } }));
  await refused(suspend(source), { code: 'InvalidBucketState', status: 409 });
  await suspend(destination);
  await source.put('k');
  await settled();
  assert.equal(await source.status('k'), 'FAILED');
  await destination.s3.send(new DeleteBucketCommand({ Bucket: destination.Bucket }));
  await source.put('k');
  await settled();
  assert.equal(await source.status('k'), 'FAILED');
  await source.s3.send(new DeleteBucketReplicationCommand({ Bucket: source.Bucket }));
  await source.put('k');
  await settled();
  assert.equal(await source.status('k'), undefined);
  await suspend(source);
});
