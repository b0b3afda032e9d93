/** Who signed: a claim is believed only when its time, its scope, its key and its signature hold. */

import { createHmac, type KeyObject } from 'node:crypto';
import type { Credential } from '../framework/identity.ts';
import { rootUser } from '../framework/principal.ts';
import { errorFamily, type Call, type ErrorFamily } from './call.ts';
import { REGION_DEFAULT } from './hosts.ts';
import type { GatewayParts } from './parts.ts';
import { emptyHash } from './payload-hash.ts';
import {
  badToken,
  basicTime,
  expiredToken,
  headersNotSigned,
  hostNotSigned,
  invalidPayloadHash,
  missingPayloadHash,
  noDate,
  queryParametersError,
  skewed,
  testKeyOfWebPage,
  unknownKey,
  urlExpired,
  urlNotYetValid,
  wrongRegion,
  wrongScope,
  wrongSignature,
} from './signature-errors.ts';
import type { Claim } from './signatures/claim.ts';
import type { SigningKeys } from './signatures/signing-keys.ts';
import { verifySigV2 } from './signatures/sigv2.ts';
import { sameText, verifySigV4, type Verification } from './signatures/sigv4.ts';
import { inRegionSet, verifySigV4A } from './signatures/sigv4a.ts';
import { isWebPage } from './web-pages.ts';

const SKEW_MILLISECONDS_MAX = 15 * 60_000;
const PRESIGNED_SECONDS_MAX = 604_800;
const TEST_ROOT = '000000000000';

/** How the body is vouched for. */
export type Payload =
  /** The hash that the signature covers; the body has to have it. */
  | { kind: 'hash'; sha256: string }
  | { kind: 'unsigned' }
  | { kind: 'streaming'; signed: boolean; trailer: boolean }
  /** No header says it: the signature covers the hash of the body itself. */
  | { kind: 'body' };

