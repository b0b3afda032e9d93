/** Jobs of S3 Batch Operations from CreateJob to their end: states, manifests, priorities, failures, and what a crash leaves. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  DeleteJobTaggingCommand,
  DescribeJobCommand,
  GetJobTaggingCommand,
  ListJobsCommand,
  PutJobTaggingCommand,
  S3ControlClient,
  UpdateJobPriorityCommand,
  UpdateJobStatusCommand,
  type JobManifestGeneratorFilter,
} from '@aws-sdk/client-s3-control';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { byHostName } from '../../../../tests/by-host-name.ts';
import { refused } from '../../../../tests/refused.ts';
import { jobs, jobTasks } from '../tables.ts';
import { AccountId, RoleArn, startJobs } from './job-bench.ts';

const bench = await startJobs(
  { Effect: 'Allow', Action: 's3:*', Resource: '*' },
  { Effect: 'Deny', Action: 's3:*', Resource: ['arn:aws:s3:::forbidden', 'arn:aws:s3:::forbidden/*'] },
);
const { cloud, s3, control, put, text, create, describe, manifest, finished } = bench;
after(() => cloud.close());
const day = 86_400_000;
const tagging = (Value: string) => ({ S3PutObjectTagging: { TagSet: [{ Key: 'v', Value }] } });
const confirmed = { ConfirmationRequired: true };
const update = (JobId: string, RequestedJobStatus: 'Ready' | 'Cancelled', StatusUpdateReason?: string) =>
  control.send(new UpdateJobStatusCommand({ AccountId, JobId, RequestedJobStatus, StatusUpdateReason }));
const valueOf = async (Key: string) =>
  (await s3.send(new GetObjectTaggingCommand({ Bucket: 'source', Key }))).TagSet!.find(({ Key: name }) => name === 'v')?.Value;

for (const Bucket of ['source', 'forbidden', 'lists']) await s3.send(new CreateBucketCommand({ Bucket }));
const many = Array.from({ length: 120 }, (_, i) => `k${String(i).padStart(3, '0')}`);
await Promise.all(many.map((Key) => put('source', Key, Key)));
const lines = many.map((key) => `source,${key}`);

test('a job waits until it is confirmed, runs, and tells of itself', async () => {
  const given = await manifest(lines);
  const JobId = await create(tagging('1'), { ...given, ...confirmed, Description: 'a test', Tags: [{ Key: 'a', Value: 'b' }] });
  await cloud.cloud.settled();
  const waiting = await describe(JobId);
  assert.deepEqual(
    [waiting.Status, waiting.SuspendedCause, waiting.Priority, waiting.Description, waiting.RoleArn, waiting.ConfirmationRequired],
    ['Suspended', 'AwaitingConfirmation', 10, 'a test', RoleArn, true],
  );
  assert.deepEqual(
    [waiting.Manifest, waiting.Operation, waiting.JobArn],
    [given.Manifest, tagging('1'), `arn:aws:s3:us-east-1:${AccountId}:job/${JobId}`],
  );
  assert.equal(waiting.ProgressSummary!.TotalNumberOfTasks, 120);
  assert.equal((await update(JobId, 'Ready', 'go')).Status, 'Ready');
  const { job, counts, rows } = await finished(JobId);
  assert.deepEqual([job.Status, job.StatusUpdateReason, ...counts], ['Complete', 'go', 120, 120, 0]);
  assert.deepEqual(job.TerminationDate, new Date(cloud.cloud.clock.now()));
  assert.equal(rows['succeeded']!.length, 120);
  assert.deepEqual([await valueOf('k000'), await valueOf('k119')], ['1', '1']);
  const md5 = createHash('md5')
    .update(await text('reports', `of/job-${JobId}/manifest.json`))
    .digest('hex');
  assert.equal(await text('reports', `of/job-${JobId}/manifest.json.md5`), md5);
  await refused(update(JobId, 'Cancelled'), { code: 'JobStatusException', status: 400 });
  await refused(update(JobId, 'Ready'), 'JobStatusException');
  const tags = async () => (await control.send(new GetJobTaggingCommand({ AccountId, JobId }))).Tags;
  assert.deepEqual(await tags(), [{ Key: 'a', Value: 'b' }]);
  await control.send(new PutJobTaggingCommand({ AccountId, JobId, Tags: [{ Key: 'c', Value: 'd' }] }));
  assert.deepEqual(await tags(), [{ Key: 'c', Value: 'd' }]);
  await control.send(new DeleteJobTaggingCommand({ AccountId, JobId }));
  assert.deepEqual(await tags(), []);
});

test('a cancelled job does nothing more; jobs are listed by their states, the newest first', async () => {
  await cloud.advance(1000);
  const JobId = await create(tagging('cancelled'), { ...(await manifest(lines)), ...confirmed });
  await cloud.cloud.settled();
  assert.equal((await update(JobId, 'Cancelled')).Status, 'Cancelling');
  assert.equal((await finished(JobId)).job.Status, 'Cancelled');
  assert.equal(await valueOf('k000'), '1');
  const list = async (more: object) => (await control.send(new ListJobsCommand({ AccountId, ...more }))).Jobs!.map(({ JobId: id }) => id);
  assert.deepEqual((await list({}))[0], JobId);
  assert.deepEqual(await list({ JobStatuses: ['Cancelled'] }), [JobId]);
  const first = await control.send(new ListJobsCommand({ AccountId, MaxResults: 1 }));
  assert.deepEqual(
    first.Jobs!.map((job) => [job.JobId, job.Operation]),
    [[JobId, 'S3PutObjectTagging']],
  );
  const second = await control.send(new ListJobsCommand({ AccountId, MaxResults: 1, NextToken: first.NextToken }));
  assert.notEqual(second.Jobs![0]!.JobId, JobId);
});

test('of two jobs that are ready the one with the higher priority goes first', async () => {
  const low = await create(tagging('low'), { ...(await manifest(lines)), ...confirmed, Priority: 1 });
  const high = await create(tagging('high'), { ...(await manifest(lines)), ...confirmed, Priority: 2 });
  await cloud.cloud.settled();
  await control.send(new UpdateJobPriorityCommand({ AccountId, JobId: high, Priority: 3 }));
  assert.equal((await describe(high)).Priority, 3);
  // Both at once, which no caller could say.
  await cloud.cloud.store.write(async (tx) => {
    for (const id of [low, high]) await jobs.put(tx, { ...(await jobs.get(tx, AccountId, 'us-east-1', id))!, status: 'Ready' });
  });
  assert.deepEqual([(await finished(low)).job.Status, (await finished(high)).job.Status], ['Complete', 'Complete']);
  assert.equal(await valueOf('k050'), 'low');
});

test('manifests that are wrong fail the job, with the reason', async () => {
  const { Manifest } = await manifest(lines);
  const failure = async (given: object) => {
    const { job } = await finished(await create(tagging('x'), given));
    return [job.Status, job.FailureReasons?.[0]?.FailureCode];
  };
  assert.deepEqual(await failure({ Manifest: { ...Manifest, Location: { ...Manifest.Location, ETag: 'other' } } }), [
    'Failed',
    'ManifestReadFailure',
  ]);
  assert.deepEqual(await failure(await manifest(['source,k000', 'too,many,fields'])), ['Failed', 'ManifestParsingFailure']);
  assert.deepEqual(await failure(await manifest(['source,%zz'])), ['Failed', 'ManifestParsingFailure']);
  assert.deepEqual(await failure(await manifest([])), ['Failed', 'EmptyManifest']);
  const gone = { Manifest: { ...Manifest, Location: { ObjectArn: 'arn:aws:s3:::manifests/none.csv', ETag: 'x' } } };
  assert.deepEqual(await failure(gone), ['Failed', 'ManifestReadFailure']);
  const noRole = { ...(await manifest(lines)), RoleArn: `arn:aws:iam::${AccountId}:role/absent` };
  assert.deepEqual(await failure(noRole), ['Failed', 'RoleNotAssumable']);
  const report = { Enabled: true, Bucket: 'arn:aws:s3:::forbidden', Format: 'Report_CSV_20180820', ReportScope: 'AllTasks' } as const;
  assert.deepEqual(await failure({ ...(await manifest(['source,k000'])), Report: report }), ['Failed', 'ReportWriteFailure']);
});

test('the manifest of an inventory leads to its zipped lists', async () => {
  const data = gzipSync('"source","k001","","true"\n"source","k+%2B","","true"\n');
  await s3.send(new PutObjectCommand({ Bucket: 'lists', Key: 'inv/data/1.csv.gz', Body: data }));
  await put('source', 'k +', 'x');
  const inventory = {
    ...{ sourceBucket: 'source', destinationBucket: 'arn:aws:s3:::lists', version: '2016-11-30', fileFormat: 'CSV' },
    ...{ fileSchema: 'Bucket, Key, VersionId, IsLatest', files: [{ key: 'inv/data/1.csv.gz', size: data.length }] },
  };
  const { ETag } = await put('lists', 'inv/manifest.json', JSON.stringify(inventory));
  const Location = { ObjectArn: 'arn:aws:s3:::lists/inv/manifest.json', ETag: ETag! };
  const Spec = { Format: 'S3InventoryReport_CSV_20161130' as const };
  const { counts } = await finished(await create(tagging('inventory'), { Manifest: { Spec, Location } }));
  assert.deepEqual(counts, [2, 2, 0]);
  assert.deepEqual([await valueOf('k001'), await valueOf('k +')], ['inventory', 'inventory']);
});

test('a manifest is generated from what the bucket holds, and written down', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'varied' }));
  for (const [key, body] of [
    ['a/1.txt', 'x'],
    ['a/2.log', 'xxxxxxxxxx'],
    ['b/3.txt', 'xxx'],
  ] as const)
    await put('varied', key, body);
  await put('varied', 'a/cold.txt', 'x', { StorageClass: 'STANDARD_IA', ServerSideEncryption: 'aws:kms:dsse' });
  const generate = (Filter: JobManifestGeneratorFilter, more: object = {}) => ({
    ManifestGenerator: { S3JobManifestGenerator: { SourceBucket: 'arn:aws:s3:::varied', EnableManifestOutput: false, Filter, ...more } },
  });
  const keys = async (filter: JobManifestGeneratorFilter) => {
    const { rows } = await finished(await create(tagging('g'), generate(filter)));
    return rows['succeeded']?.map((row) => row.split(',')[1]);
  };
  assert.deepEqual(await keys({ KeyNameConstraint: { MatchAnyPrefix: ['a/'], MatchAnySuffix: ['.txt'] } }), ['a/1.txt', 'a/cold.txt']);
  assert.deepEqual(await keys({ KeyNameConstraint: { MatchAnySubstring: ['2', '3'] } }), ['a/2.log', 'b/3.txt']);
  assert.deepEqual(await keys({ ObjectSizeGreaterThanBytes: 1, ObjectSizeLessThanBytes: 10 }), ['b/3.txt']);
  assert.deepEqual(await keys({ MatchAnyStorageClass: ['STANDARD_IA'] }), ['a/cold.txt']);
  assert.equal((await keys({ MatchAnyObjectEncryption: [{ SSES3: {} }] }))!.length, 3);
  assert.deepEqual(await keys({ MatchAnyObjectEncryption: [{ DSSEKMS: {} }] }), ['a/cold.txt']);
  assert.equal(await keys({ MatchAnyObjectEncryption: [{ SSEKMS: {} }] }), undefined);
  assert.equal(await keys({ CreatedAfter: new Date(cloud.cloud.clock.now() + day) }), undefined);
  const output = {
    EnableManifestOutput: true,
    ManifestOutputLocation: {
      Bucket: 'arn:aws:s3:::lists',
      ManifestPrefix: 'made',
      ManifestFormat: 'S3InventoryReport_CSV_20211130' as const,
    },
  };
  const { job } = await finished(await create(tagging('g'), generate({}, output)));
  const where = job.GeneratedManifestDescriptor!.Location!;
  const written = JSON.parse(await text('lists', where.ObjectArn!.replace('arn:aws:s3:::lists/', ''))) as { files: { key: string }[] };
  const file = await s3.send(new GetObjectCommand({ Bucket: 'lists', Key: written.files[0]!.key }));
  assert.match(gunzipSync(await file.Body!.transformToByteArray()).toString(), /^varied,a\/1\.txt,\nvaried,a\/2\.log,\n/);
});

test('a job of which more than half fails is given up after a thousand tasks', async () => {
  const { job, rows } = await finished(
    await create(tagging('x'), await manifest(Array.from({ length: 1_200 }, (_, i) => `source,none-${i}`))),
  );
  assert.deepEqual([job.Status, job.FailureReasons![0]!.FailureReason], ['Failed', 'Job failure rate of 100.00% is above 50%.']);
  assert.equal(job.ProgressSummary!.NumberOfTasksFailed, 1_000);
  assert.equal(rows['failed']!.length, 1_000);
});

test('what a crash left begun is not done twice', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'target' }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: 'target', VersioningConfiguration: { Status: 'Enabled' } }));
  const copy = { S3PutObjectCopy: { TargetResource: 'arn:aws:s3:::target' } };
  const JobId = await create(copy, { ...(await manifest(lines.slice(0, 5))), ...confirmed });
  await cloud.cloud.settled();
  // As if the process had ended after the first copy was made and before the second was.
  await put('target', 'k000', 'k000');
  const begun = cloud.cloud.clock.now();
  await cloud.cloud.store.write(async (tx) => {
    for (const number of [0, 1]) await jobTasks.put(tx, { ...(await jobTasks.get(tx, AccountId, 'us-east-1', JobId, number))!, begun });
    await jobs.put(tx, { ...(await jobs.get(tx, AccountId, 'us-east-1', JobId))!, status: 'Active' });
  });
  assert.deepEqual((await finished(JobId)).counts, [5, 5, 0]);
  const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'target' }));
  assert.deepEqual(
    Versions!.map(({ Key }) => Key),
    many.slice(0, 5),
  );
});

test('the same token gives the same job, and another one never', async () => {
  const given = { ...(await manifest(lines)), ...confirmed, ClientRequestToken: 'once' };
  const JobId = await create(tagging('1'), given);
  assert.equal(await create(tagging('1'), given), JobId);
  await refused(create(tagging('2'), given), { code: 'IdempotencyException', status: 400 });
  await cloud.cloud.settled();
  await cloud.advance(30 * day);
  const { job } = await finished(JobId);
  assert.deepEqual([job.Status, job.FailureReasons![0]!.FailureCode], ['Failed', 'JobNotConfirmed']);
  await cloud.advance(90 * day);
  await refused(describe(JobId), { code: 'NoSuchJob', status: 404 });
});

test('jobs that cannot be are refused', async () => {
  const given = await manifest(lines);
  const invalid = { code: 'InvalidRequest', status: 400 };
  await refused(create({ ...tagging('1'), S3DeleteObjectTagging: {} }, given), invalid);
  await refused(create({}, given), invalid);
  await refused(create(tagging('1')), invalid);
  await refused(create(tagging('1'), { ...given, Priority: -1 }), invalid);
  await refused(create({ S3PutObjectCopy: { TargetResource: 'no-arn' } }, given), invalid);
  await refused(create({ S3InitiateRestoreObject: { ExpirationInDays: 0 } }, given), invalid);
  await refused(create(tagging('1'), { ...given, Report: { Enabled: true } }), invalid);
  await refused(create(tagging('1'), await manifest(lines, ['Bucket'])), invalid);
  await refused(create(tagging('1'), { ...given, Tags: [{ Key: '', Value: '' }] }), 'InvalidTag');
  const lambda = { LambdaInvoke: { FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f' } };
  await refused(create(lambda, given), { code: 'NotImplemented', status: 501, message: /LambdaInvoke/ });
  await refused(describe('no-such-job'), 'NoSuchJob');
  assert.ok((await s3.send(new ListObjectsV2Command({ Bucket: 'reports' }))).KeyCount! > 0);
});

test('a user needs the right to make jobs, and to pass their roles', async () => {
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const hers = cloud.client(S3ControlClient, { ...byHostName(cloud.port), credentials });
  const allow = (...Action: string[]) => {
    const Condition = { StringEqualsIfExists: { 's3:RequestJobOperation': 'S3PutObjectTagging' } };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource: '*', Condition } });
    return iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'p', PolicyDocument }));
  };
  const given = { ...(await manifest(['source,k000'])), ...confirmed };
  const make = (operation: object) => bench.createAs(hers, operation, given);
  await refused(make(tagging('1')), { code: 'AccessDenied', status: 403 });
  await allow('s3:CreateJob');
  await refused(make(tagging('1')), { code: 'AccessDenied', message: /iam:PassRole/ });
  await allow('s3:CreateJob', 'iam:PassRole');
  await refused(make({ S3DeleteObjectTagging: {} }), 'AccessDenied');
  const JobId = await make(tagging('1'));
  await refused(hers.send(new DescribeJobCommand({ AccountId, JobId })), 'AccessDenied');
});
