/** Brings the body to where the operation wants it: read whole and checked, or as a stream that is checked as it flows. */

import type { Readable } from 'node:stream';
import { AwsError } from '../framework/aws-error.ts';
import { bodyBytesMax, formBytesMax } from '../protocols/limits.ts';
import { readableOf, withOwnPieces } from '../framework/body.ts';
import type { HttpRequest } from '../framework/http-message.ts';
import type { Authenticated, Payload } from './authenticate.ts';
import { collect, hasBody, inflated, readBody } from './body.ts';
import { checkBodyDigests } from './body-digests.ts';
import { errorFamily, type Call } from './call.ts';
import { hashStep, payloadHash } from './payload-hash.ts';
import { payloadMismatch, wrongSignature } from './signature-errors.ts';
import { AwsChunkedDecoder } from './signatures/aws-chunked.ts';
import { chunkSignatures } from './signatures/chunk-signatures.ts';
import { incomplete, plainStep, streamBody } from './streaming-body.ts';

/** Bodies up to here are read at once even where they could be streamed: it is cheaper, and costs no more memory than a socket does. */
const SMALL_BYTES_MAX = 64 * 1024;

export type WholeBody = { /** What was signed. */ raw: Buffer; /** What it means. */ body: Buffer };

/** Reads a form whose operation is not known yet. */
export async function formBody(call: Call): Promise<WholeBody> {
  const raw = await readBody(call.request, formBytesMax, errorFamily(call));
  return { raw, body: await inflated(call.request, raw, formBytesMax, errorFamily(call)) };
}

const nothing: WholeBody = { raw: Buffer.alloc(0), body: Buffer.alloc(0) };

/** The body of a request without one, as most GETs are: its hash is checked, and there is nothing to wait for. Undefined for others. */
export function noBody(call: Call, payload: Payload): WholeBody | undefined {
  if (payload.kind === 'streaming' || hasBody(call.request)) return undefined;
  if (payload.kind === 'hash') checkHash(call, payload.sha256, nothing.raw);
  return nothing;
}

/** Reads a body whole, undoes its coding and checks its hash. */
export async function wholeBody(call: Call, payload: Payload, authenticated: Authenticated | undefined): Promise<WholeBody> {
  const family = errorFamily(call);
  const bytesMax = bodyBytesMax(call.model!, call.operation!);
  if (payload.kind === 'streaming') {
    const decoded = await collect(streamBody(call.request.body, decoder(call, payload, authenticated)), bytesMax, family);
    if (family === 's3') await checkBodyDigests(call, decoded);
    return { raw: decoded, body: decoded };
  }
  const raw = await readBody(call.request, bytesMax, family);
  if (payload.kind === 'hash') checkHash(call, payload.sha256, raw);
  if (family === 's3') await checkBodyDigests(call, raw);
  return { raw, body: await inflated(call.request, raw, bytesMax, family) };
}

/** Throws XAmzContentSHA256Mismatch, or what others than S3 say, when the body is not the one that was declared. */
export function checkHash(call: Call, declared: string, raw: Buffer): void {
  const computed = payloadHash(raw);
  if (computed === declared.toLowerCase()) return;
  if (errorFamily(call) === 's3' || !call.claim) throw payloadMismatch(declared, computed);
  throw wrongSignature(errorFamily(call), call.claim.accessKeyId, call.claim.signature, {
    valid: false,
    canonicalRequest: '',
    stringToSign: '',
  });
}

/** The body as a stream. Its errors are AwsErrors; destroying it leaves the connection whole. */
export async function bodyStream(call: Call, payload: Payload, authenticated: Authenticated | undefined): Promise<Readable> {
  const { request } = call;
  if (payload.kind === 'streaming') return withOwnPieces(streamBody(request.body, decoder(call, payload, authenticated)));
  const length = Number(request.headers['content-length'] ?? NaN);
  if (!hasBody(request) || (length <= SMALL_BYTES_MAX && request.headers['expect'] === undefined)) {
    const raw = await readBody(request, SMALL_BYTES_MAX, errorFamily(call));
    if (payload.kind === 'hash') checkHash(call, payload.sha256, raw);
    return readableOf(raw);
  }
  return withOwnPieces(streamBody(request.body, payload.kind === 'hash' ? hashStep(payload.sha256) : plainStep));
}

