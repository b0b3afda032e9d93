/** Jobs: how long they take, and what is told of them. */

import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { releaseParts } from '../archives/archive.ts';
import { jobNotFound } from '../errors.ts';
import { archives, jobs, type Job, type JobTier, type VaultName } from '../tables.ts';
import { requireVault } from '../vaults/lookup.ts';
import { vaultArn } from '../vaults/vault.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Shortest and longest wait: https://docs.aws.amazon.com/amazonglacier/latest/dev/downloading-an-archive-two-steps.html */
export const waits: Readonly<Record<JobTier, readonly [number, number]>> = {
  Expedited: [minute, 5 * minute],
  Standard: [3 * hour, 5 * hour],
  Bulk: [5 * hour, 12 * hour],
};

/** When a job that begins now will be done. */
export function dueOf({ now, random }: ServiceRequest, tier: JobTier): number {
  const [least, most] = waits[tier];
  return now + least + Math.floor(random.float() * (most - least));
}

/** Inside a transaction: a job that runs, or has run of late. Throws ResourceNotFoundException. */
export async function requireJob(tx: ReadTransaction, name: VaultName, id: string): Promise<Job> {
  const vault = await requireVault(tx, name);
  const job = await jobs.get(tx, name.account, name.region, name.name, id);
  if (!job || job.created < vault.created) throw jobNotFound(id);
  return job;
}

/** Lets go of bytes that neither an archive nor the output of a job needs any more. */
export async function releaseUnused(tx: WriteTransaction, request: Pick<ServiceRequest, 'blobs'>, content: string): Promise<void> {
  if ((await archives.find(tx, 'content', content)) ?? (await jobs.find(tx, 'content', content))) return;
  await releaseParts(tx, request, content);
}

/** As DescribeJob answers, and as the message to a topic says. */
export function descriptionOf(job: Job) {
  const { archive, range, inventory, completed } = job;
  return {
    JobId: job.id,
    ...(job.description !== undefined && { JobDescription: job.description }),
    Action: job.action,
    ...(archive && {
      ArchiveId: archive.id,
      ArchiveSizeInBytes: archive.size,
      ArchiveSHA256TreeHash: archive.treeHash,
      RetrievalByteRange: `${range!.start}-${range!.end - 1}`,
      ...(isWhole(job) && completed !== undefined && { SHA256TreeHash: archive.treeHash }),
      Tier: job.tier,
    }),
    VaultARN: vaultArn({ account: job.account, region: job.region, name: job.vault }),
    CreationDate: new Date(job.created).toISOString(),
    Completed: completed !== undefined,
    StatusCode: job.status,
    ...(job.message !== undefined && { StatusMessage: job.message }),
    ...(inventory && {
      InventoryRetrievalParameters: { Format: inventory.format },
      ...(inventory.size !== undefined && { InventorySizeInBytes: inventory.size }),
    }),
    ...(job.topic !== undefined && { SNSTopic: job.topic }),
    ...(completed !== undefined && { CompletionDate: new Date(completed).toISOString() }),
  };
}

/** Whether a job retrieves all of an archive. */
export function isWhole({ archive, range }: Job): boolean {
  return archive !== undefined && range!.start === 0 && range!.end === archive.size;
}
