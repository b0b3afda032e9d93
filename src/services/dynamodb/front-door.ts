/** What DynamoDB answers to requests that are no calls: health checks, browsers' preflights, what names no operation or is signed badly. */

import type { Readable } from 'node:stream';
import { readableOf } from '../../framework/body.ts';
import type { HttpRequest, HttpResponse } from '../../framework/http-message.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { requestBytesMax } from './limits.ts';

/** Strangers' bodies are looked at only when they are short. */
const readBytesMax = 1024 * 1024;
const preflightSeconds = 172_800;
/** So much of a header is repeated to who sent it. */
const repeatedLengthMax = 512;

/** Undefined for what is a call, as far as can be seen without its signature. */
export async function answerUnrouted(request: ServiceRequest): Promise<HttpResponse | undefined> {
  const http = request.http!;
  const { method, headers } = http;
  if (Number(headers['content-length']) > requestBytesMax) return { status: 413, headers: {}, body: readableOf(Buffer.alloc(0)) };
  if (method === 'OPTIONS' && headers['origin'] !== undefined) return preflight(headers);
  if (method === 'GET') return { status: 200, headers: {}, body: `healthy: dynamodb.${request.region}.amazonaws.com ` };
  const isEmpty = (headers['content-length'] ?? '0') === '0' && headers['transfer-encoding'] === undefined;
  const type = contentType(headers);
  if (method !== 'POST' || (!isEmpty && type !== 'application/json' && type !== 'application/x-amz-json-1.0'))
    return { status: 404, headers: {}, body: '<UnknownOperationException/>\n' };
  if (!isEmpty && !(await isJson(http.body))) return refusal('SerializationException');
  if (request.operation === '') return refusal('UnknownOperationException');
  return signatureFault(http);
}

const contentType = (headers: HttpRequest['headers']): string => (headers['content-type'] ?? '').split(';', 1)[0]!.trim();

function preflight(headers: HttpRequest['headers']): HttpResponse {
  const answer: Record<string, string> = { 'access-control-max-age': String(preflightSeconds), 'content-length': '0' };
  const [asked, method] = [headers['access-control-request-headers'], headers['access-control-request-method']];
  if (asked !== undefined) answer['access-control-allow-headers'] = asked;
  if (method !== undefined) answer['access-control-allow-methods'] = method;
  return { status: 200, headers: answer, body: '' };
}

async function isJson(body: Readable): Promise<boolean> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece as Buffer);
      bytes += (piece as Buffer).length;
      if (bytes > readBytesMax) return true;
    }
    JSON.parse(Buffer.concat(pieces).toString('utf8'));
    return true;
  } catch {
    return false; // also where the client has broken it off
  }
}

/** Errors of the part of AWS that stands before the service. */
function refusal(name: string, message?: string): HttpResponse {
  const body = { __type: `com.amazon.coral.service#${name}`, ...(message !== undefined && { message }) };
  return { status: 400, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function signatureFault({ headers, rawQuery }: HttpRequest): HttpResponse | undefined {
  const authorization = headers['authorization'];
  const query = new URLSearchParams(rawQuery);
  const inQuery = query.has('X-Amz-Algorithm');
  if (authorization !== undefined && inQuery)
    return refusal('InvalidSignatureException', "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
  if (authorization === undefined ? !inQuery : !authorization.trim().startsWith('AWS4-'))
    return refusal('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  const missing = authorization === undefined ? missingInQuery(query) : missingInHeader(authorization, headers);
  return missing === '' ? undefined : refusal('IncompleteSignatureException', missing);
}

function missingInHeader(authorization: string, headers: HttpRequest['headers']): string {
  const given = new Map(
    authorization
      .split(/[, ]/)
      .slice(1)
      .map((part) => part.split('=', 2) as [string, string]),
  );
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !given.get(name));
  const sentences = missing.map((name) => `Authorization header requires '${name}' parameter. `);
  if (headers['x-amz-date'] === undefined && headers['date'] === undefined)
    sentences.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
  return sentences.length === 0 ? '' : `${sentences.join('')}Authorization=${authorization.slice(0, repeatedLengthMax)}`;
}

function missingInQuery(query: URLSearchParams): string {
  const names = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date'];
  const sentences = names.filter((name) => !query.get(name)).map((name) => `AWS query-string parameters must include '${name}'. `);
  return sentences.length === 0 ? '' : `${sentences.join('')}Re-examine the query-string parameters.`;
}
