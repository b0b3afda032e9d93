/** Signature Version 4A verified: an ECDSA signature over the same canonical request, valid in a set of regions. */

import { verify, type KeyObject } from 'node:crypto';
import type { HttpRequest } from '../../framework/http-message.ts';
import type { Claim } from './claim.ts';
import { verifyCanonical, type Verification } from './sigv4.ts';

export function verifySigV4A(request: HttpRequest, claim: Claim, key: KeyObject, payloadHash: string): Verification {
  return verifyCanonical(request, claim, payloadHash, (stringToSign) => verifyEcdsa(key, stringToSign, claim.signature));
}

/** The signature is hex of DER, 142 to 144 characters; streaming clients pad it with asterisks. */
export function verifyEcdsa(key: KeyObject, stringToSign: string, signature: string): boolean {
  const hex = signature.replace(/\*+$/, '');
  if (!/^(?:[0-9a-f]{2}){8,80}$/i.test(hex)) return false;
  return verify('sha256', Buffer.from(stringToSign, 'utf8'), { key, dsaEncoding: 'der' }, Buffer.from(hex, 'hex'));
}

/** True when the set (`us-east-1,eu-*`, `*`) holds the region: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html */
export function inRegionSet(regionSet: string, region: string): boolean {
  return regionSet.split(',').some((entry) => {
    const pattern = entry.trim();
    return pattern === '*' || pattern === region || (pattern.endsWith('*') && region.startsWith(pattern.slice(0, -1)));
  });
}
