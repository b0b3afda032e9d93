/** What an object is, beyond its record: its key's rules, its ETag, and the bytes that it holds on to. */

import type { BlobStore } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { releaseAnnotations } from '../annotations/bytes.ts';
import { keyTooLong } from '../errors.ts';
import { keyBytesMax } from '../limits.ts';
import { objects, parts, type ObjectRecord } from '../tables.ts';

/** Throws KeyTooLongError. Most keys are so short that their bytes need no counting. */
export function checkKey(key: string): void {
  if (key.length * 3 <= keyBytesMax) return;
  const size = Buffer.byteLength(key);
  if (size > keyBytesMax) throw keyTooLong(size, keyBytesMax);
}

export function quoted(etag: string): string {
  return `"${etag}"`;
}

/** An ETag as clients send it: with quotes or without. */
export function unquoted(etag: string): string {
  return etag.trim().replace(/^W\//, '').replaceAll(/^"|"$/g, '');
}

/** Writes an object in place of the one before it, whose bytes are let go. */
export async function replaceObject(
  tx: WriteTransaction,
  blobs: BlobStore,
  old: ObjectRecord | undefined,
  next: ObjectRecord,
): Promise<void> {
  await objects.put(tx, next);
  if (old) await releaseBytes(tx, blobs, old);
}

/** The bytes of a record that goes, and its annotations. */
export async function releaseBytes(tx: WriteTransaction, blobs: BlobStore, { blob, parts, annotations }: ObjectRecord): Promise<void> {
  if (annotations) await releaseAnnotations(tx, blobs, annotations.id);
  if (blob) await blobs.remove(tx, blob);
  if (parts) await releaseParts(tx, blobs, parts.id);
}

/** Deletes all parts of an upload, or of the object that it became. */
export async function releaseParts(tx: WriteTransaction, blobs: BlobStore, upload: string): Promise<void> {
  for (const { row } of await parts.scan(tx, [upload])) {
    await blobs.remove(tx, row.blob);
    await parts.delete(tx, row.upload, row.number);
  }
}
