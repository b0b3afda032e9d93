/** A client that is under no SDK's care: signs what it is told to, and sends what no SDK would send. */

import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { canonicalQuery } from '../signatures/canonical.ts';

export type RawRequest = {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
};

export type RawReply = { status: number; headers: Record<string, string | string[] | undefined>; text: string };

export type Signing = {
  key?: string;
  secret?: string;
  region?: string;
  service: string;
  at: number;
  /** x-amz-content-sha256; the body's own hash when absent. */ payload?: string;
};

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();
export const basic = (at: number): string => new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');

export function signingKey(signing: Signing): Buffer {
  const { secret = 'test', region = 'us-east-1', service, at } = signing;
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, basic(at).slice(0, 8)), region), service), 'aws4_request');
}

export function scopeOf({ region = 'us-east-1', service, at }: Signing): string {
  return `${basic(at).slice(0, 8)}/${region}/${service}/aws4_request`;
}

/** The request with an Authorization header over all its headers. */
export function signed(raw: RawRequest, signing: Signing): RawRequest & { headers: Record<string, string>; signature: string } {
  const payload = signing.payload ?? sha256(raw.body ?? '');
  const headers: Record<string, string> = { ...raw.headers, 'x-amz-date': basic(signing.at), 'x-amz-content-sha256': payload };
  const names = Object.keys(headers).sort();
  const [path = '/', query = ''] = (raw.path ?? '/').split('?', 2);
  const canonical = `${raw.method ?? 'GET'}\n${path}\n${canonicalQuery(query)}\n${names.map((name) => `${name}:${headers[name]}\n`).join('')}\n${names.join(';')}\n${payload}`;
  const signature = hmac(signingKey(signing), `AWS4-HMAC-SHA256\n${basic(signing.at)}\n${scopeOf(signing)}\n${sha256(canonical)}`).toString(
    'hex',
  );
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${signing.key ?? 'test'}/${scopeOf(signing)}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...raw, headers, signature };
}

/** Sends one request on a connection of its own. `host` must be among the headers that are signed. */
export function send(port: number, raw: RawRequest): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, method: raw.method ?? 'GET', path: raw.path ?? '/', headers: raw.headers ?? {}, agent: false },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('end', () => resolve({ status: reply.statusCode!, headers: reply.headers, text: Buffer.concat(chunks).toString('utf8') }));
        reply.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(raw.body);
  });
}

/** Writes bytes to a fresh connection and gives back all that comes until it closes, or until `enough` is satisfied. */
export function talk(port: number, bytes: string | Buffer, enough: (text: string) => boolean = () => false): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (enough(text)) socket.destroy();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(text) : reject(error),
    );
    socket.write(bytes);
  });
}
