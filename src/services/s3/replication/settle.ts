/** The end of a task: what it leaves on the version, tells those who want to know, and answers to a batch job. */

import { replicationRequests, type ReplicationRequest } from '../../../framework/replication-requests.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { note, type Cause } from '../notifications/note.ts';
import { buckets } from '../tables.ts';
import { findVersion, updateVersion } from '../versions/history.ts';
import { isDeleteMarker } from '../versions/version.ts';
import { settleAnnotationsOf } from './annotations.ts';
import type { Reason } from './refusal.ts';
import { isMeasured, isTimed, timeMinutes } from './rule.ts';
import { replicationTasks, type ReplicationRule, type ReplicationTask } from './tables.ts';

const timeMilliseconds = timeMinutes * 60_000;

/** `rule` is absent where the bucket has it no longer. Without a reason all went well. */
export async function settle(
  tx: WriteTransaction,
  cause: Cause,
  task: ReplicationTask,
  rule: ReplicationRule | undefined,
  reason?: Reason,
): Promise<void> {
  const { bucket, key, version, destination } = task;
  await replicationTasks.delete(tx, bucket, key, version, destination);
  for (const { job, number } of task.requests ?? []) await answer(tx, job, number, reason);
  await mark(tx, task, reason);
  if (reason !== undefined) return tell(tx, cause, task, rule, 'OperationFailedReplication', reason);
  if (cause.now - task.asked <= timeMilliseconds) return;
  if (!task.late) await tellLate(tx, cause, task, rule);
  if (rule && isTimed(rule)) await tell(tx, cause, task, rule, 'OperationReplicatedAfterThreshold');
}

/** Once a task has taken longer than its rule promises. Returns the task as it is then. */
export async function tellLate(
  tx: WriteTransaction,
  cause: Cause,
  task: ReplicationTask,
  rule: ReplicationRule | undefined,
): Promise<ReplicationTask> {
  if (!rule || !isTimed(rule) || task.late || cause.now - task.asked < timeMilliseconds) return task;
  await tell(tx, cause, task, rule, 'OperationMissedThreshold');
  return { ...task, late: true };
}

/** When a task that is still to be told late is to be looked at by then. */
export function lateAt(task: ReplicationTask, rule: ReplicationRule | undefined): number {
  return rule && isTimed(rule) && !task.late ? task.asked + timeMilliseconds : Infinity;
}

/** A version is done when all of its destinations have it, and failed when one of them cannot. */
async function mark(tx: WriteTransaction, { bucket, key, version }: ReplicationTask, reason: Reason | undefined): Promise<void> {
  const found = await findVersion(tx, bucket, key, version);
  if (!found || isDeleteMarker(found)) return;
  const others = reason === undefined && (await replicationTasks.scan(tx, [bucket, key, version], { limit: 1 })).length > 0;
  if (!others) await settleAnnotationsOf(tx, found, reason === undefined ? 'COMPLETED' : 'FAILED');
  if (found.replication === 'REPLICA') return;
  if (others || (reason === undefined && found.replication === 'FAILED')) return;
  await updateVersion(tx, { ...found, replication: reason === undefined ? 'COMPLETED' : 'FAILED' });
}

async function answer(tx: WriteTransaction, job: string, number: number, reason: Reason | undefined): Promise<void> {
  const row = await replicationRequests.get(tx, job, number);
  if (!row) return;
  const open = (row.open ?? 1) - 1;
  const failure = row.failure ?? reason;
  const next: ReplicationRequest = { ...row, open, ...(failure !== undefined && { failure }) };
  if (open <= 0) next.outcome = failure === undefined ? { status: 'COMPLETED' } : { status: 'FAILED', reason: failure };
  await replicationRequests.put(tx, next);
}

const operations = { object: 'OBJECT_PUT', marker: 'OBJECT_DELETE', description: 'OBJECT_METADATA_UPDATE' } as const;

async function tell(
  tx: WriteTransaction,
  cause: Cause,
  task: ReplicationTask,
  rule: ReplicationRule | undefined,
  name: string,
  failureReason?: Reason,
): Promise<void> {
  const owner = rule && isMeasured(rule) ? await buckets.get(tx, task.bucket) : undefined;
  if (!owner) return;
  const found = await findVersion(tx, task.bucket, task.key, task.version);
  await note(tx, cause, owner, {
    ...{ name: `Replication:${name}`, key: task.key, version: task.version === 'null' ? undefined : task.version },
    ...(found && !isDeleteMarker(found) && { object: found }),
    data: {
      replicationEventData: {
        replicationRuleId: task.rule,
        destinationBucket: bucketArn(task.destination),
        s3Operation: operations[task.kind],
        requestTime: new Date(task.asked).toISOString(),
        ...(failureReason !== undefined && { failureReason }),
      },
    },
  });
}
