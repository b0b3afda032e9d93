/**
 * Brings jobs forward: reads their manifests, does their tasks a window at a time, and writes their reports. Everything that it knows lies in the
 * records, so that a killed process's jobs go on where they were. A task is marked as begun before, and its result is counted in the transaction
 * that keeps it.
 */

import type { Aws } from '../../../framework/clients.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { AssumedRole } from '../../../framework/principal.ts';
import { checksumRequests } from '../../../framework/checksum-requests.ts';
import { replicationRequests } from '../../../framework/replication-requests.ts';
import { replicationSearches } from '../../../framework/replication-searches.ts';
import { assumeServiceRole } from '../../../framework/service-role.ts';
import { jobConfirmationDaysMax, jobRetentionDays, jobTasksBeforeThreshold } from '../limits.ts';
import { jobs, jobTasks, type Job, type JobStatus, type JobTask } from '../tables.ts';
import { JobFailure } from './failure.ts';
import { hasEnded, isAboutReplication, isRunnable } from './job.ts';
import { areCandidatesFound, forgetSearch } from './manifests/candidates.ts';
import { batchService } from './permissions.ts';
import { dropTasks, prepare } from './prepare.ts';
import { writeReport } from './report.ts';
import { execute, type TaskResult } from './tasks/execute.ts';
import type { Asked } from './tasks/asked.ts';
import { checksums } from './tasks/checksums.ts';
import { replicas } from './tasks/replicate.ts';

/** Tasks between two looks at what callers want meanwhile. */
const tasksPerWindow = 50;
/** Of these at once. */
const tasksAtOnce = 5;
const dayMilliseconds = 86_400_000;

export const jobRunner: Reconciler = {
  name: 's3-control/jobs',
  watches: [jobs, replicationRequests, replicationSearches, checksumRequests],
  run: async (context) => {
    /** Jobs that wait for S3 to replicate: what it writes down wakes this again. */
    const waiting = new Set<string>();
    for (;;) {
      const present: Job[] = [];
      for await (const job of jobs.each(context.store)) present.push(job);
      const next = nextOf(
        context.clock.now(),
        present.filter(({ id }) => !waiting.has(id)),
      );
      if (!next) return nextTime(present);
      context.signal.throwIfAborted();
      if (await forward(context, next, present)) waiting.add(next.id);
    }
  },
};

/** What is quickly done comes first; then the job with the highest priority, and of those the oldest. */
function nextOf(now: number, present: readonly Job[]): Job | undefined {
  const quick = present.find((job) => (hasEnded(job) || job.status === 'Suspended' ? isOverdue(job, now) : !isRunnable(job)));
  if (quick) return quick;
  return present.filter(isRunnable).sort((a, b) => b.priority - a.priority || a.created - b.created)[0];
}

/** When a job that waits is given up, or one that has ended is forgotten. */
function dueTime(job: Job): number | undefined {
  if (hasEnded(job)) return job.ended! + jobRetentionDays * dayMilliseconds;
  return job.status === 'Suspended' ? job.suspended! + jobConfirmationDaysMax * dayMilliseconds : undefined;
}

function isOverdue(job: Job, now: number): boolean {
  const due = dueTime(job);
  return due !== undefined && due <= now;
}

function nextTime(present: readonly Job[]): { nextAt?: number } {
  const times = present.map(dueTime).filter((time) => time !== undefined);
  return times.length === 0 ? {} : { nextAt: Math.min(...times) };
}

/** True when the job has to wait for others. */
async function forward(context: ReconcilerContext, job: Job, present: readonly Job[]): Promise<boolean> {
  try {
    return (await step(context, job, present)) === 'waits';
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error;
    context.log(`job ${job.id} has failed: ${error.message}`);
    await change(context, job, (now) => ({ ...now, status: 'Failing', failure: { code: error.code, reason: error.message } }), [
      job.status,
    ]);
    return false;
  }
}

