/** Signature Version 4 verified: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */

import { createHmac, hash, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { HttpRequest } from '../../framework/http-message.ts';
import { canonicalRequest, type CanonicalOptions } from './canonical.ts';
import type { Claim } from './claim.ts';

export type Verification = {
  valid: boolean;
  /** For S3's SignatureDoesNotMatch, which shows both texts. */ canonicalRequest: string;
  stringToSign: string;
};

const presignedOmit: ReadonlySet<string> = new Set(['X-Amz-Signature']);

/**
 * The rules by which clients write paths, likeliest first: signers disagree about characters that need no escape and about `//`.
 * Every rule signs the same bytes, so that accepting any of them gives nothing away.
 */
const s3Rules: readonly CanonicalOptions['path'][] = ['as-sent', 'encode-once'];
const otherRules: readonly CanonicalOptions['path'][] = ['normalise-and-encode-again', 'encode-again', 'encode-once'];
const rootRules: readonly CanonicalOptions['path'][] = ['as-sent'];

/** Tries the spellings in which a client may have signed; `check` verifies one string to sign. */
export function verifyCanonical(
  request: HttpRequest,
  claim: Claim,
  payloadHash: string,
  check: (stringToSign: string) => boolean,
): Verification {
  const omitQuery = claim.presigned ? presignedOmit : undefined;
  const rules = request.rawPath === '/' ? rootRules : claim.service === 's3' || claim.service === 's3express' ? s3Rules : otherRules;
  let first: Verification | undefined;
  let lastCanonical = '';
  for (const path of rules) {
    const canonical = canonicalRequest(request, claim.signedHeaders, payloadHash, { path, ...(omitQuery && { omitQuery }) });
    if (canonical === lastCanonical) continue;
    lastCanonical = canonical;
    // Some clients send a header as latin-1 and sign it as UTF-8; for ASCII both are the same.
    for (const encoding of isAscii(canonical) ? asciiEncodings : bothEncodings) {
      const digest = hash('sha256', encoding === 'utf8' ? canonical : Buffer.from(canonical, 'latin1'));
      const stringToSign = `${claim.algorithm}\n${claim.timestamp}\n${claim.scope}\n${digest}`;
      const verification = { valid: check(stringToSign), canonicalRequest: canonical, stringToSign };
      if (verification.valid) return verification;
      first ??= verification;
    }
  }
  return first!;
}

const asciiEncodings = ['utf8'] as const;
const bothEncodings = ['latin1', 'utf8'] as const;

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

export function verifySigV4(request: HttpRequest, claim: Claim, key: KeyObject, payloadHash: string): Verification {
  const signature = Buffer.from(claim.signature, 'latin1');
  return verifyCanonical(request, claim, payloadHash, (stringToSign) => sameText(signature, signSigV4(key, stringToSign)));
}

/** The signature of a string to sign, in hex. */
export function signSigV4(key: KeyObject, stringToSign: string): string {
  return createHmac('sha256', key).update(stringToSign).digest('hex');
}

export function sameText(given: Buffer, expected: string): boolean {
  const bytes = Buffer.from(expected, 'latin1');
  return given.length === bytes.length && timingSafeEqual(given, bytes);
}
