/** MFA delete: the `x-amz-mfa` header, the serial of a device and its code: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { lookUp } from '../buckets/lookup.ts';
import { mfaRequired } from '../errors.ts';

/** Whether the request shows a code of the device of the bucket owner's root user, the only one who may. A code is good once. */
export async function mfaHeld(request: ServiceRequest, input: { Bucket: string; MFA?: string | undefined }): Promise<boolean> {
  if (input.MFA === undefined) return false;
  const { bucket } = await lookUp(request, input.Bucket);
  const { principal } = request;
  const space = input.MFA.lastIndexOf(' ');
  if (space < 0 || principal.type !== 'Root' || principal.account !== bucket.account || !request.mfaCodeFits) return false;
  return request.mfaCodeFits(input.MFA.slice(0, space), input.MFA.slice(space + 1));
}

/** Throws AccessDenied. */
export function requireMfa(held: boolean): void {
  if (!held) throw mfaRequired();
}
