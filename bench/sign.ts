/** Signs complete raw requests with SigV4 ahead of a run, so that signing is no part of it. */

import { createHash, createHmac } from 'node:crypto';

export type RawRequest = {
  method: string;
  path: string;
  query?: string;
  headers?: Record<string, string>;
  body?: Buffer;
  service: string;
  port: number;
  accessKeyId?: string;
  secretAccessKey?: string;
};

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const keys = new Map<string, Buffer>();

/** Head and body of a request that any AWS endpoint would take; region us-east-1, signed now. */
export function signed({
  method,
  path,
  query = '',
  headers = {},
  body = Buffer.alloc(0),
  service,
  port,
  accessKeyId = 'test',
  secretAccessKey = 'test',
}: RawRequest): Buffer {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const all: Record<string, string> = { host: `127.0.0.1:${port}`, 'x-amz-content-sha256': sha256(body), 'x-amz-date': date, ...headers };
  const names = Object.keys(all).sort();
  const canonical = [
    method,
    path,
    query,
    ...names.map((name) => `${name}:${all[name]}`),
    '',
    names.join(';'),
    all['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${day}/us-east-1/${service}/aws4_request`;
  const cached = `${secretAccessKey}/${scope}`;
  let key = keys.get(cached);
  if (!key) {
    key = ['us-east-1', service, 'aws4_request'].reduce((previous, part) => hmac(previous, part), hmac(`AWS4${secretAccessKey}`, day));
    keys.set(cached, key);
  }
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const lines = [
    `${method} ${path}${query && `?${query}`} HTTP/1.1`,
    ...names.map((name) => `${name}: ${all[name]}`),
    `authorization: ${authorization}`,
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}

/** A signed call of an AWS JSON protocol; `target` is the whole X-Amz-Target, `version` the protocol's. */
export function signedJson(port: number, service: string, version: '1.0' | '1.1', target: string, input: object): Buffer {
  return signed({
    method: 'POST',
    path: '/',
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
    body: Buffer.from(JSON.stringify(input)),
    service,
    port,
  });
}
