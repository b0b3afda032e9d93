/** DeleteObject and DeleteObjects: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */

import type { Check } from '../../../framework/authorization.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { checkExpectedOwner, lookUp, requireBucket } from '../buckets/lookup.ts';
import { invalidRequest, invalidVersionId, malformedXml, noSuchVersion } from '../errors.ts';
import { deletedKeysMax } from '../limits.ts';
import { checkUnlocked } from '../object-lock/lock.ts';
import { bypasses } from '../object-lock/permissions.ts';
import { note } from '../notifications/note.ts';
import { checkOn, objectContext } from '../permissions.ts';
import type { Input, Operation, Output } from '../sdk.ts';
import { objects, type Bucket, type ObjectRecord } from '../tables.ts';
import { checkDeleteCondition } from './conditions.ts';
import { replicateMarker } from '../replication/tasks.ts';
import { meterGone } from '../storage-classes/metering.ts';
import { coverObject, findVersion, removeVersion } from '../versions/history.ts';
import { mfaHeld, requireMfa } from '../versions/mfa-delete.ts';
import { checkVersionId, isDeleteMarker, isOwnVersionId, isVersionId, nullVersion, versionIdOf } from '../versions/version.ts';
import { checkKey } from './object.ts';
import { refuseUnbuilt } from './unbuilt-parameters.ts';

export const DeleteObject: Operation<'DeleteObject'> = async (request, input) => {
  checkKey(input.Key);
  checkVersionId(input.VersionId);
  refuseUnbuilt(request, input);
  const held = await mfaHeld(request, input);
  const bypass = await bypasses(request, await lookUp(request, input.Bucket), input, input.Key);
  const wanted = { key: input.Key, version: input.VersionId, etag: input.IfMatch, held, bypass };
  const { marker, version, gone } = await request.store.write(async (tx) =>
    deleteOne(tx, request, await requireBucket(tx, input.Bucket), wanted),
  );
  await meterGone(request, (await lookUp(request, input.Bucket)).bucket, gone);
  return { ...(marker && { DeleteMarker: true }), ...(version !== undefined && { VersionId: version }) };
};

type Wanted = {
  key: string;
  version?: string | undefined;
  etag?: string | undefined;
  /** A code of the MFA device was shown. */
  held: boolean;
  /** The caller passes by governance mode. */
  bypass: boolean;
};
/** A delete marker that was made or deleted, the version id that answers name, and the object that is no more. */
type Deletion = { marker: boolean; version?: string; gone?: ObjectRecord | undefined };

/** A delete marker is told of by the ETag of no bytes, and without a size. */
const nothing = { etag: 'd41d8cd98f00b204e9800998ecf8427e' };

async function deleteOne(tx: WriteTransaction, request: ServiceRequest, bucket: Bucket, wanted: Wanted): Promise<Deletion> {
  const { key, version, etag } = wanted;
  if (version === undefined) {
    const old = await objects.get(tx, bucket.name, key);
    checkDeleteCondition(key, old, etag);
    const { marker, gone } = await coverObject(tx, request, bucket, key, old);
    if (marker) {
      await note(tx, request, bucket, { name: 'ObjectRemoved:DeleteMarkerCreated', key, object: nothing, version: marker.version });
      await replicateMarker(tx, bucket, marker, request.now);
    }
    // Told of a key that was not there, too.
    if (!marker) await note(tx, request, bucket, { name: 'ObjectRemoved:Delete', key });
    return marker ? { marker: true, version: versionIdOf(marker), gone } : { marker: false, gone };
  }
  if (bucket.mfaDelete) requireMfa(wanted.held);
  // In a bucket without versions there is none but `null`.
  if (bucket.versioning === undefined && version !== nullVersion) throw refusedVersion(request, key, version);
  const found = await findVersion(tx, bucket.name, key, version);
  // An id that S3 never gave is refused; one that once was is gone already.
  if (!found && !isOwnVersionId(version)) throw refusedVersion(request, key, version);
  checkDeleteCondition(key, found && !isDeleteMarker(found) ? found : undefined, etag);
  if (found && !isDeleteMarker(found)) checkUnlocked(found, request.now, wanted.bypass);
  if (found) {
    await removeVersion(tx, request.blobs, found);
    await note(tx, request, bucket, { name: 'ObjectRemoved:Delete', key, version: found.version });
  }
  const marker = found !== undefined && isDeleteMarker(found);
  const gone = found && !isDeleteMarker(found) ? { gone: found } : {};
  return bucket.versioning === undefined ? { marker, ...gone } : { marker, version, ...gone };
}

function refusedVersion(request: ServiceRequest, key: string, version: string): AwsError {
  return request.operation === 'DeleteObjects' ? noSuchVersion(key, version) : invalidVersionId(version);
}

