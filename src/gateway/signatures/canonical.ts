/** The canonical request of Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */

import type { HttpRequest } from '../../framework/http-message.ts';

export type CanonicalOptions = {
  /** `as-sent` is S3's rule; all others encode once more what the URL already holds encoded. */
  path: 'as-sent' | 'encode-again' | 'normalise-and-encode-again' | 'encode-once';
  /** Left out of the query: the signature itself in a presigned URL. */
  omitQuery?: ReadonlySet<string>;
};

/** The text whose hash is signed. Characters stand for bytes (latin-1), as they came from the wire. */
export function canonicalRequest(
  request: HttpRequest,
  signedHeaders: readonly string[],
  payloadHash: string,
  options: CanonicalOptions,
): string {
  let headers = '';
  for (const name of signedHeaders) headers += `${name}:${headerValue(request, name)}\n`;
  return `${request.method}\n${canonicalPath(request.rawPath, options.path)}\n${canonicalQuery(request.rawQuery, options.omitQuery)}\n${headers}\n${signedHeaders.join(';')}\n${payloadHash}`;
}

function headerValue(request: HttpRequest, name: string): string {
  const repeated = request.repeatedHeaders?.[name];
  if (repeated) return repeated.map(trimmed).join(',');
  return trimmed(request.headers[name] ?? '');
}

function trimmed(value: string): string {
  return value.includes('  ') || value.includes('\n') ? value.trim().replaceAll(/\s+/g, ' ') : value.trim();
}

export function canonicalPath(rawPath: string, rule: CanonicalOptions['path']): string {
  if (rawPath === '/' || rawPath === '') return '/';
  if (rule === 'as-sent') return rawPath;
  if (rule === 'encode-once') return encodePath(decodeBytes(rawPath));
  return encodePath(rule === 'encode-again' ? rawPath : normalised(rawPath));
}

function encodePath(path: string): string {
  return path.split('/').map(encodeBytes).join('/');
}

/** Without `.`, `..` and empty segments, as RFC 3986 section 6 has it. */
function normalised(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const closed = kept.length > 0 && path.endsWith('/');
  return `/${kept.join('/')}${closed ? '/' : ''}`;
}

/** Pairs sorted by name, then value, each encoded strictly. */
export function canonicalQuery(rawQuery: string, omit?: ReadonlySet<string>): string {
  if (rawQuery === '') return '';
  const pairs: [name: string, value: string][] = [];
  for (const part of rawQuery.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    if (omit?.has(name)) continue;
    pairs.push([recoded(name), equals < 0 ? '' : recoded(part.slice(equals + 1))]);
  }
  if (pairs.length > 1) pairs.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

const unreserved = /^[A-Za-z0-9\-._~]*$/;

function recoded(text: string): string {
  return unreserved.test(text) ? text : encodeBytes(decodeBytes(text.replaceAll('+', ' ')));
}

/** Percent-decodes to latin-1 bytes; a broken escape stays as it is, and so breaks the signature instead of the server. */
function decodeBytes(text: string): string {
  if (!text.includes('%')) return text;
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const encoded: readonly string[] = Array.from({ length: 256 }, (_unused, byte) => {
  const character = String.fromCharCode(byte);
  return unreserved.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

function encodeBytes(text: string): string {
  if (unreserved.test(text)) return text;
  let out = '';
  for (let i = 0; i < text.length; i++) out += encoded[text.charCodeAt(i) & 0xff]!;
  return out;
}
