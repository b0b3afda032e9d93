/** The versions of a key: how they are found, how one takes the place of another, and how they go. */

import type { BlobStore } from '../../../store/blob-store.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { defaultRetention } from '../object-lock/lock.ts';
import { releaseBytes, replaceObject } from '../objects/object.ts';
import { bound } from '../storage-classes/zone.ts';
import { objects, versions, type Bucket, type DeleteMarker, type ObjectRecord, type VersionRecord } from '../tables.ts';
import { isDeleteMarker, isVersionId, microsecondsOf, nullVersion, placeAt, placeOf, versionIdAt, versionIdOf } from './version.ts';

/** What writing needs besides the transaction: a request, or a reconciler's pass with an id of its own. */
export type Means = { readonly blobs: BlobStore; readonly now: number; readonly requestId: string };

/** The version with an id, or the current object without one: undefined when there is none, or its place is a delete marker's. */
export async function findVersion(tx: ReadTransaction, bucket: string, key: string, id?: string): Promise<VersionRecord | undefined> {
  const current = await objects.peek(tx, bucket, key);
  if (id === undefined || (current && versionIdOf(current) === id)) return current;
  if (id === nullVersion) return versions.find(tx, 'null', bucket, key);
  return isVersionId(id) ? versions.get(tx, bucket, key, id) : undefined;
}

/** The same for those who can do nothing with a delete marker. */
export async function findObject(
  tx: ReadTransaction,
  bucket: string,
  key: string,
  id?: string,
): Promise<(ObjectRecord & { since?: number }) | undefined> {
  const found = await findVersion(tx, bucket, key, id);
  return found && !isDeleteMarker(found) ? found : undefined;
}

/** The newest of what is not in `objects`. Where no current object is, it is a delete marker that is current. */
export async function topOfHistory(tx: ReadTransaction, bucket: string, key: string): Promise<VersionRecord | undefined> {
  return (await versions.scan(tx, [bucket, key], { limit: 1 }))[0]?.row;
}

/** Writes a changed version back where it lies. */
export async function updateVersion(tx: WriteTransaction, record: ObjectRecord & { since?: number }): Promise<void> {
  await (isCurrent(record) ? objects.put(tx, record) : versions.put(tx, record));
}

/** What was written, and the object whose bytes that let go. */
export type Written = { written: ObjectRecord; gone?: ObjectRecord | undefined };

/** Writes an object as the current one of its key; what was current stays as a version where the bucket's versioning says so. */
export async function writeObject(
  tx: WriteTransaction,
  means: Means,
  bucket: Bucket,
  old: ObjectRecord | undefined,
  given: ObjectRecord,
): Promise<Written> {
  const next = await bound(tx, bucket, given, means.now);
  if (bucket.versioning === undefined) {
    await replaceObject(tx, means.blobs, old, next);
    return { written: next, gone: old };
  }
  const { at, gone } = await place(tx, means, bucket, next.key, old);
  const written = { ...next, ...at, ...defaultRetention(bucket, next, means.now) };
  await objects.put(tx, written);
  return { written, gone };
}

/** Deletes without a version id: the object itself without versioning, else a delete marker covers it. Returns the marker, and the object that is no more. */
export async function coverObject(
  tx: WriteTransaction,
  means: Means,
  bucket: Bucket,
  key: string,
  old: ObjectRecord | undefined,
): Promise<{ marker?: DeleteMarker; gone?: ObjectRecord | undefined }> {
  if (old) await objects.delete(tx, old.bucket, old.key);
  if (bucket.versioning === undefined) {
    if (old) await releaseBytes(tx, means.blobs, old);
    return { gone: old };
  }
  const { at, gone } = await place(tx, means, bucket, key, old);
  const marker: DeleteMarker = { bucket: bucket.name, key, ...at, modified: means.now, deleteMarker: true };
  await versions.put(tx, marker);
  return { marker, gone };
}

/**
 * Puts a version where its id says, which need not be on top: a replica keeps the id that it has at its source. What is current stays
 * so where it is newer.
 */
