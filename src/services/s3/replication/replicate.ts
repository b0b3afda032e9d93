/** One task of replication: the version as it is at its source now is made so at the destination, in one transaction. */

import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { bucketOfArn } from '../buckets/bucket.ts';
import { read, type Found } from '../buckets/lookup.ts';
import { note, type Cause } from '../notifications/note.ts';
import { defaultRetention, isProtected } from '../object-lock/lock.ts';
import { buckets, parts, versions, type Bucket, type ObjectRecord, type Part } from '../tables.ts';
import { bound } from '../storage-classes/zone.ts';
import { findVersion, insertVersion, removeVersion, updateVersion } from '../versions/history.ts';
import { isDeleteMarker, placeOf, versionIdOf } from '../versions/version.ts';
import { carry, letGo, takeOver, type Carried } from './bytes.ts';
import { checkMarkerRights, checkObjectRights, keysFor, roleOf, type Ends, type Roles } from './hands.ts';
import { settleAnnotations } from '../storage-classes/settlement.ts';
import { askAgain, carrierFor, carryAnnotations, type Carrier } from './annotations.ts';
import { meterReplica } from './metering.ts';
import { Refused } from './refusal.ts';
import { describedAnew, replicaOf } from './replica.ts';
import { settle } from './settle.ts';
import { replicationRulesOf } from './tasks.ts';
import { replicationTasks, type ReplicationRule, type ReplicationTask } from './tables.ts';

export type Pass = { context: ReconcilerContext; cause: Cause; roles: Roles };

/** The rule that a task stands for, where the bucket still has it. */
export async function ruleOf({ context }: Pass, task: ReplicationTask): Promise<{ bucket?: Bucket; rule?: ReplicationRule }> {
  return context.store.read(async (tx) => {
    const bucket = await buckets.get(tx, task.bucket);
    const rules = bucket ? await replicationRulesOf(tx, bucket) : [];
    const rule = rules.find(({ ID, Destination }) => ID === task.rule && bucketOfArn(Destination.Bucket) === task.destination);
    return { ...(bucket && { bucket }), ...(rule && { rule }) };
  });
}

/** Resolves when the destination has the version, or the version is gone. Throws Refused for what trying again does not change. */
export async function replicate(pass: Pass, task: ReplicationTask, bucket: Bucket, rule: ReplicationRule | undefined): Promise<void> {
  const { context } = pass;
  const source = await read(context, bucket.name, task.key, { version: task.version });
  if (!source.object && !source.deleteMarker) return drop(pass, task);
  if (!rule) throw new Refused('SrcBucketReplicationConfigMissing');
  const role = await roleOf(context, pass.roles, bucket);
  const destination = await destinationFor(context, task, rule);
  const ends: Ends = { role, rule, source, destination, key: task.key };
  if (source.deleteMarker) return replicateMarker({ ...pass, cause: { ...pass.cause, principal: role } }, task, ends);
  await checkObjectRights(context, ends, source.object!);
  return replicateObject({ ...pass, cause: { ...pass.cause, principal: role } }, task, ends, source.object!);
}

/** Nothing is left to replicate: the version was deleted, or its bucket. */
export async function drop({ context, cause }: Pass, task: ReplicationTask): Promise<void> {
  await context.store.write((tx) => settle(tx, cause, task, undefined, 'SrcVersionNotFound'));
}

async function destinationFor(context: ReconcilerContext, task: ReplicationTask, { Destination }: ReplicationRule): Promise<Found> {
  try {
    const found = await read(context, task.destination, task.key, { version: task.version });
    if (Destination.Account !== undefined && Destination.Account !== found.bucket.account) throw new Refused('DstBucketNotFound');
    if (found.bucket.versioning !== 'Enabled') throw new Refused('DstBucketUnversioned');
    return found;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchBucket') throw new Refused('DstBucketNotFound');
    throw error;
  }
}

async function replicateMarker(pass: Pass, task: ReplicationTask, ends: Ends): Promise<void> {
  const { context, cause } = pass;
  await checkMarkerRights(context, ends);
  await context.store.write(async (tx) => {
    const at = await present(tx, task);
    if (!at) return;
    const marker = await findMarker(tx, task);
    if (!marker) return settle(tx, cause, at, ends.rule, 'SrcVersionNotFound');
    if (!(await versions.get(tx, task.destination, task.key, placeOf(marker)))) {
      const { since: _since, ...rest } = marker;
      const destination = await requireDestination(tx, task);
      await insertVersion(tx, cause, { ...rest, bucket: task.destination });
      await note(tx, cause, destination, { name: 'ObjectRemoved:DeleteMarkerCreated', key: task.key, version: marker.version });
    }
    await settle(tx, cause, at, ends.rule);
  });
  meterReplica(context, ends, task.kind, 0);
}

async function findMarker(tx: WriteTransaction, { bucket, key, version }: ReplicationTask) {
  const found = await findVersion(tx, bucket, key, version);
  return found && isDeleteMarker(found) ? found : undefined;
}

/** A task that was done or replaced meanwhile is not there any more as it was. */
export async function present(tx: WriteTransaction, task: ReplicationTask): Promise<ReplicationTask | undefined> {
  return replicationTasks.get(tx, task.bucket, task.key, task.version, task.destination);
}

