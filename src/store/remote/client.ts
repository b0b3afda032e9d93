/** Speaks to another S3: signed requests over connections that stay open, tried again while it is busy or away. */

import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256, signRequest } from '../../framework/request-signature.ts';
import { StoreAway } from '../store.ts';
import { describeRemote, type RemotePlace } from './place.ts';

export type RemoteRequest = {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Below the prefix; absent for the bucket itself. */
  name?: string;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  body?: { pieces: readonly Uint8Array[]; /** Hexadecimal. */ sha256: string };
  /** Statuses that are an answer too: 404. */
  takes?: readonly number[];
};

/** The body is to be read or destroyed. */
export type RemoteAnswer = { status: number; headers: http.IncomingHttpHeaders; body: http.IncomingMessage };

export type RemoteClient = {
  /** Resolves with a status of success, or one that the caller takes. Throws StoreAway for every other, once trying again has not helped. */
  send(request: RemoteRequest): Promise<RemoteAnswer>;
  /** The same, with the body as text; for small answers. */
  ask(request: RemoteRequest): Promise<{ status: number; text: string }>;
  close(): void;
};

const attempts = 5;
const backOffMilliseconds = 100;
/** Without a byte for so long, a connection counts as lost. */
const silenceMilliseconds = 20_000;
const connectionsMax = 64;
const textBytesMax = 4 << 20;
const emptySha256 = sha256('');
/** What a busy server says, or a gateway before it: it is worth trying again. */
const passing: readonly number[] = [408, 429, 500, 502, 503, 504];

export function createRemoteClient(place: RemotePlace): RemoteClient {
  const secure = place.endpoint.startsWith('https:');
  const options = { keepAlive: true, maxSockets: connectionsMax };
  const { host } = new URL(place.endpoint);
  const scope = { region: place.region, service: 's3' };
  const agent = secure ? new https.Agent(options) : new http.Agent(options);

  const once = (request: RemoteRequest): Promise<RemoteAnswer> =>
    new Promise((resolve, reject) => {
      const { method, name, query = {}, headers = {}, body, takes = [] } = request;
      const path = `/${place.bucket}${name === undefined ? '' : `/${place.prefix}${name}`}`;
      const bodySha256 = body?.sha256 ?? emptySha256;
      // Its own clock may be wrong, but the signature is checked by the real one: no cloud time here.
      const signed = signRequest(place.credentials, scope, { method, host, path, query, headers, bodySha256 }, Date.now());
      const length = body?.pieces.reduce((sum, piece) => sum + piece.length, 0) ?? 0;
      const sending = (secure ? https : http).request(place.endpoint, {
        ...{ method, agent, path: signed.path, timeout: silenceMilliseconds },
        headers: { ...signed.headers, ...((body || method === 'POST') && { 'content-length': length }) },
      });
      sending.on('timeout', () => sending.destroy(new Error(`no answer for ${silenceMilliseconds / 1000} seconds`)));
      sending.on('error', reject);
      sending.on('response', (answer) => {
        const status = answer.statusCode!;
        if ((status >= 200 && status < 300) || takes.includes(status)) return resolve({ status, headers: answer.headers, body: answer });
        readText(answer).then((text) => reject(new Refusal(status, text)), reject);
      });
      for (const piece of body?.pieces ?? []) sending.write(piece);
      sending.end();
    });

  const send = async (request: RemoteRequest): Promise<RemoteAnswer> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(request);
      } catch (error) {
        const hopeless = error instanceof Refusal && !passing.includes(error.status);
        if (hopeless || attempt === attempts) throw away(place, error);
      }
      await sleep(backOffMilliseconds * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  };
  return {
    send,
    async ask(request) {
      const { status, body } = await send(request);
      try {
        return { status, text: await readText(body) };
      } catch (error) {
        throw away(place, error);
      }
    },
    close: () => agent.destroy(),
  };
}

/** The error for callers: what the other side said, without a word of ours that is secret. */
export function away(place: RemotePlace, cause: unknown): StoreAway {
  if (cause instanceof StoreAway) return cause;
  const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : String(cause);
  return new StoreAway(`the blobs in ${describeRemote(place)} cannot be reached: ${reason}`, { cause });
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    const code = /<Code>([\w.]{1,60})<\/Code>/.exec(text)?.[1];
    super(`it answers ${status}${code ? ` ${code}` : ''}`);
    this.status = status;
  }
}

async function readText(body: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += (part as Buffer).length;
    if (bytes > textBytesMax) throw new Error('its answer has no end');
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}
