/** Every answer carries the CRC-32 of its body, which old SDKs check, is gzipped when asked for, and may be read by browsers. */

import { crc32, gzipSync } from 'node:zlib';
import type { HttpResponse } from '../../framework/http-message.ts';
import type { ServiceRequest } from '../../framework/request.ts';

/** Shorter answers would only grow. */
const gzipBytesMin = 1024;

export async function afterReply(request: ServiceRequest, response: HttpResponse): Promise<void> {
  const headers = request.http?.headers ?? {};
  if (headers['origin'] !== undefined) response.headers['access-control-allow-origin'] = '*';
  // Who speaks plain JSON is answered in it.
  const type = headers['content-type'];
  if (response.headers['content-type'] !== undefined && type !== undefined) {
    if (type.trimStart().startsWith('application/json')) response.headers['content-type'] = 'application/json';
    else if (type.startsWith('application/x-amz-json-1.0')) response.headers['content-type'] = 'application/x-amz-json-1.0';
  }
  const { body } = response;
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return;
  let bytes: string | Uint8Array = body;
  if (body.length >= gzipBytesMin && acceptsGzip(headers['accept-encoding'])) {
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
