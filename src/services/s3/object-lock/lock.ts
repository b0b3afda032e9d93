/** Object Lock: what protects a version, until when, and who may take that back: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */

import { protectedByLock } from '../errors.ts';
import { dayMilliseconds } from '../limits.ts';
import type { Bucket, Locked, Retention } from '../tables.ts';

const daysPerYear = 365;

/** Throws AccessDenied while a version may not be deleted. No bypass outweighs a legal hold or compliance. */
export function checkUnlocked({ retention, legalHold }: Locked, now: number, bypass: boolean): void {
  if (legalHold || (isInForce(retention, now) && !(bypass && retention.mode === 'GOVERNANCE'))) throw protectedByLock();
}

/** Whether nobody may delete a version without a bypass. */
export function isProtected({ retention, legalHold }: Locked, now: number): boolean {
  return legalHold === true || isInForce(retention, now);
}

/**
 * Throws AccessDenied for a change that takes protection back. Anyone may retain longer in the same mode; in governance mode all
 * else takes a bypass, in compliance mode nothing does.
 */
export function checkRetentionChange({ retention: old }: Locked, next: Retention | undefined, now: number, bypass: boolean): void {
  if (!isInForce(old, now) || (next && next.mode === old.mode && next.until >= old.until)) return;
  if (old.mode === 'COMPLIANCE' || !bypass) throw protectedByLock();
}

function isInForce(retention: Retention | undefined, now: number): retention is Retention {
  return retention !== undefined && retention.until > now;
}

/** What the bucket's default says of a new version that says nothing itself. */
export function defaultRetention({ objectLock }: Bucket, { retention }: Locked, now: number): { retention?: Retention } {
  if (retention || !objectLock?.mode) return {};
  const days = objectLock.days ?? objectLock.years! * daysPerYear;
  return { retention: { mode: objectLock.mode, until: now + days * dayMilliseconds } };
}

/** The condition keys `s3:object-lock-…`. */
export function lockContext(now: number, mode: string | undefined, until: Date | undefined, hold?: string) {
  return {
    's3:object-lock-mode': mode,
    's3:object-lock-retain-until-date': until?.toISOString(),
    's3:object-lock-remaining-retention-days':
      until === undefined ? undefined : String(Math.max(0, Math.ceil((until.getTime() - now) / dayMilliseconds))),
    's3:object-lock-legal-hold': hold,
  };
}
