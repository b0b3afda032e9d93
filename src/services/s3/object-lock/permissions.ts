/** What of a lock depends on the caller: to pass by governance mode, and to see that a version is locked. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Found } from '../buckets/lookup.ts';
import { bypassNeedsLock } from '../errors.ts';
import { checkOn } from '../permissions.ts';
import type { Locked } from '../tables.ts';

type BypassInput = { Bucket: string; BypassGovernanceRetention?: boolean | undefined };

/** Whether the caller asked to pass by governance mode, and may. Throws InvalidArgument where no Object Lock is. */
export async function bypasses(request: ServiceRequest, found: Found, input: BypassInput, key: string): Promise<boolean> {
  if (input.BypassGovernanceRetention === undefined) return false;
  if (!found.bucket.objectLock) throw bypassNeedsLock();
  return input.BypassGovernanceRetention && request.permits(checkOn(request, found, 's3:BypassGovernanceRetention', key));
}

/** The lock's members of an answer to GET or HEAD, for those who may read them. */
export async function lockMembers(request: ServiceRequest, found: Found, key: string, { retention, legalHold }: Locked) {
  if (!retention && legalHold === undefined) return undefined;
  const may = (action: string) => request.permits(checkOn(request, found, action, key));
  return {
    ...(retention &&
      (await may('s3:GetObjectRetention')) && {
        ObjectLockMode: retention.mode,
        ObjectLockRetainUntilDate: new Date(retention.until),
      }),
    ...(legalHold !== undefined &&
      (await may('s3:GetObjectLegalHold')) && { ObjectLockLegalHoldStatus: legalHold ? ('ON' as const) : ('OFF' as const) }),
  };
}