async function step(context: ReconcilerContext, job: Job, present: readonly Job[]): Promise<'waits' | void> {
  switch (job.status) {
    case 'New':
      return change(context, job, (now) => ({ ...now, status: 'Preparing' }));
    case 'Preparing':
      return prepareJob(context, job);
    case 'Suspended':
      return change(context, job, (now) => ({ ...now, status: 'Failing', failure: notConfirmed }));
    case 'Ready':
    case 'Paused':
      await pauseOthers(context, job, present);
      return change(context, job, (now) => ({ ...now, status: 'Active' }));
    case 'Active':
    case 'Pausing':
      return askedOfS3(job) ? askWindow(context, job, askedOfS3(job)!) : runWindow(context, job, await asRole(context, job));
    case 'Completing':
      return finish(context, job, 'Complete');
    case 'Cancelling':
      return finish(context, job, 'Cancelled');
    case 'Failing':
      return finish(context, job, 'Failed');
    default:
      return forget(context, job);
  }
}

/** What is to be replicated is found by S3, which takes its time. */
async function prepareJob(context: ReconcilerContext, job: Job): Promise<'waits' | void> {
  if (!isAboutReplication(job.generator)) return prepare(context, job, await asRole(context, job));
  if (!(await areCandidatesFound(context.store, job, () => roleOf(context, job)))) return 'waits';
  await prepare(context, job, await asRole(context, job));
  await forgetSearch(context.store, job);
}

const notConfirmed = { code: 'JobNotConfirmed', reason: `The job was not confirmed within ${jobConfirmationDaysMax} days.` };

/** Changes the job as it is now, unless it has left the state in which it was seen. */
async function change(
  context: ReconcilerContext,
  job: Job,
  next: (now: Job) => Job,
  from: readonly JobStatus[] = [job.status],
): Promise<void> {
  await context.store.write(async (tx) => {
    const now = await jobs.get(tx, job.account, job.region, job.id);
    if (now && from.includes(now.status)) await jobs.put(tx, next(now));
  });
}

/** One job runs at a time: a more urgent one makes the others wait. */
async function pauseOthers(context: ReconcilerContext, job: Job, present: readonly Job[]): Promise<void> {
  for (const other of present)
    if (other.status === 'Active' && other !== job) await change(context, other, (now) => ({ ...now, status: 'Paused' }));
}

async function asRole(context: ReconcilerContext, job: Job): Promise<Aws> {
  const role = await roleOf(context, job);
  return context.awsAs(role, { account: role.account, region: job.region });
}

async function roleOf(context: ReconcilerContext, { account, region, id, roleArn }: Job): Promise<AssumedRole> {
  const session = `s3-batch-operations_${id}`;
  const role = await assumeServiceRole(context, { roleArn, service: batchService, account, region, session });
  if (!role) throw new JobFailure('RoleNotAssumable', `${batchService} is unable to assume the role ${roleArn}`);
  return role;
}

async function runWindow(context: ReconcilerContext, job: Job, aws: Aws): Promise<void> {
  const begunAt = context.clock.now();
  const tasks = await begin(context, job, begunAt);
  if (tasks.length === 0) return change(context, job, (now) => ({ ...now, status: 'Completing' }));
  const results: TaskResult[] = [];
  for (let at = 0; at < tasks.length; at += tasksAtOnce) {
    const some = tasks.slice(at, at + tasksAtOnce);
    results.push(...(await Promise.all(some.map(({ task, again }) => execute(aws, job.operation, task, again)))));
  }
  await keepResults(context, job, { tasks, results, begunAt });
}

/** What S3 does by a queue of its own. */
function askedOfS3({ operation }: Job): Asked | undefined {
  if (operation.S3ReplicateObject) return replicas;
  return operation.S3ComputeObjectChecksum ? checksums : undefined;
}

/** The window's objects are asked for, and their outcomes read once all are there. */
async function askWindow(context: ReconcilerContext, job: Job, asked: Asked): Promise<'waits' | void> {
  const begunAt = context.clock.now();
  const window = await begin(context, job, begunAt);
  if (window.length === 0) return change(context, job, (now) => ({ ...now, status: 'Completing' }));
  const tasks = window.map(({ task }) => task);
  const results = await asked.results(context, job, tasks, () => roleOf(context, job));
  if (!results) return 'waits';
  await keepResults(context, job, { tasks: window, results, begunAt });
  await asked.forget(context, job, tasks);
}