const streamingForms: Readonly<Record<string, Payload>> = {
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { kind: 'streaming', signed: false, trailer: true },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { kind: 'streaming', signed: true, trailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { kind: 'streaming', signed: true, trailer: true },
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD': { kind: 'streaming', signed: true, trailer: false },
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER': { kind: 'streaming', signed: true, trailer: true },
};
const unsignedPayload: Payload = { kind: 'unsigned' };

/** Reads x-amz-content-sha256. Throws what S3 throws for a value that is none. */
export function declaredPayload(call: Call): Payload {
  const declared =
    call.request.headers['x-amz-content-sha256'] ?? (call.claim?.presigned ? call.query.get('X-Amz-Content-Sha256')?.[0] : undefined);
  const s3 = errorFamily(call) === 's3';
  if (declared === undefined) {
    if (!s3 || call.claim?.presigned || !call.claim) return s3 ? unsignedPayload : { kind: 'body' };
    throw missingPayloadHash();
  }
  if (declared === 'UNSIGNED-PAYLOAD') return unsignedPayload;
  const streaming = Object.hasOwn(streamingForms, declared) ? streamingForms[declared] : undefined;
  if (streaming) return streaming;
  if (/^[0-9a-fA-F]{64}$/.test(declared)) return { kind: 'hash', sha256: declared };
  if (s3) throw invalidPayloadHash(declared);
  return { kind: 'body' };
}

/** The text that stands for the body in the canonical request. */
function payloadText(call: Call, payload: Payload, bodyHash: string | undefined): string {
  const { claim, request, query } = call;
  if (payload.kind === 'body') return bodyHash ?? emptyHash;
  if (payload.kind === 'unsigned') return 'UNSIGNED-PAYLOAD';
  const inQuery = claim?.presigned ? query.get('X-Amz-Content-Sha256')?.[0] : undefined;
  // A presigned URL was signed before anybody knew the body, unless its header is among the signed ones.
  if (claim?.presigned && inQuery === undefined && !claim.signedHeaders.includes('x-amz-content-sha256')) return 'UNSIGNED-PAYLOAD';
  return inQuery ?? request.headers['x-amz-content-sha256'] ?? emptyHash;
}

export type Authenticated = {
  credential: Credential;
  /** The key is one of `test`. */ test: boolean;
  /** Verifies chunks too; undefined for SigV2. */ key: KeyObject | undefined;
};

/**
 * Verifies a claim, at once where its key is known without a read. `bodyHash` is needed where no header declares one. Throws or rejects
 * with the refusal in the words of the service's family.
 */
export function authenticate(
  parts: GatewayParts,
  keys: SigningKeys,
  call: Call,
  payload: Payload,
  bodyHash?: string,
): Authenticated | Promise<Authenticated> {
  const claim = call.claim!;
  const family = errorFamily(call);
  if (claim.algorithm === 'AWS2-HMAC-SHA1') checkSigV2Time(claim, family, call.now);
  else checkClaim(parts, call, claim, family);
  const hashed = payloadText(call, payload, bodyHash);
  const test = testCredential(parts, claim);
  // What pages may do with a bucket is said by its CORS rules.
  if (test && family !== 's3' && isWebPage(call.request)) throw testKeyOfWebPage(family);
  if (test) return verified(keys, call, test, hashed, true);
  return parts.identity
    .credential(claim.accessKeyId, claim.sessionToken)
    .then((credential) => verified(keys, call, credential, hashed, false));
}

/** Holds the claim against the credential that it names. */
function verified(keys: SigningKeys, call: Call, credential: Credential | undefined, hashed: string, test: boolean): Authenticated {
  const claim = call.claim!;
  const family = errorFamily(call);
  if (!credential)
    throw claim.sessionToken === undefined
      ? unknownKey(family, claim.accessKeyId)
      : badToken(family, claim.accessKeyId, claim.sessionToken);
  const key = keyOf(keys, claim, credential.secretAccessKey);
  const verification = checkSignature(call, claim, credential, key, hashed);
  if (!verification.valid) throw wrongSignature(family, claim.accessKeyId, claim.signature, verification);
  if (credential.expiresAt !== undefined && credential.expiresAt <= call.now) throw expiredToken(family, claim.sessionToken);
  return { credential, key, test };
}

/** Verifies the claim of a form, which signs nothing but its policy. */
export async function authenticateForm(parts: GatewayParts, keys: SigningKeys, call: Call, policy: string): Promise<Authenticated> {
  const claim = call.claim!;
  if (claim.algorithm !== 'AWS2-HMAC-SHA1') {
    if (!/^\d{8}T\d{6}Z$/.test(claim.timestamp!)) throw noDate('s3');
    checkScope(call, claim, 's3');
  }
  const test = testCredential(parts, claim);
  const credential = test ?? (await parts.identity.credential(claim.accessKeyId, claim.sessionToken));
  if (!credential)
    throw claim.sessionToken === undefined ? unknownKey('s3', claim.accessKeyId) : badToken('s3', claim.accessKeyId, claim.sessionToken);
  const key = keyOf(keys, claim, credential.secretAccessKey);
  const expected = key
    ? createHmac('sha256', key).update(policy).digest('hex')
    : createHmac('sha1', credential.secretAccessKey).update(policy).digest('base64');
  if (!sameText(claim.signature, expected))
    throw wrongSignature('s3', claim.accessKeyId, claim.signature, { valid: false, canonicalRequest: '', stringToSign: policy });
  if (credential.expiresAt !== undefined && credential.expiresAt <= call.now) throw expiredToken('s3', claim.sessionToken);
  return { credential, key, test: test !== undefined };
}

function keyOf(keys: SigningKeys, claim: Claim, secret: string): KeyObject | undefined {
  if (claim.algorithm === 'AWS4-HMAC-SHA256') return keys.symmetric(claim.accessKeyId, secret, claim.date, claim.region, claim.service);
  return claim.algorithm === 'AWS4-ECDSA-P256-SHA256' ? keys.asymmetric(claim.accessKeyId, secret) : undefined;
}

function checkSignature(call: Call, claim: Claim, credential: Credential, key: KeyObject | undefined, payloadHash: string): Verification {
  if (!key) return verifySigV2(call.request, claim, credential.secretAccessKey, call.query, call.bucketInHost ? call.bucket : undefined);
  return claim.algorithm === 'AWS4-HMAC-SHA256'
    ? verifySigV4(call.request, claim, key, payloadHash)
    : verifySigV4A(call.request, claim, key, payloadHash);
}

const testCredentials = new Map<string, Credential>();
const TEST_CREDENTIALS_MAX = 1_000;

/** `test` and any 12-digit id, with the secret `test`: the root of that account. */
function testCredential(parts: GatewayParts, { accessKeyId, sessionToken }: Claim): Credential | undefined {
  if (!parts.testKey || (accessKeyId !== 'test' && !/^\d{12}$/.test(accessKeyId))) return undefined;
  // LocalStack's users send a session token `test` along with the key: it says nothing and harms nothing.
  if (sessionToken !== undefined && sessionToken !== 'test') return undefined;
  let credential = testCredentials.get(accessKeyId);
  if (!credential) {
    if (testCredentials.size >= TEST_CREDENTIALS_MAX) testCredentials.clear();
    credential = { accessKeyId, secretAccessKey: 'test', principal: rootUser(accessKeyId === 'test' ? TEST_ROOT : accessKeyId) };
    testCredentials.set(accessKeyId, credential);
  }
  return credential;
}

function checkClaim(parts: GatewayParts, call: Call, claim: Claim, family: ErrorFamily): void {
  const signedAt = claim.timestamp === undefined ? NaN : parseTime(claim.timestamp);
  if (Number.isNaN(signedAt)) throw noDate(family);
  // The string to sign has the basic form, whatever form the Date header had.
  if (!claim.timestamp!.endsWith('Z')) claim.timestamp = basicTime(signedAt);
  checkScope(call, claim, family);
  if (claim.presigned) checkPresignedTime(claim, family, signedAt, call.now);
  else if (
    Math.abs(call.now - signedAt) > SKEW_MILLISECONDS_MAX &&
    !(parts.wallClock && Math.abs(parts.wallClock() - signedAt) <= SKEW_MILLISECONDS_MAX)
  )
    throw skewed(family, signedAt, call.now, SKEW_MILLISECONDS_MAX);
  if (!claim.signedHeaders.includes('host') && !signsAuthority(call, claim)) throw hostNotSigned(family, claim.presigned);
  if (family === 's3') checkHeadersSigned(call, claim);
}

/** What HTTP/2 has in place of Host. */
function signsAuthority({ request }: Call, claim: Claim): boolean {
  return request.headers[':authority'] !== undefined && claim.signedHeaders.includes(':authority');
}

function checkScope(call: Call, claim: Claim, family: ErrorFamily): void {
  const day = claim.timestamp!.slice(0, 8);
  if (claim.date !== day) {
    const message =
      family === 's3'
        ? `incorrect date format or date "${claim.date.slice(0, 32)}". This date in the credential must be in the format "yyyyMMdd".`
        : `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${claim.date.slice(0, 32)}' != '${day}', from '${claim.timestamp}'.`;
    throw wrongScope(family, claim.presigned, message);
  }
  if (claim.terminator !== 'aws4_request') {
    const message =
      family === 's3'
        ? `incorrect terminal "${claim.terminator.slice(0, 32)}". This endpoint uses "aws4_request".`
        : `Credential should be scoped with a valid terminator: 'aws4_request', not '${claim.terminator.slice(0, 32)}'.`;
    throw wrongScope(family, claim.presigned, message);
  }
  if (call.summary && claim.service !== call.summary.signingName && !(call.summary.name === 's3' && claim.service.startsWith('s3'))) {
    throw wrongScope(family, claim.presigned, `Credential should be scoped to correct service: '${call.summary.signingName}'.`);
  }
  const asymmetric = claim.algorithm === 'AWS4-ECDSA-P256-SHA256';
  if (asymmetric ? !inRegionSet(claim.regionSet ?? '', call.region) : !/^[a-z0-9-]{1,32}$/.test(claim.region))
    throw wrongRegion(family, claim, asymmetric ? call.region : (call.hostRegion ?? REGION_DEFAULT));
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
function checkPresignedTime(claim: Claim, family: ErrorFamily, signedAt: number, now: number): void {
  const seconds = Number(claim.expires);
  if (!/^-?\d{1,12}$/.test(claim.expires ?? '')) throw presignedFault(family, 'X-Amz-Expires should be a number');
  if (seconds < 0) throw presignedFault(family, 'X-Amz-Expires must be non-negative');
  if (seconds > PRESIGNED_SECONDS_MAX)
    throw presignedFault(
      family,
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${PRESIGNED_SECONDS_MAX} seconds`,
    );
  if (signedAt - now > SKEW_MILLISECONDS_MAX)
    throw family === 's3' ? urlNotYetValid() : skewed(family, signedAt, now, SKEW_MILLISECONDS_MAX);
  const expiresAt = signedAt + seconds * 1_000;
  if (now > expiresAt) throw urlExpired(family, expiresAt, now, claim.expires);
}

function presignedFault(family: ErrorFamily, message: string): Error {
  return family === 's3' ? queryParametersError(message) : wrongScope(family, true, message);
}

function checkSigV2Time(claim: Claim, family: ErrorFamily, now: number): void {
  if (!/^\d{1,12}$/.test(claim.expires!)) throw urlExpired(family, 0, now, undefined);
  const expiresAt = Number(claim.expires) * 1_000;
  if (now > expiresAt) throw urlExpired(family, expiresAt, now, undefined);
}

/** S3 wants every x-amz- header under the signature, so that nobody can add one to another's request. */
function checkHeadersSigned({ request }: Call, claim: Claim): void {
  let missing: string[] | undefined;
  for (const name in request.headers) {
    if (name.startsWith('x-amz-') && !claim.signedHeaders.includes(name) && !(claim.presigned && name === 'x-amz-content-sha256'))
      (missing ??= []).push(name);
  }
  if (missing) throw headersNotSigned(missing);
}

let lastTimestamp = '';
let lastTime = NaN;

/** `20261120T231500Z`, or any form of an HTTP date. Clients sign many requests in one second. */
function parseTime(text: string): number {
  if (text !== lastTimestamp) {
    lastTime = timeOf(text);
    lastTimestamp = text;
  }
  return lastTime;
}

function timeOf(text: string): number {
  const basic = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (basic)
    return Date.UTC(Number(basic[1]), Number(basic[2]) - 1, Number(basic[3]), Number(basic[4]), Number(basic[5]), Number(basic[6]));
  return text.length > 64 || text.endsWith('Z') ? NaN : Date.parse(text);
}
