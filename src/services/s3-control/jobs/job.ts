/** Jobs of S3 Batch Operations: their states, and what the API shows of them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html */

import type { JobOperation } from '@aws-sdk/client-s3-control';
import { arn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { noSuchJob } from '../errors.ts';
import { jobs, type Job, type JobStatus } from '../tables.ts';

export const jobArn = ({ account, region, id }: Pick<Job, 'account' | 'region' | 'id'>): string => arn('s3', region, account, `job/${id}`);

/** The one operation of a job, which is the name of the one member that is set. */
export function operationName(operation: JobOperation): keyof JobOperation {
  return Object.keys(operation).find((name) => operation[name as keyof JobOperation] !== undefined) as keyof JobOperation;
}

/** Nothing happens to a job in one of these any more. */
const ended: ReadonlySet<JobStatus> = new Set(['Complete', 'Failed', 'Cancelled']);
export const hasEnded = ({ status }: Pick<Job, 'status'>): boolean => ended.has(status);

/** In these a job waits for its turn, or has it. */
const runnable: ReadonlySet<JobStatus> = new Set(['Ready', 'Active', 'Paused']);
export const isRunnable = ({ status }: Pick<Job, 'status'>): boolean => runnable.has(status);

const cancellable: ReadonlySet<JobStatus> = new Set(['New', 'Preparing', 'Suspended', 'Ready', 'Active', 'Pausing', 'Paused']);

/** Whether a caller may bring a job from its present state into the one that is asked for. */
export function mayBecome({ status }: Pick<Job, 'status'>, requested: 'Ready' | 'Cancelled'): boolean {
  return requested === 'Ready' ? status === 'Suspended' : cancellable.has(status);
}

export async function requireJob(tx: ReadTransaction, request: ServiceRequest, id: string): Promise<Job> {
  const job = await jobs.get(tx, request.account, request.region, id);
  if (!job) throw noSuchJob();
  return job;
}

/** A job in a list. */
export function listedJob(job: Job) {
  return {
    JobId: job.id,
    ...(job.description !== undefined && { Description: job.description }),
    Operation: operationName(job.operation) as 'S3PutObjectCopy',
    Priority: job.priority,
    Status: job.status,
    CreationTime: new Date(job.created),
    ...(job.ended !== undefined && { TerminationDate: new Date(job.ended) }),
    ProgressSummary: {
      // Nobody knows how many there are until the manifest has been read.
      ...(job.isPrepared && { TotalNumberOfTasks: job.total }),
      NumberOfTasksSucceeded: job.succeeded,
      NumberOfTasksFailed: job.failed,
      Timers: { ElapsedTimeInActiveSeconds: Math.floor(job.activeMilliseconds / 1000) },
    },
  };
}

/** A job with all that is known of it. */
export function describedJob(job: Job) {
  const { Operation: _name, ...listed } = listedJob(job);
  return {
    ...listed,
    JobArn: jobArn(job),
    ConfirmationRequired: job.confirmationRequired,
    Operation: job.operation,
    RoleArn: job.roleArn,
    Report: job.report,
    ...(job.manifest && { Manifest: job.manifest }),
    ...(job.generator && { ManifestGenerator: { S3JobManifestGenerator: job.generator } }),
    ...(job.generated && { GeneratedManifestDescriptor: job.generated }),
    ...(job.statusReason !== undefined && { StatusUpdateReason: job.statusReason }),
    ...(job.failure && { FailureReasons: [{ FailureCode: job.failure.code, FailureReason: job.failure.reason }] }),
    ...(job.suspended !== undefined && { SuspendedDate: new Date(job.suspended), SuspendedCause: suspendedCause }),
  };
}

export const suspendedCause = 'AwaitingConfirmation';