type Window = { tasks: readonly { task: JobTask }[]; results: readonly TaskResult[]; begunAt: number };

/** Keeps the results and counts them, in one transaction. */
async function keepResults(context: ReconcilerContext, job: Job, { tasks, results, begunAt }: Window): Promise<void> {
  const failed = results.filter(({ status }) => status === 'failed').length;
  const active = Math.max(0, context.clock.now() - begunAt);
  const counted = await context.store.write(async (tx) => {
    const now = await jobs.get(tx, job.account, job.region, job.id);
    if (!now) return 0;
    for (const [i, { task }] of tasks.entries()) await jobTasks.put(tx, { ...task, result: results[i]! });
    const next: Job = {
      ...now,
      succeeded: now.succeeded + results.length - failed,
      failed: now.failed + failed,
      activeMilliseconds: now.activeMilliseconds + active,
    };
    await jobs.put(tx, isHopeless(next) && now.status === 'Active' ? { ...next, status: 'Failing', failure: tooManyFailed(next) } : next);
    return results.length;
  });
  const { account, region, id } = job;
  const usage = { usageType: 'BatchOperations-Objects', quantity: counted, unit: 'Count' as const, resource: id };
  context.meter.record({ ...usage, account, region, service: 's3', operation: 'BatchOperations', at: context.clock.now() });
}

/** The next tasks without a result, marked as begun; `again` are those that were so already: the process that began them is no more. */
async function begin({ store }: ReconcilerContext, job: Job, begun: number): Promise<{ task: JobTask; again: boolean }[]> {
  const { account, region, id } = job;
  return store.write(async (tx) => {
    const now = await jobs.get(tx, account, region, id);
    if (!now) return [];
    const from = now.succeeded + now.failed;
    const rows = await jobTasks.between(tx, [account, region, id, from], [account, region, id, now.total], { limit: tasksPerWindow });
    const tasks = rows.map(({ row }) => ({ task: row.begun === undefined ? { ...row, begun } : row, again: row.begun !== undefined }));
    for (const { task, again } of tasks) if (!again) await jobTasks.put(tx, task);
    return tasks;
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html#batch-ops-job-status-failure */
function isHopeless({ succeeded, failed }: Job): boolean {
  return succeeded + failed >= jobTasksBeforeThreshold && failed > succeeded;
}

function tooManyFailed({ succeeded, failed }: Job): NonNullable<Job['failure']> {
  const rate = ((100 * failed) / (succeeded + failed)).toFixed(2);
  return { code: 'FailureThresholdExceeded', reason: `Job failure rate of ${rate}% is above 50%.` };
}

/** The report of what was done, also of a job that was stopped; then nothing happens to it any more. */
async function finish(context: ReconcilerContext, job: Job, status: 'Complete' | 'Cancelled' | 'Failed'): Promise<void> {
  let last: Partial<Job> = { status };
  if (job.report.Enabled && job.succeeded + job.failed > 0) {
    try {
      await writeReport(await asRole(context, job), context, job);
    } catch (error) {
      if (!(error instanceof JobFailure)) throw error;
      // Why it failed at first says more.
      last = { status: 'Failed', failure: job.failure ?? { code: error.code, reason: error.message } };
    }
  }
  const ended = context.clock.now();
  await change(context, job, (now) => ({ ...now, ...last, ended }));
  // Only now: before, a crash would leave a report of fewer tasks.
  await dropTasks(context, job);
  await askedOfS3(job)?.forgetAll(context, job);
  if (isAboutReplication(job.generator)) await forgetSearch(context.store, job);
}

async function forget(context: ReconcilerContext, job: Job): Promise<void> {
  await dropTasks(context, job);
  await context.store.write((tx) => jobs.delete(tx, job.account, job.region, job.id));
}
