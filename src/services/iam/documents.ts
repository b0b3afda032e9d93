/** Policy texts on their way in (checked and measured) and out (percent-encoded). */

import { parsePolicy, policyLength, type PolicyKind } from '../../framework/policy/parse.ts';

/**
 * IAM answers policy documents percent-encoded as RFC 3986 says, stricter than encodeURIComponent:
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
 */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Throws MalformedPolicyDocument; gives the size that quotas count. */
export function measuredDocument(text: string, kind: PolicyKind): number {
  parsePolicy(text, kind);
  return policyLength(text);
}
