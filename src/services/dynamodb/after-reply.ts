/** DynamoDB's errors name the part of AWS that found them; every answer carries the CRC-32 of its body, which old SDKs check, and is gzipped when asked for. */

import { crc32, gzipSync } from 'node:zlib';
import type { HttpResponse } from '../../framework/http-message.ts';
import type { ServiceRequest } from '../../framework/request.ts';

/** Shorter answers would only grow. */
const gzipBytesMin = 1024;

export async function afterReply(request: ServiceRequest, response: HttpResponse): Promise<void> {
  if (response.status >= 400) nameErrorType(response);
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

const typeForm = /^\{"__type":"com\.amazonaws\.dynamodb#(\w+)"/;
/** Errors that are found before DynamoDB itself has its turn. */
const namespaces: Readonly<Record<string, string>> = {
  ValidationException: 'com.amazon.coral.validate',
  SerializationException: 'com.amazon.coral.service',
  AccessDeniedException: 'com.amazon.coral.service',
  UnknownOperationException: 'com.amazon.coral.service',
  UnrecognizedClientException: 'com.amazon.coral.service',
  MissingAuthenticationTokenException: 'com.amazon.coral.service',
  IncompleteSignatureException: 'com.amazon.coral.service',
  InvalidSignatureException: 'com.amazon.coral.service',
};

/** The schema knows one namespace; the service answers with these, and old clients compare the whole text. */
function nameErrorType(response: HttpResponse): void {
  if (typeof response.body !== 'string') return;
  const type = typeForm.exec(response.body);
  if (!type) return;
  const name = type[1]!;
  const namespace = Object.hasOwn(namespaces, name) ? namespaces[name]! : 'com.amazonaws.dynamodb.v20120810';
  response.body = `{"__type":"${namespace}#${name}"${response.body.slice(type[0].length)}`;
  if (response.headers['content-length'] !== undefined) response.headers['content-length'] = String(Buffer.byteLength(response.body));
}
