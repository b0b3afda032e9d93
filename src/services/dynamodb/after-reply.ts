/** Every answer carries the CRC-32 of its body, which old SDKs check, is compressed when asked for, and may be read by browsers. */

import { crc32, deflateSync, gzipSync } from 'node:zlib';
import type { HttpResponse } from '../../framework/http-message.ts';
import type { ServiceRequest } from '../../framework/request.ts';

/** AWS leaves shorter answers as they are. */
const compressedBytesMin = 4096;
const codings = { gzip: gzipSync, deflate: deflateSync };
type Coding = keyof typeof codings;

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
  const coding = body.length < compressedBytesMin ? undefined : acceptedCoding(headers['accept-encoding']);
  if (coding !== undefined) {
    bytes = codings[coding](body, { level: 1 });
    response.body = bytes;
    response.headers['content-encoding'] = coding;
    if (response.headers['content-length'] !== undefined) response.headers['content-length'] = String(bytes.length);
  }
  response.headers['x-amz-crc32'] = String(crc32(bytes));
}

/** The coding that a caller likes best, the first of several; one that it names before one that only `*` stands for. */
function acceptedCoding(header: string | undefined): Coding | undefined {
  if (header === undefined) return undefined;
  const wishes = new Map<string, number>();
  for (const part of header.split(',')) {
    const [, name, weight = '1'] = /^\s*([\w-]+|\*)\s*(?:;\s*q\s*=\s*(\d+(?:\.\d*)?)\s*)?$/.exec(part) ?? [];
    if (name !== undefined) wishes.set(name.toLowerCase(), Math.min(1, Number(weight)));
  }
  const others = wishes.get('*') ?? 0;
  const isCoding = (name: string): name is Coding => Object.hasOwn(codings, name);
  const named = [...wishes.keys()].filter(isCoding);
  const candidates = [...named, ...Object.keys(codings).filter((name) => !wishes.has(name))] as Coding[];
  const weightOf = (coding: Coding): number => wishes.get(coding) ?? others;
  const best = candidates.reduce((one, other) => (weightOf(other) > weightOf(one) ? other : one));
  return weightOf(best) > 0 ? best : undefined;
}
