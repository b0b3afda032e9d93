/** Every answer of DynamoDB carries the CRC-32 of its body, which old SDKs check, and is gzipped for clients that ask for it. */

import { crc32, gzipSync } from 'node:zlib';
import type { HttpResponse } from '../../framework/http-message.ts';
import type { ServiceRequest } from '../../framework/request.ts';

/** Shorter answers would only grow. */
const gzipBytesMin = 1024;

export async function afterReply(request: ServiceRequest, response: HttpResponse): Promise<void> {
  const { body } = response;
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return;
  let bytes: string | Uint8Array = body;
  if (body.length >= gzipBytesMin && acceptsGzip(request.http?.headers['accept-encoding'])) {
    bytes = gzipSync(body, { level: 1 });
    response.body = bytes;
    response.headers['content-encoding'] = 'gzip';
    if (response.headers['content-length'] !== undefined) response.headers['content-length'] = String(bytes.length);
  }
  response.headers['x-amz-crc32'] = String(crc32(bytes));
}

function acceptsGzip(header: string | undefined): boolean {
  return header !== undefined && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(header);
}
