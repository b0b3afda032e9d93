/** Signs what this cloud asks of another, with Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */

import { createHash, createHmac } from 'node:crypto';

export type RequestKey = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type UnsignedRequest = {
  method: string;
  /** With its port, where the scheme does not tell it. */
  host: string;
  /** Encoded as it is sent. */
  path: string;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  /** Hexadecimal. */
  bodySha256: string;
};

/** The path with its query, and all headers, each of them signed. `at` in milliseconds since the epoch. */
export function signRequest(
  { accessKeyId, secretAccessKey, sessionToken }: RequestKey,
  { region, service }: { region: string; service: string },
  request: UnsignedRequest,
  at: number,
): { path: string; headers: Record<string, string> } {
  const moment = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${moment.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.host,
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

/** Hexadecimal. */
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
