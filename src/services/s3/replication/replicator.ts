/**
 * Makes replicas: what is due, a few keys at a time, the versions of one key in the order in which they were asked for. What fails for a
 * passing reason is tried again, later each time; a crash leaves its task, and nothing half-done.
 */

import { replicationRequests } from '../../../framework/replication-requests.ts';
import type { Reconciler } from '../../../framework/reconciler.ts';
import { causeOf } from '../notifications/note.ts';
import { beginRequests } from './existing.ts';
import { Refused, type Reason } from './refusal.ts';
import { drop, present, replicate, ruleOf, type Pass } from './replicate.ts';
import { lateAt, settle, tellLate } from './settle.ts';
import { replicationTasks, type ReplicationRule, type ReplicationTask } from './tables.ts';

const pageSize = 64;
const keysAtOnce = 8;
const firstDelayMilliseconds = 1_000;
const delayMillisecondsMax = 15 * 60_000;
const triedMillisecondsMax = 24 * 3_600_000;

export const replicator: Reconciler = {
  name: 's3/replication',
  watches: [replicationTasks, replicationRequests],
  run: async (context) => {
    for (;;) {
      context.signal.throwIfAborted();
      const begun = await beginRequests(context);
      const page = await context.store.read((tx) => replicationTasks.scanIndex(tx, 'at', [], { limit: pageSize }));
      const due = page.map(({ row }) => row).filter((task) => task.at <= context.now);
      if (due.length === 0 && !begun) return page[0] ? { nextAt: page[0].row.at } : {};
      const pass: Pass = { context, cause: causeOf(context), roles: new Map() };
      const keys = byKey(due);
      await Promise.all(Array.from({ length: keysAtOnce }, () => work(pass, keys)));
    }
  },
};

/** Versions of one key, the one asked for first in front. Ids sort newest first, so they tell apart what was asked for at once. */
function byKey(tasks: readonly ReplicationTask[]): ReplicationTask[][] {
  const groups = new Map<string, ReplicationTask[]>();
  for (const task of tasks) {
    const name = `${task.bucket}/${task.key}`;
    const group = groups.get(name);
    if (group) group.push(task);
    else groups.set(name, [task]);
  }
  for (const group of groups.values()) group.sort((a, b) => a.asked - b.asked || (a.version < b.version ? 1 : -1));
  return [...groups.values()];
}

async function work(pass: Pass, keys: ReplicationTask[][]): Promise<void> {
  for (let tasks = keys.shift(); tasks; tasks = keys.shift())
    for (const task of tasks) {
      pass.context.signal.throwIfAborted();
      await attempt(pass, task);
    }
}

async function attempt(pass: Pass, task: ReplicationTask): Promise<void> {
  const { bucket, rule } = await ruleOf(pass, task);
  if (!bucket) return drop(pass, task);
  try {
    await replicate(pass, task, bucket, rule);
  } catch (error) {
    if (pass.context.signal.aborted) throw error;
    if (error instanceof Refused) return fail(pass, task, rule, error.reason);
    pass.context.log(`${task.key} of ${task.bucket} did not reach ${task.destination}: ${(error as Error).message}`);
    if (pass.context.now - task.asked > triedMillisecondsMax) return fail(pass, task, rule, 'TriedTooLong');
    await again(pass, task, rule);
  }
}

async function fail({ context, cause }: Pass, task: ReplicationTask, rule: ReplicationRule | undefined, reason: Reason): Promise<void> {
  await context.store.write(async (tx) => {
    const at = await present(tx, task);
    if (at) await settle(tx, cause, at, rule, reason);
  });
}

async function again({ context, cause }: Pass, task: ReplicationTask, rule: ReplicationRule | undefined): Promise<void> {
  await context.store.write(async (tx) => {
    const waiting = await present(tx, task);
    if (!waiting) return;
    const told = await tellLate(tx, cause, waiting, rule);
    const delay = Math.min(firstDelayMilliseconds * 2 ** Math.min(told.failures, 20), delayMillisecondsMax);
    const at = Math.min(context.now + delay, lateAt(told, rule));
    await replicationTasks.put(tx, { ...told, failures: told.failures + 1, at });
  });
}
