/** Carries commands to their instances, and tells what became of them. A script goes on inside while Haneul does not. */

import { MachineFailed } from '../../../framework/machines.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { commands, invocations, invocationsOf, isOver, type Invocation, type RunCommand } from './command.ts';
import { planOf } from './documents.ts';

/** Scripts end without telling anybody. */
const lookMilliseconds = 1000;
/** https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command.html: history is kept for thirty days. */
const keptMilliseconds = 30 * 86_400_000;

export const runner: Reconciler = {
  name: 'ssm/commands',
  watches: [invocations],
  everyReal: lookMilliseconds,
  run: async (context) => {
    const { store, log, giveWay } = context;
    for (const { row } of await store.read((tx) => invocations.scanIndex(tx, 'work', []))) {
      await giveWay();
      await step(context, row).catch((error: unknown) => log(`ssm: ${row.command} on ${row.instance}: ${String(error)}`));
    }
  },
};

export const historian: Reconciler = {
  name: 'ssm/command-history',
  every: 3_600_000,
  run: async ({ store, now, giveWay }) => {
    for await (const row of commands.each(store)) {
      await giveWay();
      if (row.requestedAt > now - keptMilliseconds) continue;
      await store.write(async (tx) => {
        const of = await invocationsOf(tx, row);
        if (!of.every(isOver)) return;
        for (const { account, region, command, instance } of of) await invocations.delete(tx, account, region, command, instance);
        await commands.delete(tx, row.account, row.region, row.id);
      });
    }
  },
};

async function step(context: ReconcilerContext, row: Invocation): Promise<void> {
  const command = await context.store.read((tx) => commands.get(tx, row.account, row.region, row.command));
  if (command) await (row.status === 'Pending' ? deliver(context, row, command) : follow(context, row, command));
}

/** One that does not run yet, or never will, is tried again until the command expires. */
async function deliver({ store, host, clock }: ReconcilerContext, row: Invocation, command: RunCommand): Promise<void> {
  const now = clock.now();
  if (now >= command.expiresAt) return change({ store }, row, { status: 'TimedOut', details: 'Delivery Timed Out', endedAt: now });
  try {
    await host.scripts.begin(row.instance, row.command, planOf(command.document, command.parameters));
  } catch (error) {
    if (error instanceof MachineFailed) return;
    throw error;
  }
  await change({ store }, row, { status: 'InProgress', details: 'InProgress', startedAt: now });
}

async function follow({ store, host, clock }: ReconcilerContext, row: Invocation, command: RunCommand): Promise<void> {
  const { instance, command: name } = row;
  const now = clock.now();
  const isLate = now >= row.startedAt! + planOf(command.document, command.parameters).executionSeconds * 1000;
  const isCancelled = row.status === 'Cancelling';
  try {
    if (isLate || isCancelled) await host.scripts.end(instance, name);
    const seen = await host.scripts.look(instance, name);
    if (seen?.state === 'running') return;
    const ended = seen?.state === 'ended' ? seen : { code: -1, output: '', errors: 'The instance ended the command, or lost it.\n' };
    const failure = ended.code === 0 || isCancelled ? '' : `failed to run commands: exit status ${ended.code}`;
    await change({ store }, row, {
      ...outcome(ended.code, isCancelled, isLate && ended.code !== 0),
      ...{ code: ended.code, output: ended.output, errors: `${ended.errors}${failure}`, endedAt: now },
    });
    await host.scripts.forget(instance, name);
  } catch (error) {
    if (!(error instanceof MachineFailed)) throw error;
    await change({ store }, row, {
      status: 'Failed',
      details: 'Failed',
      errors: 'The instance stopped while the command ran.\n',
      endedAt: now,
    });
  }
}

function outcome(code: number, isCancelled: boolean, isLate: boolean): Pick<Invocation, 'status' | 'details'> {
  if (isLate) return { status: 'TimedOut', details: 'Execution Timed Out' };
  if (isCancelled && code !== 0) return { status: 'Cancelled', details: 'Cancelled' };
  return code === 0 ? { status: 'Success', details: 'Success' } : { status: 'Failed', details: 'Failed' };
}

/** What is over stays as it ended; what was cancelled meanwhile is not begun anew. */
async function change({ store }: Pick<ReconcilerContext, 'store'>, row: Invocation, next: Partial<Invocation>): Promise<void> {
  await store.write(async (tx) => {
    const present = await invocations.get(tx, row.account, row.region, row.command, row.instance);
    if (!present || isOver(present)) return;
    const isCancelling = present.status === 'Cancelling' && next.status === 'InProgress';
    await invocations.put(tx, { ...present, ...next, ...(isCancelling && { status: 'Cancelling', details: 'Cancelling' }) });
  });
}
