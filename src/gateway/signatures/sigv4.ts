/** Signature Version 4 verified: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */

import { hash, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { HttpRequest } from '../../framework/http-message.ts';
import { canonicalRequest, type CanonicalOptions } from './canonical.ts';
import type { Claim } from './claim.ts';
import { hmacSha256 } from './hmac.ts';

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
const s3Rules = rulesOf('as-sent', 'encode-once');
const otherRules = rulesOf('normalise-and-encode-again', 'encode-again', 'encode-once');
const rootRules = rulesOf('as-sent');

type Rules = { header: readonly CanonicalOptions[]; presigned: readonly CanonicalOptions[] };

function rulesOf(...paths: CanonicalOptions['path'][]): Rules {
  return { header: paths.map((path) => ({ path })), presigned: paths.map((path) => ({ path, omitQuery: presignedOmit })) };
}

/** Tries the spellings in which a client may have signed; `check` verifies one string to sign. */
export function verifyCanonical(
  request: HttpRequest,
  claim: Claim,
  payloadHash: string,
  check: (stringToSign: string) => boolean,
): Verification {
  const rules = request.rawPath === '/' ? rootRules : claim.service === 's3' || claim.service === 's3express' ? s3Rules : otherRules;
  let first: Verification | undefined;
  let lastCanonical = '';
  for (const rule of claim.presigned ? rules.presigned : rules.header) {
    const canonical = canonicalRequest(request, claim.signedHeaders, payloadHash, rule);
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
  return verifyCanonical(request, claim, payloadHash, (stringToSign) => sameText(claim.signature, signSigV4(key, stringToSign)));
}

/** The signature of a string to sign, in hex. */
export function signSigV4(key: KeyObject, stringToSign: string): string {
  return hmacSha256(key, stringToSign);
}

const COMPARED_BYTES_MAX = 128;
const givenBytes = Buffer.alloc(COMPARED_BYTES_MAX);
const expectedBytes = Buffer.alloc(COMPARED_BYTES_MAX);

/** Whether a signature is the one expected, in a time that does not tell where they differ. `expected` is ASCII of at most 128 characters. */
export function sameText(given: string, expected: string): boolean {
  // Characters beyond latin-1, which no header has, would be cut to a byte.
  if (given.length !== expected.length || /[^\x00-\xff]/.test(given)) return false;
  givenBytes.fill(0).write(given, 'latin1');
  expectedBytes.fill(0).write(expected, 'latin1');
  return timingSafeEqual(givenBytes, expectedBytes);
}
