/** Existing objects, for S3 Batch Operations: what a job asks for (framework/replication-requests.ts) becomes tasks like those of new objects. */

import { replicationRequests, type ReplicationRequest } from '../../../framework/replication-requests.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { read, requireBucket } from '../buckets/lookup.ts';
import { checkOn, objectContext } from '../permissions.ts';
import type { VersionRecord } from '../tables.ts';
import { findVersion, isCurrent, topOfHistory, updateVersion } from '../versions/history.ts';
import { isDeleteMarker } from '../versions/version.ts';
import type { Reason } from './refusal.ts';
import { rulesForMarker, rulesForObject } from './rule.ts';
import { askForReplicas, replicationRulesOf } from './tasks.ts';
import { replicationTasks, type ReplicationRule } from './tables.ts';

const pageSize = 32;
/** More tasks than this at once, and requests wait: a job of a million objects is taken in as it is worked off. */
const tasksMax = 256;

/** Begins with some of what batch jobs ask for; false when there was nothing to begin with, or enough is under way. */
export async function beginRequests(context: ReconcilerContext): Promise<boolean> {
  const { store } = context;
  const waiting = await store.read(async (tx) => {
    if ((await replicationTasks.scan(tx, [], { limit: tasksMax })).length >= tasksMax) return [];
    return (await replicationRequests.scanIndex(tx, 'waiting', [], { limit: pageSize })).map(({ row }) => row);
  });
  for (const request of waiting) {
    context.signal.throwIfAborted();
    const refusal = await refusalOf(context, request);
    await store.write((tx) => begin(tx, request, context.now, refusal));
  }
  return waiting.length > 0;
}

async function refusalOf(context: ReconcilerContext, { bucket, key, version, principal }: ReplicationRequest): Promise<Reason | undefined> {
  try {
    const found = await read(context, bucket, key, { version });
    const check = checkOn({ principal }, found, 's3:InitiateReplication', key, () => objectContext(found, version));
    return (await context.permits(check, principal, found.bucket.region)) ? undefined : 'InitiateReplicationNotPermitted';
  } catch (error) {
    if (error instanceof AwsError) return 'SrcVersionNotFound';
    throw error;
  }
}

async function begin(tx: WriteTransaction, asked: ReplicationRequest, now: number, refusal: Reason | undefined): Promise<void> {
  const row = await replicationRequests.get(tx, asked.job, asked.number);
  if (!row || row.open !== undefined) return;
  const failed = (reason: Reason) => replicationRequests.put(tx, { ...row, outcome: { status: 'FAILED', reason } });
  if (refusal) return failed(refusal);
  const bucket = await requireBucket(tx, row.bucket);
  if (!bucket.replication) return failed('SrcBucketReplicationConfigMissing');
  const version = await versionOf(tx, row);
  if (!version) return failed('SrcVersionNotFound');
  const rules = rulesForRequest(await replicationRulesOf(tx, bucket), version);
  if (rules.length === 0) return failed('SrcObjectNotEligible');
  const kind = isDeleteMarker(version) ? 'marker' : 'object';
  await askForReplicas(tx, version, rules, { kind, now, request: { job: row.job, number: row.number } });
  await replicationRequests.put(tx, { ...row, open: rules.length });
  if (!isDeleteMarker(version) && version.replication !== 'REPLICA') await updateVersion(tx, { ...version, replication: 'PENDING' });
}

async function versionOf(tx: WriteTransaction, { bucket, key, version }: ReplicationRequest): Promise<VersionRecord | undefined> {
  const found = await findVersion(tx, bucket, key, version);
  if (found || version !== undefined) return found;
  const top = await topOfHistory(tx, bucket, key);
  return top && isCurrent(top) ? top : undefined;
}

/** The rules that want a version which a job asks for. A job may replicate replicas too, which new ones are not. */
export function rulesForRequest(rules: readonly ReplicationRule[], version: VersionRecord): ReplicationRule[] {
  if (isDeleteMarker(version)) return rulesForMarker(rules, version.key);
  const { replication: _status, ...object } = version;
  return rulesForObject(rules, object);
}
