/** Writing down, in the transaction in which a version is made or changed, that its destinations are to have it too. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { bucketOfArn } from '../buckets/bucket.ts';
import type { Bucket, ObjectRecord } from '../tables.ts';
import { versionIdOf } from '../versions/version.ts';
import { rulesForDescription, rulesForMarker, rulesForObject } from './rule.ts';
import { replicationRules, replicationTasks, type ReplicationRule, type ReplicationTask } from './tables.ts';

/** By revision, which the bucket's record names: rules that another process replaced are never used. */
const known = new Map<string, readonly ReplicationRule[]>();
const knownMax = 1000;

/** The rules of a bucket in their order; none without a configuration. */
export async function replicationRulesOf(tx: ReadTransaction, { name, replication }: Bucket): Promise<readonly ReplicationRule[]> {
  if (!replication) return [];
  const remembered = known.get(replication.revision);
  if (remembered) return remembered;
  const rules = (await replicationRules.scan(tx, [name])).map(({ row }) => row.rule);
  keepNewest(known, knownMax, replication.revision, rules);
  return rules;
}

/** Which rules want a new object. Costs nothing in a bucket that does not replicate. */
export async function replicatingRules(tx: ReadTransaction, bucket: Bucket, object: ObjectRecord): Promise<readonly ReplicationRule[]> {
  return bucket.replication ? rulesForObject(await replicationRulesOf(tx, bucket), object) : [];
}

type Subject = Pick<ObjectRecord, 'bucket' | 'key' | 'version'>;
type Wish = { kind: ReplicationTask['kind']; now: number; request?: NonNullable<ReplicationTask['requests']>[number] };

/** One task for each rule. What has still to be made is made as it is then: a change of it asks for nothing more. */
export async function askForReplicas(tx: WriteTransaction, subject: Subject, rules: readonly ReplicationRule[], wish: Wish): Promise<void> {
  const { bucket, key } = subject;
  const version = versionIdOf(subject);
  const { kind, now, request } = wish;
  for (const rule of rules) {
    const destination = bucketOfArn(rule.Destination.Bucket)!;
    const pending = await replicationTasks.get(tx, bucket, key, version, destination);
    if (pending && kind === 'description') continue;
    const requests = [...(pending?.requests ?? []), ...(request ? [request] : [])];
    await replicationTasks.put(tx, {
      ...{ bucket, key, version, destination, rule: rule.ID!, kind, asked: now, at: now, failures: 0 },
      ...(requests.length > 0 && { requests }),
    });
  }
}

/** A delete marker that a user has made. What lifecycle rules delete is for the lifecycle rules of the destination. */
export async function replicateMarker(tx: WriteTransaction, bucket: Bucket, marker: Subject, now: number): Promise<void> {
  if (!bucket.replication) return;
  await askForReplicas(tx, marker, rulesForMarker(await replicationRulesOf(tx, bucket), marker.key), { kind: 'marker', now });
}

/** Other tags, another ACL, another lock: what is to be written of the version in its bucket, where that replicates. */
export async function replicateDescription<Version extends ObjectRecord>(
  tx: WriteTransaction,
  bucket: Bucket,
  changed: Version,
  now: number,
): Promise<Version> {
  if (!bucket.replication || changed.replication === undefined) return changed;
  const rules = rulesForDescription(await replicationRulesOf(tx, bucket), changed);
  await askForReplicas(tx, changed, rules, { kind: 'description', now });
  return rules.length === 0 || changed.replication === 'REPLICA' ? changed : { ...changed, replication: 'PENDING' };
}

/** Whether an annotation that has come is wanted elsewhere, which is then asked for. The object's own state stays what it is. */
export async function replicateAnnotation(tx: WriteTransaction, bucket: Bucket, object: ObjectRecord, now: number): Promise<boolean> {
  if (!bucket.replication || object.replication === undefined) return false;
  const rules = rulesForDescription(await replicationRulesOf(tx, bucket), object);
  await askForReplicas(tx, object, rules, { kind: 'description', now });
  return rules.length > 0;
}

export async function dropReplicationRules(tx: WriteTransaction, bucket: string): Promise<void> {
  for (const { row } of await replicationRules.scan(tx, [bucket])) await replicationRules.delete(tx, bucket, row.number);
}
