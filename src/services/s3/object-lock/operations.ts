/** Object Lock of a bucket, and the retention and legal hold of a version. */

import type { Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { checkExpectedOwner, lookUp, requireBucket, type Found } from '../buckets/lookup.ts';
import {
  bucketWithoutLock,
  lockNeedsVersioning,
  malformedXml,
  missingBody,
  noSuchConfiguration,
  noSuchKey,
  objectWithoutLock,
  retainUntilPast,
  retentionPeriod,
} from '../errors.ts';
import { retentionDaysMax, retentionYearsMax } from '../limits.ts';
import { checkOn, refuseMissingKey } from '../permissions.ts';
import { replicateDescription } from '../replication/tasks.ts';
import type { Input, Operation } from '../sdk.ts';
import { buckets, type Bucket, type Locked, type ObjectRecord, type Retention } from '../tables.ts';
import { findObject, updateVersion } from '../versions/history.ts';
import { checkVersionId } from '../versions/version.ts';
import { checkRetentionChange, lockContext } from './lock.ts';
import { bypasses } from './permissions.ts';

export const GetObjectLockConfiguration: Operation<'GetObjectLockConfiguration'> = async (request, input) => {
  const { objectLock } = (await lookUp(request, input.Bucket)).bucket;
  if (!objectLock)
    throw noSuchConfiguration(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
      input.Bucket,
    );
  const { mode, days, years } = objectLock;
  const period = days === undefined ? { Years: years } : { Days: days };
  return {
    ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', ...(mode && { Rule: { DefaultRetention: { Mode: mode, ...period } } }) },
  };
};

export const PutObjectLockConfiguration: Operation<'PutObjectLockConfiguration'> = async (request, input) => {
  if (input.Token !== undefined) throw notImplemented('s3:PutObjectLockConfiguration with Token');
  if (!input.ObjectLockConfiguration) throw missingBody();
  const objectLock = readConfiguration(input.ObjectLockConfiguration);
  await request.store.write(async (tx) => {
    const bucket = await requireBucket(tx, input.Bucket);
    if (bucket.versioning !== 'Enabled') throw lockNeedsVersioning();
    await buckets.put(tx, { ...bucket, objectLock });
  });
  return {};
};

function readConfiguration(
  given: NonNullable<Input<'PutObjectLockConfiguration'>['ObjectLockConfiguration']>,
): NonNullable<Bucket['objectLock']> {
  if (given.ObjectLockEnabled !== 'Enabled') throw malformedXml();
  if (!given.Rule) return {};
  const { Mode: mode, Days: days, Years: years, DefaultEventHold } = given.Rule.DefaultRetention ?? {};
  if (DefaultEventHold) throw notImplemented('s3:PutObjectLockConfiguration with DefaultEventHold');
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || (days === undefined) === (years === undefined)) throw malformedXml();
  if (days !== undefined) checkPeriod('Days', days, retentionDaysMax);
  if (years !== undefined) checkPeriod('Years', years, retentionYearsMax);
  return { mode, ...(days === undefined ? { years: years! } : { days }) };
}

function checkPeriod(name: 'Days' | 'Years', value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1) throw retentionPeriod('Default retention period must be a positive integer value.', name);
  if (value > max) throw retentionPeriod('Default retention period too large.', name);
}

type VersionInput = { Bucket: string; Key: string; VersionId?: string | undefined };

export const GetObjectRetention: Operation<'GetObjectRetention'> = async (request, input) => {
  const { retention } = await requireLockable(request, input);
  if (!retention) throw objectWithoutLock();
  return { Retention: { Mode: retention.mode, RetainUntilDate: new Date(retention.until) } };
};

export const PutObjectRetention: Operation<'PutObjectRetention'> = async (request, input) => {
  const next = readRetention(request, input.Retention);
  await requireLockable(request, input);
  const bypass = await bypasses(request, await lookUp(request, input.Bucket, input.Key, input.VersionId), input, input.Key);
  await changeLock(request, input, (old) => {
    checkRetentionChange(old, next, request.now, bypass);
    const { retention: _old, ...rest } = old;
    return next ? { ...rest, retention: next } : rest;
  });
  return {};
};

/** Undefined for an empty one, which takes retention away. */
function readRetention(request: ServiceRequest, given: Input<'PutObjectRetention'>['Retention']): Retention | undefined {
  if (!given) throw malformedXml();
  if (given.EventHold !== undefined || given.EventHoldDuration) throw notImplemented('s3:PutObjectRetention with EventHold');
  const { Mode: mode, RetainUntilDate: until } = given;
  if (mode === undefined && until === undefined) return undefined;
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || until === undefined) throw malformedXml();
  if (until.getTime() <= request.now) throw retainUntilPast('RetainUntilDate', until);
  return { mode, until: until.getTime() };
}

export const GetObjectLegalHold: Operation<'GetObjectLegalHold'> = async (request, input) => {
  const { legalHold } = await requireLockable(request, input);
  if (legalHold === undefined) throw objectWithoutLock();
  return { LegalHold: { Status: legalHold ? 'ON' : 'OFF' } };
};

export const PutObjectLegalHold: Operation<'PutObjectLegalHold'> = async (request, input) => {
  const status = input.LegalHold?.Status;
  if (status !== 'ON' && status !== 'OFF') throw malformedXml();
  await requireLockable(request, input);
  await changeLock(request, input, (old) => ({ ...old, legalHold: status === 'ON' }));
  return {};
};

/** A version that may be locked. Throws InvalidRequest where the bucket has no Object Lock, then what a missing key throws. */
async function requireLockable(request: ServiceRequest, input: VersionInput): Promise<Locked> {
  checkVersionId(input.VersionId);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  if (!found.bucket.objectLock) throw bucketWithoutLock();
  return found.object ?? refuseMissingKey(request, found, input.Key);
}

async function changeLock(request: ServiceRequest, input: VersionInput, change: (old: ObjectRecord) => ObjectRecord): Promise<void> {
  await request.store.write(async (tx) => {
    const object = await findObject(tx, input.Bucket, input.Key, input.VersionId);
    if (!object) throw noSuchKey(input.Key);
    await updateVersion(tx, await replicateDescription(tx, await requireBucket(tx, input.Bucket), change(object), request.now));
  });
}

async function lockable(request: ServiceRequest, input: VersionInput & { ExpectedBucketOwner?: string | undefined }): Promise<Found> {
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
  return found;
}

export async function onPutObjectRetention(request: ServiceRequest, input: Input<'PutObjectRetention'>): Promise<Check[]> {
  const { Mode, RetainUntilDate } = input.Retention ?? {};
  const context = () => lockContext(request.now, Mode, RetainUntilDate);
  return [checkOn(request, await lockable(request, input), 's3:PutObjectRetention', input.Key, context)];
}

export async function onPutObjectLegalHold(request: ServiceRequest, input: Input<'PutObjectLegalHold'>): Promise<Check[]> {
  const context = () => lockContext(request.now, undefined, undefined, input.LegalHold?.Status);
  return [checkOn(request, await lockable(request, input), 's3:PutObjectLegalHold', input.Key, context)];
}
