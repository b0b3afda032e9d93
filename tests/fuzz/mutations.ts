/** Spoils requests: a seeded choice of what a careless or hostile client might send. */

import { signed } from '../../src/gateway/tests/raw-client.ts';

export type Recorded = { service: string; method: string; path: string; headers: Record<string, string>; body: Buffer };

/** Even numbers from a seed (mulberry32). */
export type Dice = { below(limit: number): number; pick<T>(list: readonly T[]): T; bytes(length: number): Buffer };

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: (list) => list[below(list.length)]!, bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))) };
}

const nasty = [
  '',
  '%',
  '%zz',
  '%00',
  '..',
  '/../..',
  '//',
  '?',
  '&',
  '=',
  '+',
  'é',
  '한',
  '\u0000',
  '__proto__',
  'constructor',
  'NaN',
  '-1',
  '1e999',
  '9'.repeat(400),
  'a'.repeat(5_000),
  'true',
  'null',
  '[]',
  '{}',
  '"',
  "'",
  '<a>',
  ']]>',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '&b;',
  '\r\n',
  '\t',
  ';',
  ',',
];
const headerNames = [
  'content-type',
  'content-encoding',
  'x-amz-target',
  'smithy-protocol',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-decoded-content-length',
  'x-amz-trailer',
  'range',
  'if-match',
  'if-modified-since',
  'content-md5',
  'x-amz-checksum-crc32',
  'x-amz-copy-source',
  'x-amz-meta-__proto__',
  'x-amz-tagging',
  'x-amz-acl',
  'cookie',
  'referer',
  'user-agent',
  'expect',
  'transfer-encoding',
  'content-length',
  'host',
  'date',
  'authorization',
];
const headerValues = [
  'gzip',
  'aws-chunked',
  'application/x-www-form-urlencoded',
  'application/json',
  'application/x-amz-json-1.1',
  'application/cbor',
  'text/xml',
  'rpc-v2-cbor',
  'DynamoDB_20120810.PutItem',
  'AmazonSQS.SendMessage',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'UNSIGNED-PAYLOAD',
  'bytes=0-',
  'bytes=-0',
  'bytes=9-1,2-3',
  '*',
  '"x"',
  'chunked',
  '100-continue',
  '0',
  '99999999999',
  'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=00',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  'multipart/form-data; boundary=x',
];
const methods = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'];

type Mutation = (request: Recorded, die: Dice) => void;

function splice(text: string, die: Dice): string {
  const at = die.below(text.length + 1);
  return text.slice(0, at) + die.pick(nasty) + text.slice(at + die.below(4));
}

function spliceBody(body: Buffer, die: Dice): Buffer {
  const at = die.below(body.length + 1);
  return Buffer.concat([
    body.subarray(0, at),
    die.below(2) ? Buffer.from(die.pick(nasty)) : die.bytes(die.below(32)),
    body.subarray(at + die.below(8)),
  ]);
}

const mutations: readonly Mutation[] = [
  (request, die) => void (request.body = spliceBody(request.body, die)),
  (request, die) => void (request.body = spliceBody(request.body, die)),
  (request, die) => void (request.body = request.body.subarray(0, die.below(request.body.length + 1))),
  (request, die) => void (request.body = die.bytes(die.below(300))),
  (request) => void (request.body = Buffer.concat([request.body, request.body])),
  (request, die) =>
    void (request.body = Buffer.from(die.pick(['[', '{"a":', '<a><b>', 'A.member.1=', '{"__proto__":{"a":1}}']).repeat(die.below(400)))),
  (request, die) => void (request.path = splice(request.path, die)),
  (request, die) => void (request.path += `${request.path.includes('?') ? '&' : '?'}${die.pick(nasty)}=${die.pick(nasty)}`),
  (request, die) => void (request.method = die.pick(methods)),
  (request, die) => void delete request.headers[die.pick(Object.keys(request.headers))],
  (request, die) => void (request.headers[die.pick(headerNames)] = die.pick(headerValues)),
  (request, die) => {
    const name = die.pick(Object.keys(request.headers));
    request.headers[name] = splice(request.headers[name] ?? '', die);
  },
];

/** Line ends would end a header and spaces a target: those are tried by `garbage`. */
const headerSafe = (text: string): string =>
  Buffer.from(text, 'utf8')
    .toString('latin1')
    .replaceAll(/[\r\n\0]/g, '');
const pathSafe = (text: string): string =>
  Buffer.from(text, 'utf8')
    .toString('latin1')
    .replaceAll(/[\r\n\0\t ]/g, '%20');

/** The bytes of a spoilt request; two in three are signed after they were spoilt, so that they are let in further. */
export function spoilt(recorded: Recorded, die: Dice, now: number): { bytes: Buffer; what: string } {
  const request: Recorded = { ...recorded, headers: { ...recorded.headers } };
  for (let times = 1 + die.below(3); times > 0; times--) die.pick(mutations)(request, die);
  request.path = pathSafe(request.path) || '/';
  if (die.below(3) > 0) sign(request, now);
  const headers = Object.entries(request.headers).map(([name, value]) => `${headerSafe(name)}: ${headerSafe(value)}\r\n`);
  const length =
    'content-length' in request.headers || 'transfer-encoding' in request.headers ? '' : `content-length: ${request.body.length}\r\n`;
  const head = `${request.method} ${request.path.startsWith('/') ? request.path : `/${request.path}`} HTTP/1.1\r\n${headers.join('')}${length}connection: close\r\n\r\n`;
  return { bytes: Buffer.concat([Buffer.from(head, 'latin1'), request.body]), what: `${recorded.service} ${head.slice(0, 400)}` };
}

function sign(request: Recorded, now: number): void {
  const { authorization: _old, 'x-amz-date': _date, 'x-amz-content-sha256': payload, ...headers } = request.headers;
  const streaming = payload?.startsWith('STREAMING-') || payload === 'UNSIGNED-PAYLOAD';
  request.headers = signed(
    { method: request.method, path: request.path, headers, body: request.body },
    { service: request.service, at: now, ...(streaming && { payload }) },
  ).headers;
}

/** What is no request, or not quite. */
export function garbage(die: Dice, host: string): { bytes: Buffer; what: string } {
  const kinds: readonly (() => Buffer | string)[] = [
    () => die.bytes(1 + die.below(600)),
    () => `GET / HTTP/1.1\r\nHost: ${host}\r\n`,
    () => `PUT /bucket/key HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\nshort`,
    () =>
      `PUT /bucket/key HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n${die.pick(['zz\r\n', 'ffffffffffffffffff\r\n', '5\r\nab', '-1\r\n\r\n', '0\r\nx: y\r\n\r\n'])}`,
    () =>
      `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nA=B&C`,
    () => `GET ${'/'.repeat(die.below(40_000))} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    () => `GET / HTTP/1.1\r\nHost: ${host}\r\n${`x-${'y'.repeat(20)}: z\r\n`.repeat(die.below(600))}\r\n`,
    () => `GET http://${host}/a/b?c HTTP/1.0\r\n\r\n`,
    () => `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    () => `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    () => `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
    () =>
      `POST / HTTP/1.1\r\nHost: ${host}\r\nX-Amz-Target: ${die.pick(nasty).replaceAll(/[\r\n\0]/g, '')}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    () => `GET / HTTP/1.1\r\nHost: ${die.pick(nasty).replaceAll(/[\r\n\0]/g, '')}\r\nConnection: close\r\n\r\n`,
    () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
  ];
  const bytes = Buffer.from(die.pick(kinds)() as string, 'latin1');
  return { bytes, what: bytes.toString('latin1', 0, 200) };
}
