/** A line of an access log: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html. Pure. */

import type { HttpRequest, HttpResponse } from '../../../framework/http-message.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { accessPointArn } from '../../../framework/s3-access/access-points.ts';
import { ownerOf } from '../buckets/bucket.ts';
import type { Found } from '../buckets/lookup.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Strangers choose these texts: a line is not to grow without bounds. */
const textLengthMax = 1024;

/** The line about one request. `now` is the moment of the answer. */
export function lineOf(request: ServiceRequest, http: HttpRequest, response: HttpResponse, found: Found, now: number): string {
  const { bucket } = found;
  const key = http.s3 && http.s3.path !== '/' ? http.s3.path.slice(1) : undefined;
  const elapsed = String(Math.max(0, now - request.now));
  const fields = [
    ownerOf(bucket.account).ID,
    bucket.name,
    `[${timeOf(request.now)}]`,
    request.sourceIp || undefined,
    requesterOf(request),
    request.requestId,
    operationOf(request, http, key),
    key && plain(encodeURI(safelyDecoded(key))),
    quoted(`${http.method} ${http.rawPath}${http.rawQuery === '' ? '' : `?${withoutSecrets(http.rawQuery)}`} HTTP/1.1`),
    String(response.status),
    errorCodeOf(response),
    sentBytes(http, response),
    found.object?.size.toString(),
    elapsed,
    elapsed,
    quoted(http.headers['referer']),
    quoted(http.headers['user-agent']),
    found.version,
    request.requestId,
    signatureOf(http),
    http.tls?.cipher,
    authTypeOf(http),
    http.headers['host'] && plain(http.headers['host']),
    http.tls?.version,
    found.through && accessPointArn(found.through.point),
    bucket.ownership !== undefined && bucket.acl ? 'Yes' : undefined,
  ];
  return fields.map((field) => field ?? '-').join(' ');
}

function timeOf(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

function requesterOf({ principal }: ServiceRequest): string | undefined {
  if (principal.type === 'Anonymous') return undefined;
  if (principal.type === 'Root') return ownerOf(principal.account).ID;
  return principal.type === 'Service' ? principal.name : principal.arn;
}

/** `REST.GET.OBJECT`, `REST.PUT.ACL`; a visit of a website begins with WEBSITE. */
function operationOf(request: ServiceRequest, http: HttpRequest, key: string | undefined): string {
  const kind = http.s3?.website ? 'WEBSITE' : 'REST';
  const { operation } = request;
  const multiple: Readonly<Record<string, string>> = {
    CopyObject: 'REST.COPY.OBJECT',
    DeleteObjects: 'REST.POST.MULTI_OBJECT_DELETE',
    UploadPart: 'REST.PUT.PART',
    UploadPartCopy: 'REST.COPY.PART',
    CreateMultipartUpload: 'REST.POST.UPLOADS',
    CompleteMultipartUpload: 'REST.POST.UPLOAD',
    AbortMultipartUpload: 'REST.DELETE.UPLOAD',
    ListParts: 'REST.GET.UPLOAD',
    ListMultipartUploads: 'REST.GET.UPLOADS',
    ListObjectVersions: 'REST.GET.BUCKETVERSIONS',
  };
  if (Object.hasOwn(multiple, operation)) return multiple[operation]!;
  const resource = subresourceOf(http.rawQuery) ?? (key === undefined ? 'BUCKET' : 'OBJECT');
  return `${kind}.${http.method}.${resource}`;
}

const subresources: Readonly<Record<string, string>> = {
  accelerate: 'ACCELERATE',
  acl: 'ACL',
  annotation: 'ANNOTATION',
  cors: 'CORS',
  encryption: 'ENCRYPTION',
  lifecycle: 'LIFECYCLE',
  location: 'LOCATION',
  logging: 'LOGGING_STATUS',
  notification: 'NOTIFICATION',
  ownershipControls: 'OWNERSHIP_CONTROLS',
  policy: 'BUCKETPOLICY',
  policyStatus: 'POLICY_STATUS',
  publicAccessBlock: 'PUBLIC_ACCESS_BLOCK',
  replication: 'REPLICATION',
  requestPayment: 'REQUEST_PAYMENT',
  restore: 'RESTORE',
  retention: 'RETENTION',
  tagging: 'TAGGING',
  versioning: 'VERSIONING',
  website: 'WEBSITE',
};

function subresourceOf(rawQuery: string): string | undefined {
  for (const part of rawQuery.split('&')) {
    const name = part.split('=', 1)[0]!;
    if (Object.hasOwn(subresources, name)) return subresources[name];
  }
  return undefined;
}

/** Signatures and tokens are nobody's to read. */
function withoutSecrets(query: string): string {
  return query.replace(/(X-Amz-Signature|X-Amz-Security-Token|Signature|x-amz-security-token)=[^&]*/g, '$1=-');
}

function errorCodeOf({ body, status }: HttpResponse): string | undefined {
  return status >= 400 && typeof body === 'string' ? /<Code>(\w+)<\/Code>/.exec(body)?.[1] : undefined;
}

function sentBytes(http: HttpRequest, { body, headers }: HttpResponse): string | undefined {
  if (http.method === 'HEAD') return undefined;
  if (typeof body === 'string') return body === '' ? undefined : String(Buffer.byteLength(body));
  if (body instanceof Uint8Array) return String(body.length);
  return headers['content-length'];
}

function signatureOf(http: HttpRequest): string | undefined {
  const authorization = http.headers['authorization'] ?? '';
  if (authorization.startsWith('AWS4') || http.rawQuery.includes('X-Amz-Signature=')) return 'SigV4';
  return authorization.startsWith('AWS ') || http.rawQuery.includes('AWSAccessKeyId=') ? 'SigV2' : undefined;
}

function authTypeOf(http: HttpRequest): string | undefined {
  if (http.headers['authorization'] !== undefined) return 'AuthHeader';
  return signatureOf(http) && 'QueryString';
}

function safelyDecoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // The request was refused for it; the log shows it as it came.
    return key;
  }
}

function plain(text: string): string {
  return text.slice(0, textLengthMax).replace(/[^\x21-\x7e]/g, '_');
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `"${text.slice(0, textLengthMax).replace(/["\\\p{Cc}]/gu, '_')}"`;
}
