/** What a request says about who signed it: the Authorization header or the query of a presigned URL, taken apart but not yet believed. */

import type { HttpRequest } from '../../framework/http-message.ts';

export type Algorithm = 'AWS4-HMAC-SHA256' | 'AWS4-ECDSA-P256-SHA256' | 'AWS2-HMAC-SHA1';

export type Claim = {
  algorithm: Algorithm;
  accessKeyId: string;
  /** `20261120/us-east-1/s3/aws4_request`; SigV4A has no region in it; empty for SigV2. */
  scope: string;
  date: string;
  /** Empty for SigV4A, whose regions are `regionSet`. */
  region: string;
  regionSet: string | undefined;
  service: string;
  terminator: string;
  signedHeaders: readonly string[];
  signature: string;
  presigned: boolean;
  /** As sent: `20261120T000000Z`, an HTTP date, or undefined when there was none. For SigV2 the moment of expiry in seconds. */
  timestamp: string | undefined;
  /** Seconds, of a presigned URL, as sent. */
  expires: string | undefined;
  sessionToken: string | undefined;
};

/** `malformed` carries what was missing, for the sentence that AWS answers with. */
export type ClaimResult =
  | { claim: Claim }
  | { malformed: 'scheme' | 'header' | 'credential' | 'query' | 'twice'; missing: readonly string[] }
  | undefined;

const v4Schemes: readonly Algorithm[] = ['AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'];
const presignedMembers = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-Date', 'X-Amz-SignedHeaders'] as const;
/** How long a presigned request to any service but S3 is good that does not say so itself, in seconds. */
const PRESIGNED_SECONDS = '900';

/** Reads the claim of a request; undefined for one that is not signed. */
export function readClaim(request: HttpRequest, query: ReadonlyMap<string, readonly string[]>): ClaimResult {
  const header = request.headers['authorization'];
  const inQuery = query.has('X-Amz-Algorithm') || query.has('X-Amz-Credential') || query.has('X-Amz-Signature');
  if (header === undefined) return inQuery ? fromQuery(query) : fromSigV2Query(query);
  if (inQuery) return { malformed: 'twice', missing: [] };
  return fromHeader(header, request);
}

function fromHeader(header: string, request: HttpRequest): ClaimResult {
  const end = header.lastIndexOf(SIGNATURE);
  const known = end < 0 ? undefined : signers.get(header.slice(0, end));
  const signature = header.slice(end + SIGNATURE.length).trim();
  if (known && signature !== '' && !signature.includes(',')) return { claim: claimOf(known, signature, request) };
  return fromNewHeader(header, request);
}

/** What the header says of its signer, all but the signature: the same in thousands of calls, and read once. */
type Signer = NonNullable<ReturnType<typeof credentialScope>> & { algorithm: Algorithm; signedHeaders: readonly string[] };

const SIGNATURE = ', Signature=';
const signers = new Map<string, Signer>();
const SIGNERS_MAX = 1_000;
const SIGNER_LENGTH_MAX = 1_024;

function remember(header: string, signer: Signer): void {
  const end = header.lastIndexOf(SIGNATURE);
  if (end < 0 || end > SIGNER_LENGTH_MAX || header.indexOf(',', end + 1) >= 0) return;
  if (signers.size >= SIGNERS_MAX) signers.clear();
  signers.set(header.slice(0, end), signer);
}

function claimOf(signer: Signer, signature: string, { headers }: HttpRequest): Claim {
  return {
    algorithm: signer.algorithm,
    accessKeyId: signer.accessKeyId,
    scope: signer.scope,
    date: signer.date,
    region: signer.region,
    regionSet: headers['x-amz-region-set'],
    service: signer.service,
    terminator: signer.terminator,
    signedHeaders: signer.signedHeaders,
    signature,
    presigned: false,
    timestamp: headers['x-amz-date'] ?? headers['date'],
    expires: undefined,
    sessionToken: headers['x-amz-security-token'],
  };
}

