/** InitiateJob: https://docs.aws.amazon.com/amazonglacier/latest/dev/api-initiate-job-post.html */

import { parseArn } from '../../../framework/arn.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { checkedDescription } from '../archives/archive.ts';
import { leafBytes } from '../archives/tree-hash.ts';
import { archiveNotFound, invalidParameter, inventoryMissing, missingParameter } from '../errors.ts';
import { countRetrieval } from '../retrieval-policies/quota.ts';
import type { Input, Operation } from '../sdk.ts';
import { archives, jobs, type Job, type JobTier, type Vault } from '../tables.ts';
import { requireFound, requireVault } from '../vaults/lookup.ts';
import { vaultArn, vaultPath } from '../vaults/vault.ts';
import { dueOf, waits } from './job.ts';

type Parameters = NonNullable<Input<'InitiateJob'>['jobParameters']>;

export const InitiateJob: Operation<'InitiateJob'> = async (request, input) => {
  const vault = await requireFound(request, input);
  const asked = input.jobParameters;
  if (asked?.Type === undefined) throw missingParameter('Required parameter missing: Type');
  const job = asked.Type === 'archive-retrieval' ? await archiveJob(request, vault, asked) : inventoryJob(request, vault, asked);
  await request.store.write(async (tx) => {
    await requireVault(tx, vault);
    await countRetrieval(tx, job);
    await jobs.put(tx, job);
  });
  if (job.range) {
    const resource = vaultArn(vault);
    const quantity = job.range.end - job.range.start;
    request.use({ usageType: `${job.tier}-Retrieval-Bytes`, quantity, unit: 'Bytes', resource, account: job.account });
  }
  return { location: `${vaultPath(vault)}/jobs/${job.id}`, jobId: job.id };
};

async function archiveJob(request: ServiceRequest, vault: Vault, asked: Parameters): Promise<Job> {
  if (asked.ArchiveId === undefined) throw missingParameter('Required parameter missing: ArchiveId');
  if (asked.Format !== undefined || asked.InventoryRetrievalParameters)
    throw invalidParameter('Format and InventoryRetrievalParameters are for inventory-retrieval jobs.');
  const { account, region, name } = vault;
  const archive = await request.store.read((tx) => archives.get(tx, account, region, name, asked.ArchiveId!));
  if (!archive) throw archiveNotFound(asked.ArchiveId);
  const range = checkedRange(asked.RetrievalByteRange, archive.size);
  const tier = (asked.Tier ?? 'Standard') as JobTier;
  if (!Object.hasOwn(waits, tier)) throw invalidParameter(`Invalid Tier: ${tier}`);
  return { ...newJob(request, vault, asked, tier), action: 'ArchiveRetrieval', archive, range };
}

function inventoryJob(request: ServiceRequest, vault: Vault, asked: Parameters): Job {
  if (asked.Type === 'select') throw notImplemented('glacier:InitiateJob with Type=select');
  if (asked.Type !== 'inventory-retrieval') throw invalidParameter(`Invalid job type: ${asked.Type}`);
  if (asked.InventoryRetrievalParameters) throw notImplemented('glacier:InitiateJob with InventoryRetrievalParameters');
  if (asked.ArchiveId !== undefined || asked.RetrievalByteRange !== undefined || asked.Tier !== undefined)
    throw invalidParameter('ArchiveId, RetrievalByteRange and Tier are for archive-retrieval jobs.');
  const format = asked.Format ?? 'JSON';
  if (format !== 'JSON' && format !== 'CSV') throw invalidParameter(`Invalid Format: ${format}`);
  if (!vault.inventory) throw inventoryMissing(vaultArn(vault));
  return { ...newJob(request, vault, asked, 'Standard'), action: 'InventoryRetrieval', inventory: { format, counted: vault.inventory.at } };
}

function newJob(request: ServiceRequest, vault: Vault, asked: Parameters, tier: JobTier): Omit<Job, 'action'> {
  const { account, region, name } = vault;
  const { Description: description, SNSTopic: topic } = asked;
  if (description !== undefined) checkedDescription(description);
  if (topic !== undefined && parseArn(topic)?.service !== 'sns') throw invalidParameter(`Invalid SNS topic ARN: ${topic}`);
  return {
    ...{ account, region, vault: name, id: request.random.bytes(69).toString('base64url'), tier, status: 'InProgress' },
    ...{ created: request.now, at: dueOf(request, tier), untold: [], failures: 0 },
    ...(description !== undefined && { description }),
    ...(topic !== undefined && { topic }),
  };
}

/** Whole MiB, or to the archive's end. Throws InvalidParameterValueException. */
function checkedRange(text: string | undefined, size: number): { start: number; end: number } {
  if (text === undefined) return { start: 0, end: size };
  const [, first, last] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  const [start, end] = [Number(first), Number(last) + 1];
  const aligned = start % leafBytes === 0 && (end % leafBytes === 0 || end === size);
  if (first === undefined || start >= end || end > size || !aligned) throw invalidParameter(`Invalid RetrievalByteRange: ${text}`);
  return { start, end };
}
