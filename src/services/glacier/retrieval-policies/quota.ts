/**
 * What the policy of an account lets it retrieve. It speaks of standard retrievals, which take about four hours: a job's bytes come evenly over
 * these. https://docs.aws.amazon.com/amazonglacier/latest/dev/data-retrieval-policy.html
 */

import type { WriteTransaction } from '../../../store/store.ts';
import { policyEnforced } from '../errors.ts';
import { freeBytesPerMonth, standardRetrievalHours } from '../limits.ts';
import { jobs, retrievalPolicies, retrievedBytes, type Job } from '../tables.ts';

/** Counts a job that is about to begin. Throws PolicyEnforcedException where it would exceed the policy of its account. */
export async function countRetrieval(tx: WriteTransaction, job: Job): Promise<void> {
  if (job.action !== 'ArchiveRetrieval' || job.tier !== 'Standard') return;
  const { account, region } = job;
  const policy = await retrievalPolicies.get(tx, account, region);
  const month = new Date(job.created).toISOString().slice(0, 7);
  const before = await retrievedBytes.get(tx, account, region);
  const bytes = (before?.month === month ? before.bytes : 0) + bytesOf(job);
  if (policy?.strategy === 'FreeTier' && bytes > freeBytesPerMonth) throw policyEnforced();
  if (policy?.strategy === 'BytesPerHour' && (await rateWith(tx, job)) > policy.bytesPerHour!) throw policyEnforced();
  await retrievedBytes.put(tx, { account, region, month, bytes });
}

const bytesOf = ({ range }: Job): number => range!.end - range!.start;

/** Bytes an hour of what is being retrieved, with the new job. */
async function rateWith(tx: WriteTransaction, job: Job): Promise<number> {
  const running = (await jobs.scan(tx, [job.account, job.region])).map(({ row }) => row);
  const counted = running.filter(
    ({ action, tier, status }) => action === 'ArchiveRetrieval' && tier === 'Standard' && status === 'InProgress',
  );
  return [...counted, job].reduce((sum, each) => sum + bytesOf(each), 0) / standardRetrievalHours;
}
