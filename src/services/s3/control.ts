/** S3 Control as a caller. */

import type { Principal } from '../../framework/principal.ts';

/** Calls for the account that asked it: it has authorised the call, and no bucket policy speaks of it. */
export function isControl(principal: Principal): boolean {
  return principal.type === 'Service' && principal.name === 's3-control.amazonaws.com';
}
