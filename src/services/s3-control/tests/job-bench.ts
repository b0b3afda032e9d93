/** What the tests of jobs have in common: a cloud, a role that may do everything in S3, manifests, and waiting for a job to end. */

import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateJobCommand,
  DescribeJobCommand,
  S3ControlClient,
  type CreateJobCommandInput,
  type JobOperation,
} from '@aws-sdk/client-s3-control';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { byHostName } from '../../../../tests/by-host-name.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

export const AccountId = '000000000000';
export const RoleArn = `arn:aws:iam::${AccountId}:role/batch`;

/** The clients of a cloud, and the few things that jobs need. */
export function onCloud(cloud: LiveCloud) {
  const s3 = cloud.client(S3Client);
  const control = cloud.client(S3ControlClient, byHostName(cloud.port));
  let jobs = 0;
  const put = (Bucket: string, Key: string, Body: string, more: object = {}) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const text = async (Bucket: string, Key: string) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
  const describe = async (JobId: string) => (await control.send(new DescribeJobCommand({ AccountId, JobId }))).Job!;
  const createAs = async (client: S3ControlClient, Operation: JobOperation, more: Partial<CreateJobCommandInput> = {}) => {
    const given: CreateJobCommandInput = {
      ...{ AccountId, Operation, RoleArn, Priority: 10, ConfirmationRequired: false, ClientRequestToken: `job-${++jobs}` },
      Report: { Enabled: true, Bucket: 'arn:aws:s3:::reports', Prefix: 'of', Format: 'Report_CSV_20180820', ReportScope: 'AllTasks' },
      ...more,
    };
    return (await client.send(new CreateJobCommand(given))).JobId!;
  };
  const create = (operation: JobOperation, more?: Partial<CreateJobCommandInput>) => createAs(control, operation, more);
  return {
    ...{ cloud, s3, control, put, text, describe, create, createAs },
    /** Puts a CSV of these lines and describes it as a manifest. */
    manifest: async (lines: readonly string[], fields: ('Bucket' | 'Key' | 'VersionId' | 'Ignore')[] = ['Bucket', 'Key']) => {
      const { ETag } = await put('manifests', 'list.csv', lines.map((line) => `${line}\n`).join(''));
      return {
        Manifest: {
          Spec: { Format: 'S3BatchOperations_CSV_20180820' as const, Fields: fields },
          Location: { ObjectArn: 'arn:aws:s3:::manifests/list.csv', ETag: ETag! },
        },
      };
    },
    /** A job to its end, with the rows of its report by status. */
    finished: async (JobId: string) => {
      await cloud.cloud.settled();
      const job = await describe(JobId);
      const rows: Record<string, string[]> = {};
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'reports', Prefix: `of/job-${JobId}/manifest.json` }));
      if (Contents.length > 0) {
        const report = JSON.parse(await text('reports', `of/job-${JobId}/manifest.json`)) as {
          Results: { TaskExecutionStatus: string; Key: string }[];
        };
        for (const { TaskExecutionStatus: status, Key } of report.Results)
          rows[status] = (await text('reports', Key)).trimEnd().split('\n');
      }
      return {
        job,
        rows,
        counts: [
          job.ProgressSummary?.TotalNumberOfTasks,
          job.ProgressSummary?.NumberOfTasksSucceeded,
          job.ProgressSummary?.NumberOfTasksFailed,
        ],
      };
    },
  };
}

/** A cloud with the role and the buckets `manifests` and `reports`. */
export async function startJobs(...statements: object[]) {
  const bench = onCloud(await startCloud());
  const iam = bench.cloud.client(IAMClient);
  const policy = (Statement: unknown) => JSON.stringify({ Version: '2012-10-17', Statement });
  const trust = policy({ Effect: 'Allow', Principal: { Service: 'batchoperations.s3.amazonaws.com' }, Action: 'sts:AssumeRole' });
  await iam.send(new CreateRoleCommand({ RoleName: 'batch', AssumeRolePolicyDocument: trust }));
  const may = statements.length > 0 ? statements : [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }];
  await iam.send(new PutRolePolicyCommand({ RoleName: 'batch', PolicyName: 'may', PolicyDocument: policy(may) }));
  for (const Bucket of ['manifests', 'reports']) await bench.s3.send(new CreateBucketCommand({ Bucket }));
  return bench;
}