/** Undoes aws-chunked, and lets the operation see the headers and trailers of what is inside. */
function decoder(
  call: Call,
  payload: Extract<Payload, { kind: 'streaming' }>,
  authenticated: Authenticated | undefined,
): AwsChunkedDecoder {
  const { claim, request } = call;
  const declared = request.headers['x-amz-decoded-content-length'];
  if (declared === undefined)
    throw new AwsError('MissingContentLength', 'You must provide the Content-Length HTTP header.', { status: 411 });
  if (!/^\d{1,15}$/.test(declared)) throw incomplete();
  const signed = payload.signed && claim && authenticated?.key;
  const decoding = new AwsChunkedDecoder({
    decodedLength: Number(declared),
    trailer: payload.trailer,
    announced: (request.headers['x-amz-trailer'] ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ''),
    ...(signed && {
      signatures: chunkSignatures(claim, signed, (stringToSign, signature) =>
        wrongSignature('s3', claim.accessKeyId, signature, { valid: false, canonicalRequest: '', stringToSign }),
      ),
    }),
  });
  call.decodedTrailers = decoding.trailers;
  return decoding;
}

/** The headers without the transport's own coding: `content-length` of the content, `content-encoding` without aws-chunked. */
export function decodedHeaders(request: HttpRequest): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.assign(Object.create(null), request.headers);
  const decodedLength = headers['x-amz-decoded-content-length'];
  if (decodedLength !== undefined) headers['content-length'] = decodedLength;
  const codings = (headers['content-encoding'] ?? '')
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'aws-chunked');
  if (codings.length > 0) headers['content-encoding'] = codings.join(',');
  else delete headers['content-encoding'];
  return headers;
}

/** Parameters that sign, or that S3 does not look at: SDKs put the checksum of an empty body into URLs that are to be used with another. */
const notHeaders = /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256|checksum-.*|sdk-.*)$/;
const conditions: ReadonlySet<string> = new Set(['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']);

/** The headers of a presigned request to S3, with those that its URL carries as parameters: metadata, an ACL, conditions and the like. */
export function withSignedQuery({ request, query, wireHeaders, claim }: Call): Readonly<Record<string, string>> | undefined {
  const given = wireHeaders ?? request.headers;
  // Version 2 signs those parameters alone.
  const signs = (name: string) => claim?.algorithm !== 'AWS2-HMAC-SHA1' || name.startsWith('x-amz-');
  let headers: Record<string, string> | undefined;
  for (const [parameter, [value]] of query) {
    const name = parameter.toLowerCase();
    if (value === undefined || name in given || !signs(parameter)) continue;
    if (!conditions.has(name) && (!name.startsWith('x-amz-') || notHeaders.test(name))) continue;
    headers ??= Object.assign(Object.create(null) as Record<string, string>, given);
    headers[name] = value;
  }
  return headers ?? wireHeaders;
}

/** The message as the operation sees it. */
export function operationView(call: Call): HttpRequest {
  const { request, wireHeaders } = call;
  if (call.bucket !== undefined) request.s3 = { bucket: call.bucket, path: call.path, inHost: call.bucketInHost, website: call.website };
  if (!wireHeaders) return request;
  const { method, rawPath, rawQuery, repeatedHeaders, body, remoteAddress, secure, s3, network } = request;
  return {
    ...{ method, rawPath, rawQuery, body, remoteAddress, secure, s3 },
    ...(repeatedHeaders && { repeatedHeaders }),
    ...(network && { network }),
    headers: wireHeaders,
    trailers: () => call.decodedTrailers ?? request.trailers(),
    get tls() {
      return request.tls;
    },
    get signal() {
      return request.signal;
    },
  };
}
