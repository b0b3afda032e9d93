/** In whose name replicas are made: the role of the configuration, what it must be allowed, and what KMS gives it. */

import type { BlobKey } from '../../../framework/blob-encryption/frames.ts';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { AssumedRole } from '../../../framework/principal.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { assumeServiceRole } from '../../../framework/service-role.ts';
import { serviceName } from '../buckets/bucket.ts';
import type { Found } from '../buckets/lookup.ts';
import { isDual, newReplicaKmsKey, openKmsKey, type KmsCaller } from '../encryption/kms-keys.ts';
import { checkOn, objectContext } from '../permissions.ts';
import type { Bucket, Encryption, ObjectRecord } from '../tables.ts';
import type { Keys } from './bytes.ts';
import { Refused, type Reason } from './refusal.ts';
import type { ReplicationRule } from './tables.ts';

/** Sessions of roles that one page of tasks shares. */
export type Roles = Map<string, Promise<AssumedRole | undefined>>;

export async function roleOf(
  context: ReconcilerContext,
  roles: Roles,
  { account, region, name, replication }: Bucket,
): Promise<AssumedRole> {
  const { role: roleArn } = replication!;
  const known = roles.get(`${account} ${roleArn}`);
  const session =
    known ?? assumeServiceRole(context, { roleArn, service: serviceName, account, region, session: `s3-replication-${name}` });
  roles.set(`${account} ${roleArn}`, session);
  const role = await session;
  if (!role) throw new Refused('AssumeRoleNotPermitted');
  return role;
}

/** The two ends of a replication, and the role that may work at both. */
export type Ends = { role: AssumedRole; rule: ReplicationRule; source: Found; destination: Found; key: string };

type Ask = (end: 'source' | 'destination', action: string, reason: Reason) => Promise<void>;

function asker(context: ReconcilerContext, { role, source, destination, key }: Ends): Ask {
  return async (end, action, reason) => {
    const found = end === 'source' ? source : destination;
    const check = checkOn({ principal: role }, found, action, key, () => objectContext(found, found.version));
    if (!(await context.permits(check, role, found.bucket.region))) throw new Refused(reason);
  };
}

/** Throws Refused for the first thing that the role may not. */
export async function checkObjectRights(context: ReconcilerContext, ends: Ends, object: ObjectRecord): Promise<void> {
  const ask = asker(context, ends);
  await ask('source', 's3:GetObjectVersionForReplication', 'SrcGetObjectNotPermitted');
  if (object.acl) await ask('source', 's3:GetObjectVersionAcl', 'SrcGetAclNotPermitted');
  if (object.tags) await ask('source', 's3:GetObjectVersionTagging', 'SrcGetTaggingNotPermitted');
  if (object.retention) await ask('source', 's3:GetObjectRetention', 'SrcGetObjectNotPermitted');
  if (object.legalHold !== undefined) await ask('source', 's3:GetObjectLegalHold', 'SrcGetObjectNotPermitted');
  await ask('destination', 's3:ReplicateObject', 'DstPutObjectNotPermitted');
  if (object.tags) await ask('destination', 's3:ReplicateTags', 'DstPutTaggingNotPermitted');
  if (ends.rule.Destination.AccessControlTranslation)
    await ask('destination', 's3:ObjectOwnerOverrideToBucketOwner', 'DstPutAclNotPermitted');
}

export async function checkMarkerRights(context: ReconcilerContext, ends: Ends): Promise<void> {
  await asker(context, ends)('destination', 's3:ReplicateDelete', 'DstDelObjNotPermitted');
}

/** How the replica is encrypted, and the keys for it. Only a key of KMS is another one there. */
export async function keysFor(
  context: ReconcilerContext,
  { role, rule, source, destination, key }: Ends,
  object: ObjectRecord,
): Promise<{ keys: Keys; encryption?: Encryption }> {
  const { encryption } = object;
  if (encryption?.mode !== 'kms') return { keys: 'same', ...(encryption && { encryption }) };
  const keyId = rule.Destination.EncryptionConfiguration?.ReplicaKmsKeyID;
  if (keyId === undefined) throw new Refused('SrcObjectNotEligible');
  const from = await asking('Src', openKmsKey(caller(context, role, source.bucket), object, encryption));
  const { bucket } = destination;
  const made = newReplicaKmsKey(
    caller(context, role, bucket),
    { bucket: bucket.name, key },
    { keyId, bucketKey: !isDual(encryption) && (encryption.bucketKey ?? bucket.encryption?.bucketKey ?? false), dual: isDual(encryption) },
  );
  const { wrapping: to, encryption: next } = await asking('Dst', made);
  return { keys: { from, to }, encryption: next };
}

/** The key that wraps those of a version at one end, as the role opens it. */
export async function keyOfVersion(
  context: ReconcilerContext,
  { role, source, destination }: Ends,
  end: 'source' | 'destination',
  version: ObjectRecord,
): Promise<BlobKey> {
  const { encryption } = version;
  if (encryption?.mode !== 'kms') return cloudKey(context, 's3');
  const { bucket } = end === 'source' ? source : destination;
  return asking(end === 'source' ? 'Src' : 'Dst', openKmsKey(caller(context, role, bucket), version, encryption));
}

function caller(context: ReconcilerContext, role: AssumedRole, { region }: Bucket): KmsCaller {
  const aws = context.awsAs(role, { account: role.account, region, via: [serviceName] });
  return { principal: role, aws, store: context.store, random: context.random, now: context.now };
}

async function asking<T>(end: 'Src' | 'Dst', call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const answer = error instanceof AwsError && error.cause instanceof AwsError ? error.cause : error;
    if (!(answer instanceof AwsError) || (answer.status ?? 400) >= 500) throw error;
    if (/AccessDenied/.test(answer.code)) throw new Refused(end === 'Src' ? 'SrcGetObjectNotPermitted' : 'DstPutObjectNotPermitted');
    throw new Refused(/NotFound/.test(answer.code) ? `${end}KmsKeyNotFound` : `${end}KmsKeyInvalidState`);
  }
}
