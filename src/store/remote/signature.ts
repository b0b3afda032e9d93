/** Signs requests to another S3: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */

import { createHash, createHmac } from 'node:crypto';
import type { RemotePlace } from './place.ts';

export type UnsignedRequest = {
  method: string;
  /** Encoded as it is sent. */
  path: string;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  /** Hexadecimal. */
  bodySha256: string;
};

/** The path with its query, and all headers. `at` in milliseconds since the epoch. */
export function signRequest(place: RemotePlace, request: UnsignedRequest, at: number): { path: string; headers: Record<string, string> } {
  const { accessKeyId, secretAccessKey, sessionToken } = place.credentials;
  const moment = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${moment.slice(0, 8)}/${place.region}/s3/aws4_request`;
  const headers: Record<string, string> = {
    ...request.headers,
    host: new URL(place.endpoint).host,
    'x-amz-content-sha256': request.bodySha256,
    'x-amz-date': moment,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(headers).toSorted();
  const query = Object.entries(request.query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&');
  const canonical = [
    ...[request.method, request.path, query],
    ...names.map((name) => `${name}:${headers[name]}`),
    ...['', names.join(';'), request.bodySha256],
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', moment, scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce((before: string | Buffer, part) => hmac(before, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, toSign).toString('hex');
  return {
    path: query ? `${request.path}?${query}` : request.path,
    headers: {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    },
  };
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Percent-encodes all but what RFC 3986 leaves alone. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
