/** The lock that a PUT, a copy or an upload asks for with its headers. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { lookUp } from '../buckets/lookup.ts';
import { bucketWithoutLock, invalidArgument, lockHalf, lockNeedsDigest, retainUntilPast } from '../errors.ts';
import type { Locked } from '../tables.ts';

type LockInput = {
  Bucket: string;
  ObjectLockMode?: string | undefined;
  ObjectLockRetainUntilDate?: Date | undefined;
  ObjectLockLegalHoldStatus?: string | undefined;
};

/** Throws what is wrong with the headers by themselves, then InvalidRequest where the bucket has no Object Lock. */
export async function requestedLock(request: ServiceRequest, input: LockInput): Promise<Locked> {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until, ObjectLockLegalHoldStatus: hold } = input;
  if (mode === undefined && until === undefined && hold === undefined) return {};
  const locked: Locked = {};
  if (mode !== undefined || until !== undefined) {
    if (until === undefined) throw lockHalf('x-amz-object-lock-retain-until-date');
    if (mode === undefined) throw lockHalf('x-amz-object-lock-mode');
    if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE')
      throw invalidArgument('Unknown wormMode directive.', 'x-amz-object-lock-mode', mode);
    if (until.getTime() <= request.now) throw retainUntilPast('x-amz-object-lock-retain-until-date', until);
    locked.retention = { mode, until: until.getTime() };
  }
  if (hold !== undefined) {
    if (hold !== 'ON' && hold !== 'OFF')
      throw invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", 'x-amz-object-lock-legal-hold', hold);
    locked.legalHold = hold === 'ON';
  }
  if (!(await lookUp(request, input.Bucket)).bucket.objectLock) throw bucketWithoutLock();
  return locked;
}

/** Where versions are to be locked, bytes come with a digest. */
export async function requireDigestForLock(request: ServiceRequest, input: LockInput): Promise<void> {
  const { objectLock } = (await lookUp(request, input.Bucket)).bucket;
  if (!objectLock || (!objectLock.mode && !input.ObjectLockMode && !input.ObjectLockLegalHoldStatus)) return;
  const headers = request.http?.headers;
  if (!headers || headers['content-md5'] !== undefined || headers['x-amz-trailer'] !== undefined) return;
  for (const header in headers) if (header.startsWith('x-amz-checksum-')) return;
  throw lockNeedsDigest();
}
