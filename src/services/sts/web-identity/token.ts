/** A web identity token: who issued it, for whom, and whether it is true. */

import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import type { ServiceRequest } from '../../../framework/request.ts';
import { expiredToken, invalidIdentityToken } from '../errors.ts';
import { providerKeys } from './provider-keys.ts';

export type WebIdentity = { issuer: string; subject: string; audience: string; claims: JWTPayload };

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
const NOT_A_JWT = 'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)';

/** What the token says of itself, not yet verified. Throws InvalidIdentityToken. */
export function readToken(token: string): WebIdentity {
  let claims: JWTPayload;
  try {
    claims = decodeJwt(token);
  } catch (cause) {
    if (!(cause instanceof errors.JWTInvalid)) throw cause;
    throw invalidIdentityToken(NOT_A_JWT);
  }
  const { iss, sub, aud, azp } = claims;
  // Where a token was issued for an authorised party, that party is its audience.
  const audience = typeof azp === 'string' ? azp : Array.isArray(aud) ? aud[0] : aud;
  for (const [name, value] of Object.entries({ iss, sub, aud: audience })) {
    if (typeof value !== 'string' || value === '') throw invalidIdentityToken(`Missing a required claim: ${name}`);
  }
  if (!URL.canParse(iss!)) throw invalidIdentityToken(NOT_A_JWT);
  return { issuer: iss!, subject: sub!, audience: audience!, claims };
}

/** Verifies signature and times against the issuer's keys. Throws InvalidIdentityToken and ExpiredToken. */
export async function verifyToken(request: ServiceRequest, token: string, { issuer }: WebIdentity): Promise<void> {
  try {
    await verifyWith(request, token, issuer, false);
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw refusal(error, request.now);
    await verifyWith(request, token, issuer, true).catch((again: unknown) => {
      throw refusal(again, request.now);
    });
  }
}

async function verifyWith(request: ServiceRequest, token: string, issuer: string, fresh: boolean): Promise<void> {
  const keys = await providerKeys(request, issuer, { fresh });
  await jwtVerify(token, keys, { issuer, algorithms, currentDate: new Date(request.now), requiredClaims: ['exp', 'iat'] });
}

function refusal(error: unknown, now: number): unknown {
  if (error instanceof errors.JWTExpired) {
    const expiry = error.payload.exp;
    return expiredToken(
      `Token expired: current date/time ${Math.floor(now / 1000)} must be before the expiration date/time ${expiry ?? ''}`,
    );
  }
  return error instanceof errors.JOSEError ? invalidIdentityToken(`Couldn't verify the ID Token: ${error.code}`) : error;
}
