/** Signature Version 2 of S3's presigned URLs, which AWS CLI v1 still writes in us-east-1: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html */

import { createHmac } from 'node:crypto';
import type { HttpRequest } from '../../framework/http-message.ts';
import type { Claim } from './claim.ts';
import { sameText, type Verification } from './sigv4.ts';

/** Query parameters that belong to the resource; all others are not signed. */
const subresources: ReadonlySet<string> = new Set([
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'partNumber',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'restore',
  'retention',
  'select',
  'select-type',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
]);

/** `bucket` is the one of the Host header; a path-style bucket is already in the path. */
export function verifySigV2(
  request: HttpRequest,
  claim: Claim,
  secret: string,
  query: ReadonlyMap<string, readonly string[]>,
  bucket: string | undefined,
): Verification {
  const headers = request.headers;
  const resource = `${bucket ? `/${bucket}` : ''}${request.rawPath}${subresourceQuery(query)}`;
  const stringToSign = `${request.method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n${claim.expires}\n${amzHeaders(request, query)}${resource}`;
  const expected = createHmac('sha1', secret).update(stringToSign, 'latin1').digest('base64');
  return { valid: sameText(claim.signature, expected), canonicalRequest: '', stringToSign };
}

/** A session token in the query is signed as if it were a header. */
function amzHeaders(request: HttpRequest, query: ReadonlyMap<string, readonly string[]>): string {
  const lines: string[] = [];
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith('x-amz-'))
      lines.push(`${name}:${(request.repeatedHeaders?.[name] ?? [request.headers[name]!]).map((value) => value.trim()).join(',')}\n`);
  }
  for (const [name, values] of query)
    if (name.startsWith('x-amz-') && !(name in request.headers)) lines.push(`${name}:${values.join(',')}\n`);
  return lines.sort().join('');
}

function subresourceQuery(query: ReadonlyMap<string, readonly string[]>): string {
  const parts: string[] = [];
  for (const [name, [value = '']] of query) if (subresources.has(name)) parts.push(value === '' ? name : `${name}=${value}`);
  return parts.length === 0 ? '' : `?${parts.sort().join('&')}`;
}
