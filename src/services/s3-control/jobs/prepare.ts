/** Makes a job's tasks out of its manifest, from the beginning each time: what a killed process had made of them goes. */

import type { Aws } from '../../../framework/clients.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { jobs, jobTasks, type Job, type JobTask } from '../tables.ts';
import { JobFailure } from './failure.ts';
import { isAboutReplication } from './job.ts';
import { candidateEntries } from './manifests/candidates.ts';
import { generatedEntries } from './manifests/generator.ts';
import { manifestEntries, type Entry } from './manifests/manifest.ts';
import { writeManifest } from './manifests/output.ts';

const tasksPerWrite = 200;

export async function prepare(context: ReconcilerContext, job: Job, aws: Aws): Promise<void> {
  await dropTasks(context, job);
  const { account, region, id, generator } = job;
  const entries = entriesOf(context, job, aws);
  let total = 0;
  let batch: JobTask[] = [];
  for await (const entry of entries) {
    batch.push({ account, region, job: id, number: total++, ...entry });
    if (batch.length < tasksPerWrite) continue;
    context.signal.throwIfAborted();
    if (!(await keep(context, job, batch))) return;
    batch = [];
  }
  if (!(await keep(context, job, batch))) return;
  if (total === 0)
    throw new JobFailure('EmptyManifest', generator ? 'No objects match the filter of the manifest.' : 'The manifest lists no objects.');
  const location = generator?.EnableManifestOutput ? generator.ManifestOutputLocation : undefined;
  const generated = location && (await writeManifest(aws, context, job, location));
  const suspended = context.clock.now();
  await context.store.write(async (tx) => {
    const now = await jobs.get(tx, account, region, id);
    if (now?.status !== 'Preparing') return;
    const whatNext = now.confirmationRequired ? ({ status: 'Suspended', suspended } as const) : ({ status: 'Ready' } as const);
    await jobs.put(tx, { ...now, ...whatNext, total, isPrepared: true, ...(generated && { generated }) });
  });
}

function entriesOf({ store }: ReconcilerContext, job: Job, aws: Aws): AsyncGenerator<Entry, void> {
  const { generator } = job;
  if (!generator) return manifestEntries(aws, job.manifest!);
  return isAboutReplication(generator) ? candidateEntries(store, job.id, generator) : generatedEntries(aws, generator);
}

/** Keeps some tasks; false when the job is to be prepared no longer. */
async function keep({ store }: ReconcilerContext, { account, region, id }: Job, tasks: readonly JobTask[]): Promise<boolean> {
  return store.write(async (tx) => {
    if ((await jobs.get(tx, account, region, id))?.status !== 'Preparing') return false;
    for (const task of tasks) await jobTasks.put(tx, task);
    return true;
  });
}

/** Deletes the tasks of a job, some at a time. */
export async function dropTasks({ store, signal }: ReconcilerContext, { account, region, id }: Job): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const gone = await store.write(async (tx) => {
      const rows = await jobTasks.scan(tx, [account, region, id], { limit: tasksPerWrite });
      for (const { row } of rows) await jobTasks.delete(tx, account, region, id, row.number);
      return rows.length;
    }, 'relaxed');
    if (gone < tasksPerWrite) return;
  }
}