async function requireDestination(tx: WriteTransaction, { destination }: ReplicationTask): Promise<Bucket> {
  const bucket = await buckets.get(tx, destination);
  if (!bucket) throw new Refused('DstBucketNotFound');
  if (bucket.versioning !== 'Enabled') throw new Refused('DstBucketUnversioned');
  return bucket;
}

async function replicateObject(pass: Pass, task: ReplicationTask, ends: Ends, seen: ObjectRecord): Promise<void> {
  const { context } = pass;
  const { bucket: destination, object: there } = ends.destination;
  if ((seen.retention || seen.legalHold !== undefined) && !destination.objectLock) throw new Refused('DstBucketObjectLockConfigMissing');
  if (there && isSame(there, seen)) return describe(pass, task, ends, { seen, there });
  if (task.kind === 'description') throw new Refused('DstObjectHardDeleted');
  const { keys, encryption } = await keysFor(context, ends, seen);
  const rows = seen.parts ? await partsOf(context, seen.parts.id) : [];
  const carrier = await carrierFor(context, ends, seen, seen, keys === 'same' ? await cloudKey(context, 's3') : keys.to);
  const carried = await carry(context, seen, rows, keys, await cloudKey(context, 's3'));
  try {
    const size = await context.store.write((tx) => write(tx, pass, task, ends, { seen, carried, encryption, carrier }));
    if (size !== undefined) meterReplica(context, ends, task.kind, size);
    else await letGo(context.blobs, carried);
  } catch (error) {
    await letGo(context.blobs, carried);
    throw error;
  }
}

function isSame(there: ObjectRecord, source: ObjectRecord): boolean {
  return versionIdOf(there) === versionIdOf(source) && there.modified === source.modified && there.size === source.size;
}

async function partsOf({ store }: ReconcilerContext, id: string): Promise<Part[]> {
  return store.read(async (tx) => (await parts.scan(tx, [id])).map(({ row }) => row));
}

type Made = { seen: ObjectRecord; carried: Carried; encryption: ObjectRecord['encryption']; carrier: Carrier | undefined };

/** Returns the bytes that were replicated; undefined where nothing was to be written any more. */
async function write(
  tx: WriteTransaction,
  { context, cause }: Pass,
  task: ReplicationTask,
  ends: Ends,
  made: Made,
): Promise<number | undefined> {
  const at = await present(tx, task);
  if (!at) return undefined;
  const object = await findVersion(tx, task.bucket, task.key, task.version);
  if (!object || isDeleteMarker(object)) {
    await settle(tx, cause, at, ends.rule, 'SrcVersionNotFound');
    return undefined;
  }
  if (object.blob?.id !== made.seen.blob?.id || object.parts?.id !== made.seen.parts?.id || object.dataKey !== made.seen.dataKey)
    throw new Error('the version has other bytes by now');
  const destination = await requireDestination(tx, task);
  const like = replicaOf({ source: ends.source.bucket, destination, rule: ends.rule }, object, made.encryption, cause.now);
  const replica = await bound(tx, destination, like, cause.now);
  await makeRoom(tx, context, replica);
  const bytes = await takeOver(tx, context.blobs, object, made.carried);
  const annotated = await carryAnnotations(tx, context, { source: object, replica, carrier: made.carrier, which: 'all' });
  await insertVersion(tx, cause, { ...replica, ...bytes, ...annotated, ...defaultRetention(destination, replica, cause.now) });
  await note(tx, cause, destination, { name: 'ObjectCreated:Put', key: task.key, object: replica, version: replica.version });
  await settle(tx, cause, at, ends.rule);
  await askAgain(tx, context, { source: object, rule: ends.rule, carrier: made.carrier });
  return object.size;
}

/** Of a null version there is only one. */
async function makeRoom(tx: WriteTransaction, { blobs, now }: ReconcilerContext, replica: ObjectRecord): Promise<void> {
  const old = await findVersion(tx, replica.bucket, replica.key, versionIdOf(replica));
  if (!old) return;
  if (!isDeleteMarker(old) && isProtected(old, now)) throw new Refused('DstPutObjectNotPermitted');
  await removeVersion(tx, blobs, old);
}

/** What is there already is described as the source is now. */
async function describe(
  { context, cause }: Pass,
  task: ReplicationTask,
  ends: Ends,
  { seen, there: replica }: { seen: ObjectRecord; there: ObjectRecord },
): Promise<void> {
  const { rule, source } = ends;
  const carrier = await carrierFor(context, ends, seen, replica);
  const old = await context.store.write(async (tx) => {
    const at = await present(tx, task);
    if (!at) return undefined;
    const object = await findVersion(tx, task.bucket, task.key, task.version);
    const there = await findVersion(tx, task.destination, task.key, task.version);
    if (!object || isDeleteMarker(object)) {
      await settle(tx, cause, at, rule, 'SrcVersionNotFound');
      return undefined;
    }
    if (!there || isDeleteMarker(there)) {
      await settle(tx, cause, at, rule, 'DstObjectHardDeleted');
      return undefined;
    }
    const destination = await requireDestination(tx, task);
    const annotated = await carryAnnotations(tx, context, { source: object, replica: there, carrier, which: 'new' });
    await updateVersion(tx, { ...describedAnew({ source: source.bucket, destination, rule }, there, object), ...annotated });
    await settle(tx, cause, at, rule);
    await askAgain(tx, context, { source: object, rule, carrier });
    return there;
  });
  if (old) await settleAnnotations(context, ends.destination.bucket, old, context.now);
}