type Listed = NonNullable<Input<'DeleteObjects'>['Delete']['Objects']>[number];
type Allowed = { item: Listed; /** Of governance mode. */ bypass: boolean };
type Deleted = NonNullable<Output<'DeleteObjects'>['Deleted']>[number];
type Failure = NonNullable<Output<'DeleteObjects'>['Errors']>[number];

export const DeleteObjects: Operation<'DeleteObjects'> = async (request, input) => {
  const listed = input.Delete.Objects ?? [];
  if (listed.length === 0 || listed.length > deletedKeysMax) throw malformedXml();
  requireDigest(request);
  refuseUnbuilt(request, input);
  const held = await mfaHeld(request, input);
  if ((await lookUp(request, input.Bucket)).bucket.mfaDelete && listed.some((item) => item.VersionId !== undefined)) requireMfa(held);
  const failures: Failure[] = [];
  const found = await lookUp(request, input.Bucket);
  const allowed: Allowed[] = [];
  for (const item of listed) {
    const bypass = await bypasses(request, found, input, item.Key ?? '');
    const failure = await refusal(request, input.Bucket, item);
    if (failure) failures.push(failure);
    else allowed.push({ item, bypass });
  }
  const { results, gone } = await deleteAll(request, input.Bucket, allowed, held);
  for (const object of gone) await meterGone(request, found.bucket, object);
  for (const result of results) if ('Code' in result) failures.push(result);
  const Deleted = input.Delete.Quiet ? [] : results.filter((result) => !('Code' in result));
  return { ...(Deleted.length > 0 && { Deleted }), ...(failures.length > 0 && { Errors: failures }) };
};

/** Each key is authorised on its own, and its refusal is a line of the answer. Nameless callers are judged before, all keys together. */
export async function onDeleteObjects(request: ServiceRequest, input: Input<'DeleteObjects'>): Promise<Check[]> {
  const found = await lookUp(request, input.Bucket);
  checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
  if (request.principal.type !== 'Anonymous') return [];
  const checks: Check[] = [];
  for (const item of (input.Delete.Objects ?? []).slice(0, deletedKeysMax)) {
    checkKey(item.Key ?? '');
    checks.push(await checkOf(request, input.Bucket, item));
  }
  return checks;
}

/** As DeleteObject asks: whose the object is counts where ACLs are on. */
async function checkOf(request: ServiceRequest, bucket: string, { Key = '', VersionId }: Listed): Promise<Check> {
  const found = await lookUp(request, bucket, Key, VersionId);
  const action = VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
  return checkOn(request, found, action, Key, () => objectContext(found, VersionId));
}

async function refusal(request: ServiceRequest, bucket: string, item: Listed): Promise<Failure | undefined> {
  try {
    checkKey(item.Key ?? '');
    if (item.VersionId !== undefined && !isVersionId(item.VersionId)) throw noSuchVersion(item.Key ?? '', item.VersionId);
    refuseUnbuilt(request, { IfMatchLastModifiedTime: item.LastModifiedTime, IfMatchSize: item.Size });
    await request.permit(await checkOf(request, bucket, item));
    return undefined;
  } catch (error) {
    return failureOf(item, error);
  }
}

async function deleteAll(
  request: ServiceRequest,
  name: string,
  items: readonly Allowed[],
  held: boolean,
): Promise<{ results: (Deleted | Failure)[]; gone: ObjectRecord[] }> {
  return request.store.write(async (tx) => {
    const bucket = await requireBucket(tx, name);
    const results: (Deleted | Failure)[] = [];
    const gone: ObjectRecord[] = [];
    for (const { item, bypass } of items) {
      const wanted = { key: item.Key!, version: item.VersionId, etag: item.ETag, held, bypass };
      try {
        const deletion = await deleteOne(tx, request, bucket, wanted);
        if (deletion.gone) gone.push(deletion.gone);
        results.push(deletedOf(item, deletion));
      } catch (error) {
        results.push(failureOf(item, error));
      }
    }
    return { results, gone };
  });
}

function deletedOf({ Key, VersionId }: Listed, { marker, version }: Deletion): Deleted {
  return {
    Key,
    ...(VersionId !== undefined && { VersionId }),
    ...(marker && { DeleteMarker: true, ...(version !== undefined && { DeleteMarkerVersionId: version }) }),
  };
}

function failureOf(item: Listed, error: unknown): Failure {
  if (!(error instanceof AwsError)) throw error;
  return { Key: item.Key, ...(item.VersionId !== undefined && { VersionId: item.VersionId }), Code: error.code, Message: error.message };
}

/** S3 deletes many only where the list came with a digest. */
function requireDigest(request: ServiceRequest): void {
  const headers = request.http?.headers;
  if (!headers || headers['content-md5'] !== undefined || headers['x-amz-trailer'] !== undefined) return;
  for (const header of Object.keys(headers)) if (header.startsWith('x-amz-checksum-')) return;
  throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
}
