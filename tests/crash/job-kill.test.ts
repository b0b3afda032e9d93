/** A cloud is killed while a job copies: the job goes on, and every object is copied once. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateJobCommand, DescribeJobCommand, S3ControlClient } from '@aws-sdk/client-s3-control';
import { byHostName } from '../by-host-name.ts';
import { newUser, type User } from '../cli/haneul-process.ts';
import { clientOptions } from './writers.ts';

const rounds = 3;
const objects = 800;
const AccountId = '000000000000';

let user: User;
before(async () => void (user = await newUser()));
after(() => user.leave());

const controlAt = (endpoint: string) => new S3ControlClient({ ...clientOptions(endpoint), ...byHostName(Number(new URL(endpoint).port)) });

test('kill -9 at random moments while a job copies', async (context) => {
  let cloud = await user.up();
  const JobId = await prepared(cloud.endpoint);
  let kills = 0;
  for (; kills < rounds; kills++) {
    await sleep(100 + Math.random() * 300);
    cloud.child.kill('SIGKILL');
    await cloud.ended;
    cloud = await user.up();
  }
  const job = await finished(cloud.endpoint, JobId);
  assert.equal(job.Status, 'Complete', JSON.stringify(job.FailureReasons));
  const { TotalNumberOfTasks: total, NumberOfTasksSucceeded: done, NumberOfTasksFailed: failed } = job.ProgressSummary!;
  assert.deepEqual([total, done, failed], [objects, objects, 0]);
  const s3 = new S3Client(clientOptions(cloud.endpoint));
  const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'target' }));
  assert.deepEqual(
    Versions!.map(({ Key }) => Key),
    Array.from({ length: objects }, (_, i) => keyOf(i)),
  );
  s3.destroy();
  cloud.child.kill('SIGTERM');
  assert.equal((await cloud.ended).code, 0);
  context.diagnostic(`${kills} kills, ${objects} objects, each copied once`);
});

const keyOf = (number: number): string => `k${String(number).padStart(4, '0')}`;

async function prepared(endpoint: string): Promise<string> {
  const s3 = new S3Client(clientOptions(endpoint));
  for (const Bucket of ['source', 'target']) await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: 'target', VersioningConfiguration: { Status: 'Enabled' } }));
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: 'source', Key, Body }));
  const keys = Array.from({ length: objects }, (_, i) => keyOf(i));
  for (let at = 0; at < objects; at += 50) await Promise.all(keys.slice(at, at + 50).map((key) => put(key, key)));
  const { ETag } = await put('manifest.csv', keys.map((key) => `source,${key}\n`).join(''));
  const iam = new IAMClient(clientOptions(endpoint));
  const allow = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
  const AssumeRolePolicyDocument = allow({ Principal: { Service: 'batchoperations.s3.amazonaws.com' }, Action: 'sts:AssumeRole' });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'batch', AssumeRolePolicyDocument }));
  const PolicyDocument = allow({ Action: 's3:*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'batch', PolicyName: 'p', PolicyDocument }));
  const control = controlAt(endpoint);
  const { JobId } = await control.send(
    new CreateJobCommand({
      ...{
        AccountId,
        RoleArn: Role!.Arn,
        Priority: 1,
        ConfirmationRequired: false,
        ClientRequestToken: 'once',
        Report: { Enabled: false },
      },
      Operation: { S3PutObjectCopy: { TargetResource: 'arn:aws:s3:::target' } },
      Manifest: {
        Spec: { Format: 'S3BatchOperations_CSV_20180820', Fields: ['Bucket', 'Key'] },
        Location: { ObjectArn: 'arn:aws:s3:::source/manifest.csv', ETag },
      },
    }),
  );
  for (const client of [s3, iam, control]) client.destroy();
  return JobId!;
}

async function finished(endpoint: string, JobId: string) {
  const control = controlAt(endpoint);
  for (;;) {
    const { Job } = await control.send(new DescribeJobCommand({ AccountId, JobId }));
    if (['Complete', 'Failed', 'Cancelled'].includes(Job!.Status!)) {
      control.destroy();
      return Job!;
    }
    await sleep(50);
  }
}
