/** Jobs: create, describe, list, change: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-managing-jobs.html */

import { createHash } from 'node:crypto';
import type { JobManifest, JobOperation, JobReport, S3JobManifestGenerator } from '@aws-sdk/client-s3-control';
import { idempotencyConflict, invalidRequest, statusConflict } from '../errors.ts';
import { jobReasonLengthMax, listedMax } from '../limits.ts';
import { cursorOf, pageSize, tokenOf } from '../pages.ts';
import type { Operation } from '../sdk.ts';
import { jobs, type Job } from '../tables.ts';
import { checkedTags } from '../tags/tags.ts';
import { checkPriority } from './checks.ts';
import { describedJob, listedJob, mayBecome, requireJob } from './job.ts';

export const CreateJob: Operation<'CreateJob'> = async (request, input) => {
  const { account, region } = request;
  const tags = checkedTags(input.Tags ?? []);
  const { AccountId: _mine, ClientRequestToken: token = '', ...asked } = input;
  const generator = input.ManifestGenerator?.S3JobManifestGenerator as S3JobManifestGenerator | undefined;
  const job: Job = {
    ...{
      account,
      region,
      id: request.random.uuid(),
      created: request.now,
      status: 'New',
      priority: input.Priority,
      roleArn: input.RoleArn,
    },
    ...(input.Description !== undefined && { description: input.Description }),
    confirmationRequired: input.ConfirmationRequired ?? true,
    operation: input.Operation as JobOperation,
    report: input.Report as JobReport,
    ...(input.Manifest && { manifest: input.Manifest as JobManifest }),
    ...(generator && { generator }),
    ...{ token, fingerprint: createHash('sha256').update(JSON.stringify(asked)).digest('base64') },
    ...(tags.length > 0 && { tags }),
    ...{ total: 0, succeeded: 0, failed: 0, activeMilliseconds: 0 },
  };
  const made = await request.store.write(async (tx) => {
    const earlier = await jobs.find(tx, 'token', account, region, token);
    if (earlier && earlier.fingerprint !== job.fingerprint) throw idempotencyConflict();
    if (!earlier) await jobs.put(tx, job);
    return earlier ?? job;
  });
  if (made === job) request.use({ usageType: 'BatchOperations-Jobs', quantity: 1, unit: 'Count', resource: job.id });
  return { JobId: made.id };
};

export const DescribeJob: Operation<'DescribeJob'> = async (request, input) => {
  const job = await request.store.read((tx) => requireJob(tx, request, input.JobId));
  return { Job: describedJob(job) };
};

/** The newest first. */
export const ListJobs: Operation<'ListJobs'> = async (request, input) => {
  const { account, region } = request;
  const limit = pageSize(input.MaxResults, listedMax);
  const wanted = new Set<string>(input.JobStatuses ?? []);
  let after = input.NextToken === undefined ? undefined : cursorOf(input.NextToken);
  const found: ReturnType<typeof listedJob>[] = [];
  for (;;) {
    const from = after;
    const rows = await request.store.read((tx) =>
      jobs.scanIndex(tx, 'created', [account, region], { limit: listedMax, reverse: true, ...(from && { after: from }) }),
    );
    for (const { row, cursor } of rows) {
      if (found.length === limit) return { Jobs: found, NextToken: tokenOf(after!) };
      if (wanted.size === 0 || wanted.has(row.status)) found.push(listedJob(row));
      after = cursor;
    }
    if (rows.length < listedMax) return { Jobs: found };
  }
};

export const UpdateJobPriority: Operation<'UpdateJobPriority'> = async (request, input) => {
  checkPriority(input.Priority);
  await request.store.write(async (tx) => jobs.put(tx, { ...(await requireJob(tx, request, input.JobId)), priority: input.Priority }));
  return { JobId: input.JobId, Priority: input.Priority };
};

export const UpdateJobStatus: Operation<'UpdateJobStatus'> = async (request, input) => {
  const { JobId, RequestedJobStatus: requested, StatusUpdateReason: reason } = input;
  if (requested !== 'Ready' && requested !== 'Cancelled') throw invalidRequest('Invalid requested job status');
  if (reason !== undefined && (reason === '' || reason.length > jobReasonLengthMax)) throw invalidRequest('Invalid status update reason');
  const job = await request.store.write(async (tx) => {
    const present = await requireJob(tx, request, JobId);
    if (!mayBecome(present, requested)) throw statusConflict(present.status, requested);
    const next: Job = {
      ...present,
      status: requested === 'Ready' ? 'Ready' : 'Cancelling',
      ...(reason !== undefined && { statusReason: reason }),
    };
    await jobs.put(tx, next);
    return next;
  });
  return { JobId, Status: job.status, ...(reason !== undefined && { StatusUpdateReason: reason }) };
};
