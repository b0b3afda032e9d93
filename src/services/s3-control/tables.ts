/** S3 Control's durable records. Access points and what accounts block of public access are S3's too: src/framework/s3-access. */

import type {
  JobManifest,
  JobOperation,
  JobReport,
  S3GeneratedManifestDescriptor,
  S3JobManifestGenerator,
} from '@aws-sdk/client-s3-control';
import type { Tag } from '../../framework/tags.ts';
import { table } from '../../store/table.ts';

export type JobStatus =
  | 'New'
  | 'Preparing'
  | 'Suspended'
  | 'Ready'
  | 'Active'
  | 'Pausing'
  | 'Paused'
  | 'Completing'
  | 'Complete'
  | 'Cancelling'
  | 'Cancelled'
  | 'Failing'
  | 'Failed';

/** A job of S3 Batch Operations. Times are milliseconds since the epoch. */
export type Job = {
  account: string;
  region: string;
  id: string;
  created: number;
  status: JobStatus;
  priority: number;
  roleArn: string;
  description?: string;
  confirmationRequired: boolean;
  /** As they were given. */
  operation: JobOperation;
  report: JobReport;
  manifest?: JobManifest;
  generator?: S3JobManifestGenerator;
  /** By which a repeated CreateJob is known, and whether it asks for the same. */
  token: string;
  fingerprint: string;
  tags?: Tag[];
  /** Tasks that have been read from the manifest so far: all of them once it `isPrepared`. */
  total: number;
  isPrepared?: true;
  /** Where the manifest that was generated lies. */
  generated?: S3GeneratedManifestDescriptor;
  succeeded: number;
  failed: number;
  activeMilliseconds: number;
  suspended?: number;
  statusReason?: string;
  failure?: { code: string; reason: string };
  ended?: number;
};

/** One object of a job. Tasks are done in the order of their numbers. */
export type JobTask = {
  account: string;
  region: string;
  job: string;
  number: number;
  bucket: string;
  key: string;
  version?: string;
  /** It was begun, at this time: after a crash it may have been done although no result is here. */
  begun?: number;
  result?: { status: 'succeeded' | 'failed'; httpStatus: number; code: string; message: string };
};

export const jobs = table<Job, 'created' | 'token'>('s3-control/jobs', {
  key: ({ account, region, id }) => [account, region, id],
  indexes: {
    created: ({ account, region, created, id }) => [account, region, created, id],
    token: ({ account, region, token }) => [account, region, token],
  },
});

export const jobTasks = table<JobTask>('s3-control/job-tasks', {
  key: ({ account, region, job, number }) => [account, region, job, number],
});
