/** Objects that a job has S3 replicate: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html */

import type { Principal } from '../../../../framework/principal.ts';
import type { ReconcilerContext } from '../../../../framework/reconciler.ts';
import { replicationRequests, type ReplicationRequest } from '../../../../framework/replication-requests.ts';
import type { Job, JobTask } from '../../tables.ts';
import { succeeded, type TaskResult } from './execute.ts';

/** Asks S3 for what it was not asked for yet. Resolves with the results of all tasks once every one is there. */
export async function replicationResults(
  { store }: ReconcilerContext,
  { id }: Job,
  tasks: readonly JobTask[],
  asker: () => Promise<Principal>,
): Promise<TaskResult[] | undefined> {
  const keys = tasks.map(({ number }) => [id, number]);
  const present = await store.read((tx) => replicationRequests.getMany(tx, keys));
  if (present.includes(undefined)) {
    const principal = await asker();
    await store.write(async (tx) => {
      for (const { number, bucket, key, version } of tasks) {
        if (await replicationRequests.get(tx, id, number)) continue;
        await replicationRequests.put(tx, { job: id, number, bucket, key, ...(version !== undefined && { version }), principal });
      }
    });
    return undefined;
  }
  const results = present.map((request) => resultOf(request!)).filter((result) => result !== undefined);
  return results.length === tasks.length ? results : undefined;
}

function resultOf({ outcome }: ReplicationRequest): TaskResult | undefined {
  if (!outcome) return undefined;
  if (outcome.status === 'COMPLETED') return succeeded;
  return { status: 'failed', httpStatus: 400, code: outcome.reason, message: outcome.reason };
}

/** Their results are kept: nobody asks for these any more. */
export async function forgetRequests({ store }: ReconcilerContext, { id }: Job, tasks: readonly JobTask[]): Promise<void> {
  await store.write(async (tx) => {
    for (const { number } of tasks) await replicationRequests.delete(tx, id, number);
  }, 'relaxed');
}

/** What a job that was stopped asked for, and will not read. */
export async function forgetAllRequests({ store }: ReconcilerContext, { id }: Job): Promise<void> {
  await store.write(async (tx) => {
    for (const { row } of await replicationRequests.scan(tx, [id])) await replicationRequests.delete(tx, id, row.number);
  }, 'relaxed');
}
