/** What a version is: its id, its place among the versions of its key, and how answers name it. */

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { invalidVersionId } from '../errors.ts';
import type { Bucket, DeleteMarker, ObjectRecord, VersionRecord } from '../tables.ts';

/** The null version's id, for those who ask. */
export const nullVersion = 'null';

/** Sorted, so that text of one length sorts as the number that it writes; these are the characters of AWS's version ids. */
const alphabet = '.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const placeLength = 9;
const idLength = 32;
/** Characters at an id's end that follow from those before. */
const checkLength = 4;
const idForm = /^[A-Za-z0-9._]{32}$/;

/** Throws InvalidArgument for what cannot be a version's id. */
export function checkVersionId(id: string | undefined): void {
  if (id !== undefined && !isVersionId(id)) throw invalidVersionId(id);
}

export function isVersionId(id: string): boolean {
  return id === nullVersion || idForm.test(id);
}

export function isDeleteMarker(record: VersionRecord): record is DeleteMarker & { since?: number } {
  return 'deleteMarker' in record;
}

export function versionIdOf({ version }: Pick<ObjectRecord, 'version'>): string {
  return version ?? nullVersion;
}

/** The new version's member of the answer to a write: the null version is not spoken of. */
export function newVersionMember({ version }: Pick<ObjectRecord, 'version'>): { VersionId?: string } {
  return version === undefined ? {} : { VersionId: version };
}

/** The version's member of an answer; a bucket that never had versioning does not speak of versions. */
export function versionMember(bucket: Bucket, record: Pick<ObjectRecord, 'version'>): { VersionId?: string } {
  return bucket.versioning === undefined ? {} : { VersionId: versionIdOf(record) };
}

/**
 * Where a version lies among those of its key: text that sorts newest first, made of a time in microseconds. Versions of one key that
 * are written in the same millisecond are told apart by it.
 */
export function placeAt(microseconds: number): string {
  let left = Number.MAX_SAFE_INTEGER - microseconds;
  let text = '';
  for (let i = 0; i < placeLength; i++) {
    text = alphabet[left % alphabet.length]! + text;
    left = Math.floor(left / alphabet.length);
  }
  return text;
}

/** The place of a record; a null version from before versioning has none yet, and nothing older below it. */
export function placeOf({ version, place, modified }: Pick<ObjectRecord, 'version' | 'place' | 'modified'>): string {
  return version ?? place ?? placeAt(modified * 1000);
}

export function microsecondsOf(place: string): number {
  let left = 0;
  for (const character of place.slice(0, placeLength)) left = left * alphabet.length + alphabet.indexOf(character);
  return Number.MAX_SAFE_INTEGER - left;
}

/** An id at a place. The rest of it tells apart what keys and calls have in common; drawn from both, so that a closure may run twice. */
export function versionIdAt(place: string, requestId: string, key: string): string {
  const digest = createHash('sha256').update(`${requestId}\n${key}`).digest();
  let text = place;
  for (let i = 0; text.length < idLength - checkLength; i++) text += alphabet[digest[i]! % alphabet.length];
  return text + checkOf(text);
}

/** Whether S3 gave this id, to whatever version: the null version's, or one whose end fits its beginning. */
export function isOwnVersionId(id: string): boolean {
  return id === nullVersion || id.slice(-checkLength) === checkOf(id.slice(0, -checkLength));
}

function checkOf(text: string): string {
  let left = crc32(text);
  let check = '';
  for (let i = 0; i < checkLength; i++) {
    check += alphabet[left % alphabet.length];
    left = Math.floor(left / alphabet.length);
  }
  return check;
}
