/** Jobs that replicate what was there before a rule, whose manifests S3 finds by the rules and by what became of each version. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { JobManifestGeneratorFilter } from '@aws-sdk/client-s3-control';
import { replicate, replicationRole, rule, versionedBucket } from '../../s3/tests/replication-cast.ts';
import { startJobs } from './job-bench.ts';

// The role that AWS's guide gives such a job: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-policies.html
const bench = await startJobs(
  { Effect: 'Allow', Action: 's3:InitiateReplication', Resource: 'arn:aws:s3:::replication-*/*' },
  { Effect: 'Allow', Action: ['s3:GetReplicationConfiguration', 's3:PutInventoryConfiguration'], Resource: 'arn:aws:s3:::replication-*' },
  { Effect: 'Allow', Action: 's3:PutObject', Resource: ['arn:aws:s3:::reports/*', 'arn:aws:s3:::manifests/*'] },
);
after(() => bench.cloud.close());
const { cloud, create, finished } = bench;

const about = (bucket: string, Filter: JobManifestGeneratorFilter, more: object = {}) => ({
  ManifestGenerator: {
    S3JobManifestGenerator: { SourceBucket: `arn:aws:s3:::${bucket}`, EnableManifestOutput: false, Filter, ...more },
  },
});
const work = async (bucket: string, filter: JobManifestGeneratorFilter, more?: object) =>
  finished(await create({ S3ReplicateObject: {} }, about(bucket, filter, more)));

test('every version from before a rule that the rule wants is found and replicated, others are not', async () => {
  const [source, destination] = [await versionedBucket(cloud), await versionedBucket(cloud)];
  const first = await source.put('in/old', { Body: 'first' });
  const second = await source.put('in/old', { Body: 'second' });
  await source.put('out/old');
  await replicate(source, await replicationRole(cloud), [rule(destination.arn, { Filter: { Prefix: 'in/' } })]);
  await source.put('in/new', { Body: 'of itself' });
  await cloud.cloud.settled();

  const { job, counts, rows } = await work(source.Bucket, { EligibleForReplication: true, ObjectReplicationStatuses: ['NONE', 'FAILED'] });
  assert.deepEqual([job.Status, ...counts], ['Complete', 2, 2, 0], JSON.stringify(job.FailureReasons));
  assert.deepEqual(
    rows['succeeded']!.map((row) => row.split(',').slice(1, 3).join(' ')),
    [`in/old ${second.VersionId}`, `in/old ${first.VersionId}`],
  );
  assert.deepEqual(await destination.history(), await source.history().then((lines) => lines.filter((line) => line.startsWith('in/'))));
  assert.equal(await source.status('in/old', first.VersionId), 'COMPLETED');
  assert.equal(await source.status('out/old'), undefined);
});

test('statuses alone choose too, beside the other filters; a marker is found where its rule wants markers', async () => {
  const [source, destination] = [await versionedBucket(cloud), await versionedBucket(cloud)];
  await source.put('gone');
  await source.s3.send(new DeleteObjectCommand({ Bucket: source.Bucket, Key: 'gone' }));
  const wantsMarkers = rule(destination.arn, { DeleteMarkerReplication: { Status: 'Enabled' } });
  await replicate(source, await replicationRole(cloud), [wantsMarkers]);
  await source.put('new.txt');
  await source.put('new.bin');
  await cloud.cloud.settled();
  const again = await work(source.Bucket, { ObjectReplicationStatuses: ['COMPLETED'], KeyNameConstraint: { MatchAnySuffix: ['.txt'] } });
  assert.deepEqual([again.job.Status, ...again.counts], ['Complete', 1, 1, 0]);
  const both = await work(source.Bucket, { EligibleForReplication: true, ObjectReplicationStatuses: ['NONE'] });
  assert.deepEqual([both.job.Status, ...both.counts], ['Complete', 2, 2, 0]);
  assert.deepEqual(await destination.history(), await source.history());
  const none = await work(source.Bucket, { ObjectReplicationStatuses: ['REPLICA'] });
  assert.deepEqual([none.job.Status, none.job.FailureReasons![0]!.FailureCode], ['Failed', 'EmptyManifest']);
});

test('a bucket without rules, of another account, or that the role may not look at fails the job, and says why', async () => {
  const source = await versionedBucket(cloud);
  await source.put('k');
  const whyNot = async (...given: Parameters<typeof work>) => {
    const { job } = await work(...given);
    assert.equal(job.Status, 'Failed');
    return `${job.FailureReasons![0]!.FailureCode}: ${job.FailureReasons![0]!.FailureReason}`;
  };
  const eligible = { EligibleForReplication: true };
  assert.match(await whyNot(source.Bucket, eligible), /^ManifestGenerationFailure: .*no replication configuration/);
  assert.match(await whyNot(source.Bucket, eligible, { ExpectedBucketOwner: '999999999999' }), /another account/);
  assert.match(await whyNot('reports', eligible), /not allowed to perform s3:GetReplicationConfiguration on reports/);
  assert.match(await whyNot('replication-nowhere', eligible), /does not exist/);
  const byKey = about(source.Bucket, { ...eligible, MatchAnyObjectEncryption: [{ SSES3: {} }] });
  await assert.rejects(create({ S3ReplicateObject: {} }, byKey), { name: 'NotImplemented' });
});