export async function insertVersion(tx: WriteTransaction, { now }: Pick<Means, 'now'>, record: VersionRecord): Promise<void> {
  const { bucket, key } = record;
  const current: VersionRecord | undefined = (await objects.get(tx, bucket, key)) ?? (await topOfHistory(tx, bucket, key));
  if (current && placeOf(current) < placeOf(record)) return versions.put(tx, { ...record, since: now });
  if (current && isDeleteMarker(current)) await versions.put(tx, { ...current, since: now });
  else if (current) await demote(tx, { now }, current);
  if (!isDeleteMarker(record)) return objects.put(tx, record);
  if (current && !isDeleteMarker(current)) await objects.delete(tx, bucket, key);
  await versions.put(tx, record);
}

/** Deletes one version for good; when it was current, the next one below takes its place. */
export async function removeVersion(tx: WriteTransaction, blobs: BlobStore, record: VersionRecord): Promise<void> {
  const { bucket, key } = record;
  if (isCurrent(record) && !isDeleteMarker(record)) await objects.delete(tx, bucket, key);
  else await versions.delete(tx, bucket, key, placeOf(record));
  if (!isDeleteMarker(record)) await releaseBytes(tx, blobs, record);
  if (isCurrent(record)) await promote(tx, bucket, key);
}

/** Whatever is not current says since when. */
export function isCurrent(record: VersionRecord): boolean {
  return record.since === undefined;
}

async function promote(tx: WriteTransaction, bucket: string, key: string): Promise<void> {
  const top = await topOfHistory(tx, bucket, key);
  if (!top) return;
  if (isDeleteMarker(top)) {
    const { since: _ended, ...marker } = top;
    return versions.put(tx, marker);
  }
  const { since: _ended, ...object } = top;
  await versions.delete(tx, bucket, key, placeOf(top));
  await objects.put(tx, object);
}

/** Makes room above all versions of a key. In a bucket with suspended versioning the null version goes, wherever it lies. */
async function place(
  tx: WriteTransaction,
  means: Means,
  bucket: Bucket,
  key: string,
  old: ObjectRecord | undefined,
): Promise<{ at: { version: string } | { place: string }; gone: ObjectRecord | undefined }> {
  const suspended = bucket.versioning === 'Suspended';
  const gone = suspended ? await dropNull(tx, means, bucket.name, key, old) : undefined;
  const kept = suspended && old?.version === undefined ? undefined : old;
  const below = kept ? await demote(tx, means, kept) : await topPlace(tx, means, bucket.name, key);
  const at = placeAt(Math.max(means.now * 1000, below === undefined ? 0 : microsecondsOf(below) + 1));
  return { at: suspended ? { place: at } : { version: versionIdAt(at, means.requestId, key) }, gone };
}

async function demote(tx: WriteTransaction, { now }: Pick<Means, 'now'>, old: ObjectRecord): Promise<string> {
  const at = placeOf(old);
  await versions.put(tx, { ...old, ...(old.version === undefined && { place: at }), since: now });
  return at;
}

/** A delete marker on top is current no longer. */
async function topPlace(tx: WriteTransaction, { now }: Means, bucket: string, key: string): Promise<string | undefined> {
  const top = await topOfHistory(tx, bucket, key);
  if (top && isCurrent(top)) await versions.put(tx, { ...top, since: now });
  return top && placeOf(top);
}

async function dropNull(
  tx: WriteTransaction,
  { blobs }: Means,
  bucket: string,
  key: string,
  old: ObjectRecord | undefined,
): Promise<ObjectRecord | undefined> {
  if (old && old.version === undefined) {
    await releaseBytes(tx, blobs, old);
    return old;
  }
  const below = await versions.find(tx, 'null', bucket, key);
  if (!below) return undefined;
  await versions.delete(tx, bucket, key, placeOf(below));
  if (isDeleteMarker(below)) return undefined;
  await releaseBytes(tx, blobs, below);
  return below;
}
