/** Storage classes: what each takes and costs, and which must be restored before they are read: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html */

import { invalidObjectState, invalidStorageClass } from '../errors.ts';
import type { ObjectRecord, Restore, StorageClass } from '../tables.ts';

type Traits = {
  /** What is deleted sooner is paid for as long as this. */
  daysMin: number;
  /** How bills abbreviate it. */
  billed: string;
  /** Nothing of it is read before RestoreObject has brought it back. */
  archived?: true;
};

export const storageClasses: Readonly<Record<'STANDARD' | StorageClass, Traits>> = {
  STANDARD: { daysMin: 0, billed: '' },
  REDUCED_REDUNDANCY: { daysMin: 0, billed: 'RRS' },
  STANDARD_IA: { daysMin: 30, billed: 'SIA' },
  ONEZONE_IA: { daysMin: 30, billed: 'ZIA' },
  INTELLIGENT_TIERING: { daysMin: 0, billed: 'INT' },
  GLACIER_IR: { daysMin: 90, billed: 'GIR' },
  GLACIER: { daysMin: 90, billed: 'Glacier', archived: true },
  DEEP_ARCHIVE: { daysMin: 180, billed: 'GDA', archived: true },
};

/** The class that a request names for a new object. Throws InvalidStorageClass for those of other kinds of bucket too. */
export function requestedClass(name: string | undefined): { storageClass?: StorageClass } {
  if (name === undefined || name === 'STANDARD') return {};
  if (!Object.hasOwn(storageClasses, name)) throw invalidStorageClass(name);
  return { storageClass: name as StorageClass };
}

export function classOf({ storageClass }: { storageClass?: StorageClass }): 'STANDARD' | StorageClass {
  return storageClass ?? 'STANDARD';
}

/** When an object came into the class in which it is. */
export function inClassSince({ classSince, modified }: ObjectRecord): number {
  return classSince ?? modified;
}

export function isArchived({ storageClass, archiveTier }: ObjectRecord): boolean {
  return archiveTier !== undefined || (storageClass !== undefined && storageClasses[storageClass].archived === true);
}

/** Restored, and not yet gone again. What Intelligent-Tiering brings back stays. */
export function isRestored(restore: Restore | undefined, now: number): boolean {
  return restore !== undefined && restore.due <= now && (restore.until === undefined || now < restore.until);
}

export function isRestoring(restore: Restore | undefined, now: number): restore is Restore {
  return restore !== undefined && now < restore.due;
}

/** Throws InvalidObjectState for what must be restored first. */
export function checkReadable(object: ObjectRecord, now: number, copying = false): void {
  if (isArchived(object) && !isRestored(object.restore, now)) throw invalidObjectState(classOf(object), object.archiveTier, copying);
}

/** The class's members of an answer to GET or HEAD; STANDARD is not spoken of. */
export function storageMembers(object: ObjectRecord, now: number) {
  const { storageClass, archiveTier, restore } = object;
  if (storageClass === undefined) return undefined;
  const back = archiveTier !== undefined && isRestored(restore, now);
  return {
    StorageClass: storageClass,
    ...(archiveTier && !back && { ArchiveStatus: archiveTier }),
    ...(restore && !back && restoreMember(restore, now)),
  };
}

/** `RestoreStatus` of a listing, for those who ask. */
export function restoreStatus({ archiveTier, restore }: ObjectRecord, now: number) {
  if (!restore || archiveTier !== undefined) return undefined;
  if (now < restore.due) return { RestoreStatus: { IsRestoreInProgress: true } };
  return isRestored(restore, now)
    ? { RestoreStatus: { IsRestoreInProgress: false, RestoreExpiryDate: new Date(restore.until!) } }
    : undefined;
}

function restoreMember(restore: Restore, now: number) {
  if (now < restore.due) return { Restore: 'ongoing-request="true"' };
  if (!isRestored(restore, now)) return undefined;
  return { Restore: `ongoing-request="false", expiry-date="${new Date(restore.until!).toUTCString()}"` };
}