function fromNewHeader(header: string, request: HttpRequest): ClaimResult {
  const algorithm = v4Schemes.find((scheme) => header.startsWith(scheme));
  if (!algorithm) return { malformed: 'scheme', missing: [] };
  const { credential, signedHeaders, signature } = headerFields(header, algorithm.length);
  const missing: string[] = [];
  if (!credential) missing.push('Credential');
  if (!signature) missing.push('Signature');
  if (!signedHeaders) missing.push('SignedHeaders');
  if (!credential || !signature || !signedHeaders) return { malformed: 'header', missing };
  const scope = credentialScope(credential, algorithm);
  if (!scope) return { malformed: 'credential', missing: [credential] };
  const signer = { ...scope, algorithm, signedHeaders: signedHeaders.split(';') };
  remember(header, signer);
  return { claim: claimOf(signer, signature, request) };
}

/** `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, in any order, with or without spaces. */
function headerFields(header: string, from: number): { credential?: string; signedHeaders?: string; signature?: string } {
  const fields: { credential?: string; signedHeaders?: string; signature?: string } = {};
  for (const part of header.slice(from).split(',')) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    const name = part.slice(0, equals).trim();
    const value = part.slice(equals + 1).trim();
    if (name === 'Credential') fields.credential = value;
    else if (name === 'SignedHeaders') fields.signedHeaders = value;
    else if (name === 'Signature') fields.signature = value;
  }
  return fields;
}

/** The scope of a SigV4 credential that stands alone, as in a form. */
export function basicScope(credential: string): ReturnType<typeof credentialScope> {
  return credentialScope(credential, 'AWS4-HMAC-SHA256');
}

/** The key id may itself hold slashes (they never do at AWS), so the scope is read from the right. */
function credentialScope(
  credential: string,
  algorithm: Algorithm,
): Pick<Claim, 'accessKeyId' | 'scope' | 'date' | 'region' | 'service' | 'terminator'> | undefined {
  const parts = credential.split('/');
  const regional = algorithm === 'AWS4-HMAC-SHA256';
  if (parts.length !== (regional ? 5 : 4) || parts.some((part) => part === '')) return undefined;
  const [accessKeyId, date] = parts as [string, string];
  return {
    accessKeyId,
    date,
    region: regional ? parts[2]! : '',
    service: parts.at(-2)!,
    terminator: parts.at(-1)!,
    scope: credential.slice(accessKeyId.length + 1),
  };
}

function fromQuery(query: ReadonlyMap<string, readonly string[]>): ClaimResult {
  const value = (name: string): string | undefined => query.get(name)?.[0];
  const missing: string[] = presignedMembers.filter((name) => value(name) === undefined);
  const ofS3 = !/\/(?!s3)[a-z0-9-]+\/aws4_request$/.test(value('X-Amz-Credential') ?? '');
  if (ofS3 && value('X-Amz-Expires') === undefined) missing.push('X-Amz-Expires');
  const algorithm = v4Schemes.find((scheme) => scheme === value('X-Amz-Algorithm'));
  if (missing.length > 0 || !algorithm) return { malformed: 'query', missing };
  const credential = value('X-Amz-Credential')!;
  const scope = credentialScope(credential, algorithm);
  if (!scope) return { malformed: 'credential', missing: [credential] };
  return {
    claim: {
      algorithm,
      ...scope,
      signedHeaders: value('X-Amz-SignedHeaders')!.split(';'),
      signature: value('X-Amz-Signature')!,
      presigned: true,
      timestamp: value('X-Amz-Date'),
      expires: value('X-Amz-Expires') ?? PRESIGNED_SECONDS,
      regionSet: value('X-Amz-Region-Set'),
      sessionToken: value('X-Amz-Security-Token'),
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html#RESTAuthenticationQueryStringAuth */
function fromSigV2Query(query: ReadonlyMap<string, readonly string[]>): ClaimResult {
  const accessKeyId = query.get('AWSAccessKeyId')?.[0];
  const signature = query.get('Signature')?.[0];
  const expires = query.get('Expires')?.[0];
  if (!accessKeyId || !signature || !expires) return undefined;
  return {
    claim: {
      algorithm: 'AWS2-HMAC-SHA1',
      accessKeyId,
      signature,
      expires,
      scope: '',
      date: '',
      region: '',
      regionSet: undefined,
      service: 's3',
      terminator: '',
      signedHeaders: [],
      presigned: true,
      timestamp: expires,
      sessionToken: query.get('x-amz-security-token')?.[0],
    },
  };
}
