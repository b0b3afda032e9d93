/** Codes of multi-factor devices, as far as STS takes them. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { mfaIncomplete, wrongMfaCode } from '../errors.ts';

type Given = { SerialNumber?: string | undefined; TokenCode?: string | undefined };

const checked = new WeakMap<ServiceRequest, Promise<boolean>>();

/** True when the caller proved a device of its own, false when it named none. Throws AccessDenied for a wrong code. */
export function requireMfa(request: ServiceRequest, given: Given): Promise<boolean> {
  let result = checked.get(request);
  // A code is good once, and the request asks twice: when it is authorised and when it runs.
  if (!result) checked.set(request, (result = verify(request, given)));
  return result;
}

async function verify(request: ServiceRequest, { SerialNumber: serial, TokenCode: code }: Given): Promise<boolean> {
  if (serial === undefined && code === undefined) return false;
  if (serial === undefined || code === undefined) throw mfaIncomplete();
  if (!request.mfaCodeFits) throw notImplemented('sts: MFA codes');
  if (!(await request.mfaCodeFits(serial, code))) throw wrongMfaCode();
  return true;
}
