/** What a batch job finds to replicate, by the bucket's rules and by what became of each version before: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import {
  dropCandidates,
  replicationCandidates,
  replicationSearches,
  type ReplicationCandidate,
  type ReplicationSearch,
} from '../../../framework/replication-searches.ts';
import { read, requireBucket } from '../buckets/lookup.ts';
import { contents } from '../inventory/contents.ts';
import { checkOn } from '../permissions.ts';
import type { VersionRecord } from '../tables.ts';
import { isDeleteMarker, versionIdOf } from '../versions/version.ts';
import { rulesForRequest } from './existing.ts';
import { replicationRulesOf } from './tasks.ts';
import type { ReplicationRule } from './tables.ts';

const rowsPerWrite = 200;
/** AWS finds them by an inventory of the bucket, and asks for the right to order one. */
const actions = ['s3:GetReplicationConfiguration', 's3:PutInventoryConfiguration'];

export const candidateFinder: Reconciler = {
  name: 's3/replication-candidates',
  watches: [replicationSearches],
  run: async (context) => {
    for await (const search of replicationSearches.each(context.store)) {
      context.signal.throwIfAborted();
      if (!search.outcome) await answer(context, search);
    }
    return {};
  },
};

async function answer(context: ReconcilerContext, search: ReplicationSearch): Promise<void> {
  const reason = (await refusalOf(context, search)) ?? (await find(context, search));
  await context.store.write(async (tx) => {
    const present = await replicationSearches.get(tx, search.job);
    if (!present) return;
    const outcome = reason === undefined ? ({ status: 'COMPLETED' } as const) : ({ status: 'FAILED', reason } as const);
    await replicationSearches.put(tx, { ...present, outcome });
  });
}

async function refusalOf(context: ReconcilerContext, { bucket, owner, principal }: ReplicationSearch): Promise<string | undefined> {
  try {
    const found = await read(context, bucket, undefined);
    if (owner !== undefined && owner !== found.bucket.account) return `The bucket ${bucket} is of another account than ${owner}.`;
    for (const action of actions)
      if (!(await context.permits(checkOn({ principal }, found, action), principal, found.bucket.region)))
        return `The role of the job is not allowed to perform ${action} on ${bucket}.`;
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error.message;
    throw error;
  }
}

/** Writes down what fits, from the beginning: what a killed process had found goes. Resolves to why nothing can be found. */
async function find(context: ReconcilerContext, search: ReplicationSearch): Promise<string | undefined> {
  const { store, signal } = context;
  const rules = await store.read(async (tx) => {
    const bucket = await requireBucket(tx, search.bucket);
    return bucket.replication && (await replicationRulesOf(tx, bucket));
  });
  if (search.eligible !== undefined && !rules) return `The bucket ${search.bucket} has no replication configuration.`;
  await dropCandidates(store, search.job);
  let number = 0;
  let batch: ReplicationCandidate[] = [];
  for await (const version of contents(store, search.bucket, '', true)) {
    if (!fits(search, rules ?? [], version)) continue;
    batch.push({ job: search.job, number: number++, ...described(version) });
    if (batch.length < rowsPerWrite) continue;
    signal.throwIfAborted();
    await keep(context, search.job, batch);
    batch = [];
  }
  await keep(context, search.job, batch);
  return undefined;
}

function fits({ eligible, statuses }: ReplicationSearch, rules: readonly ReplicationRule[], version: VersionRecord): boolean {
  if (eligible !== undefined && rulesForRequest(rules, version).length > 0 !== eligible) return false;
  const status = isDeleteMarker(version) ? undefined : version.replication;
  return statuses === undefined || statuses.includes(status ?? 'NONE');
}

function described(version: VersionRecord): Pick<ReplicationCandidate, 'key' | 'version' | 'modified' | 'size' | 'storageClass'> {
  const { key, modified } = version;
  const { size, storageClass } = isDeleteMarker(version) ? { size: 0, storageClass: undefined } : version;
  return { key, version: versionIdOf(version), modified, size, storageClass: storageClass ?? 'STANDARD' };
}

/** Nothing where the job has given up meanwhile. */
async function keep({ store }: ReconcilerContext, job: string, candidates: readonly ReplicationCandidate[]): Promise<void> {
  await store.write(async (tx) => {
    if (!(await replicationSearches.get(tx, job))) return;
    for (const candidate of candidates) await replicationCandidates.put(tx, candidate);
  }, 'relaxed');
}
