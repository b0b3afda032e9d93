/** Runs jobs: completes each when its time has come, tells the topics that wait for it, and forgets it a day later. */

import { parseArn } from '../../../framework/arn.ts';
import type { ServicePrincipal } from '../../../framework/principal.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { dayMilliseconds } from '../limits.ts';
import { archives, jobs, parts, vaults, type Job } from '../tables.ts';
import { vaultArn } from '../vaults/vault.ts';
import { descriptionOf, releaseUnused } from './job.ts';
import { stageInventory } from './output.ts';

const serviceName = 'glacier.amazonaws.com';
const firstDelayMilliseconds = 60_000;
/** How long a job and its output stay when it is done. */
const keptMilliseconds = dayMilliseconds;

export const runner: Reconciler = {
  name: 'glacier/jobs',
  watches: [jobs],
  run: async (context) => {
    for (;;) {
      context.signal.throwIfAborted();
      const [next] = await context.store.read((tx) => jobs.scanIndex(tx, 'at', [], { limit: 1 }));
      if (!next) return;
      if (next.row.at > context.now) return { nextAt: next.row.at };
      await step(context, next.row);
    }
  },
};

async function step(context: ReconcilerContext, job: Job): Promise<void> {
  if (job.completed === undefined) await (job.archive ? completeArchive(context, job) : completeInventory(context, job));
  else if (job.untold.length > 0 && context.now < job.completed + keptMilliseconds) await tell(context, job);
  else await forget(context, job);
}

async function completeArchive({ store }: ReconcilerContext, job: Job): Promise<void> {
  const { account, region, vault, archive } = job;
  await store.write(async (tx) => {
    const present = await archives.get(tx, account, region, vault, archive!.id);
    const topics = topicsOf(job, (await vaults.get(tx, account, region, vault))?.notifications);
    await jobs.put(tx, present ? { ...succeeded(job, topics), content: present.content } : failed(job, topics, 'The archive was deleted.'));
  });
}

async function completeInventory(context: ReconcilerContext, job: Job): Promise<void> {
  const { store, blobs } = context;
  const { account, region, name } = { ...job, name: job.vault };
  const vault = await store.read((tx) => vaults.get(tx, account, region, name));
  if (!vault?.inventory) return store.write((tx) => jobs.put(tx, failed(job, topicsOf(job), 'The vault was deleted.')));
  const { staged, dataKey } = await stageInventory(context, vault, job);
  const size = staged.taken;
  try {
    await store.write(async (tx) => {
      await blobs.adopt(tx, staged);
      await parts.put(tx, { content: job.id, start: 0, size, treeHash: '', blob: staged.ref, dataKey });
      const done = succeeded(job, topicsOf(job, vault.notifications));
      await jobs.put(tx, { ...done, content: job.id, inventory: { ...job.inventory!, size } });
    });
  } catch (error) {
    await blobs.discard(staged);
    throw error;
  }
}

const succeeded = (job: Job, untold: string[]): Job => ({
  ...job,
  ...{ status: 'Succeeded', message: 'Succeeded', untold },
  ...{ completed: job.at, at: untold.length > 0 ? job.at : job.at + keptMilliseconds },
});
const failed = (job: Job, untold: string[], message: string): Job => ({ ...succeeded(job, untold), status: 'Failed', message });

/** The topic that the job named, and the vault's where it wants to know of this kind of job. */
function topicsOf(job: Job, notifications?: { topic: string; events: string[] }): string[] {
  const topics = new Set(job.topic === undefined ? [] : [job.topic]);
  if (notifications?.events.includes(`${job.action}Completed`)) topics.add(notifications.topic);
  return [...topics];
}

/** Tells one topic. What was told and is not crossed out when a crash comes is told twice. */
async function tell(context: ReconcilerContext, job: Job): Promise<void> {
  const [topic, ...untold] = job.untold;
  const { account, region } = parseArn(topic!)!;
  const kept = job.completed! + keptMilliseconds;
  let next: Job = { ...job, untold, failures: 0, at: untold.length > 0 ? job.at : kept };
  try {
    await context.awsAs(principalOf(job), { account, region }).sns('Publish', {
      TopicArn: topic,
      Subject: 'Notification From Amazon Glacier',
      Message: JSON.stringify(descriptionOf(job)),
    });
  } catch (error) {
    context.log(`job ${job.id} of vault ${job.vault} did not reach ${topic}: ${(error as Error).message}`);
    // The others have their turn before it is tried again.
    const delay = firstDelayMilliseconds * 2 ** Math.min(job.failures, 10);
    next = { ...job, untold: [...untold, topic!], failures: job.failures + 1, at: Math.min(context.now + delay, kept) };
  }
  await context.store.write((tx) => jobs.put(tx, next));
}

function principalOf({ account, region, vault }: Job): ServicePrincipal {
  return {
    ...{ type: 'Service', account, arn: '', id: serviceName, name: serviceName },
    ...{ sourceArn: vaultArn({ account, region, name: vault }), sourceAccount: account },
  };
}

async function forget({ store, blobs }: ReconcilerContext, { account, region, vault, id, content }: Job): Promise<void> {
  await store.write(async (tx) => {
    await jobs.delete(tx, account, region, vault, id);
    if (content !== undefined) await releaseUnused(tx, { blobs }, content);
  });
}
