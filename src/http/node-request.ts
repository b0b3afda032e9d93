/** A request of node:http as the gateway sees it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { HttpRequest } from '../framework/http-message.ts';
import { BadRequest } from './node-response.ts';

// See node-server.ts for why it is not imported.
const { IncomingMessage: NodeMessage } = process.getBuiltinModule('node:http');

export const HEADERS_MAX = 256;
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS']);
/** Two of these would let two readers of the same request see two different ones. */
const single: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'authorization',
  'transfer-encoding',
  'content-encoding',
  'expect',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-target',
]);
const hostPattern = /^[A-Za-z0-9._:[\]-]{1,255}$/;

export type Received = {
  request: HttpRequest;
  /** True while the client waits for 100 Continue and nobody has asked it for the body. */ awaitsContinue: () => boolean;
};

/** Whether the client waits for 100 Continue, as Node reads the header too; what else it may expect is nobody's concern. */
export function asksToContinue(headers: Readonly<Record<string, string>>): boolean {
  return /(?:^|\W)100-continue(?:$|\W)/i.test(headers['expect'] ?? '');
}

/** A message whose headers are read once, by our rules: node:http, which asks for a few of them, would make a set of its own. */
export class Message extends NodeMessage {
  #read: HeadersRead | undefined;

  /** Throws BadRequest, and then each time. */
  readHeaders(): HeadersRead {
    return (this.#read ??= readHeaders(this.rawHeaders));
  }
}

const standard = Object.getOwnPropertyDescriptor(NodeMessage.prototype, 'headers')!;

// node:http has it as an accessor and its types as a property, so that a class cannot override it in words.
Object.defineProperty(Message.prototype, 'headers', {
  ...standard,
  get(this: Message) {
    try {
      return this.readHeaders().headers;
    } catch (error) {
      // The refusal is ours to write, once node:http has handed the message on.
      if (error instanceof BadRequest) return standard.get!.call(this) as unknown;
      throw error;
    }
  },
});

/** Throws BadRequest for what no service could make sense of. */
export function readRequest(message: Message, response: ServerResponse, secure: boolean): Received {
  const method = message.method!;
  checkMethod(method);
  const { headers, repeated } = message.readHeaders();
  checkHost(headers['host']);
  const { rawPath, rawQuery } = target(message.url!);
  const received = new ReceivedRequest({ message, response, method, rawPath, rawQuery, headers, repeated, secure });
  return { request: received, awaitsContinue: () => received.awaitsContinue };
}

export function checkMethod(method: string): void {
  if (!METHODS.has(method)) throw new BadRequest(405, `${method.slice(0, 16)} is not served here.`);
}

export function checkHost(host: string | undefined): void {
  if (host !== undefined && !hostPattern.test(host)) throw new BadRequest(400, 'The Host header is not a host name.');
}

type Facts = Pick<HttpRequest, 'method' | 'rawPath' | 'rawQuery' | 'headers' | 'secure'> & {
  message: IncomingMessage;
  response: ServerResponse;
  repeated: Record<string, string[]> | undefined;
};

/** A class for the sake of its accessor, which costs an object of its own far more than all its other members. */
class ReceivedRequest implements HttpRequest {
  readonly method: string;
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly repeatedHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly body: Readable;
  s3: HttpRequest['s3'] = undefined;
  webSocket: HttpRequest['webSocket'] = undefined;
  readonly remoteAddress: string;
  readonly secure: boolean;
  awaitsContinue: boolean;
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  #controller: AbortController | undefined;

  constructor({ message, response, method, rawPath, rawQuery, headers, repeated, secure }: Facts) {
    this.method = method;
    this.rawPath = rawPath;
    this.rawQuery = rawQuery;
    this.headers = headers;
    if (repeated) this.repeatedHeaders = repeated;
    this.awaitsContinue = asksToContinue(headers);
    this.body = this.awaitsContinue ? continued(message, response, () => (this.awaitsContinue = false)) : message;
    this.remoteAddress = plainAddress(message.socket.remoteAddress ?? '');
    this.secure = secure;
    this.#message = message;
    this.#response = response;
  }

  trailers(): Readonly<Record<string, string>> {
    return readHeaders(this.#message.rawTrailers).headers;
  }

  get tls(): HttpRequest['tls'] {
    return this.secure ? tlsOf(this.#message.socket) : undefined;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= goneController(this.#response)).signal;
  }
}

/** What was agreed on when the connection was made; undefined once it has ended. */
export function tlsOf(socket: object | undefined): HttpRequest['tls'] {
  if (!(socket instanceof TLSSocket)) return undefined;
  const version = socket.getProtocol();
  return version === null ? undefined : { version, cipher: socket.getCipher().standardName };
}

/** Aborts when the connection ends before the answer does. */
function goneController(response: ServerResponse): AbortController {
  const controller = new AbortController();
  const abort = (): void => {
    if (!response.writableFinished) controller.abort(new Error('the client has gone'));
  };
  if (response.destroyed) abort();
  else response.once('close', abort);
  return controller;
}

/** The body of a client that waits for 100 Continue: told to send when somebody begins to read, and not before. */
function continued(message: IncomingMessage, response: ServerResponse, begun: () => void): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    begun();
    if (!response.headersSent) response.writeContinue();
    yield* message.iterator({ destroyOnReturn: false });
  }
  return Readable.from(chunks(), { objectMode: false, highWaterMark: 64 * 1024 });
}

/** Inherits nothing, like an object without a prototype, which V8 would make a slow dictionary. */
const HeaderBag = function () {} as unknown as new () => Record<string, string>;
HeaderBag.prototype = Object.create(null);

type HeadersRead = { headers: Record<string, string>; repeated: Record<string, string[]> | undefined };

/** Names and values in turn, as they came. Throws BadRequest for too many, and for a second value where only one makes sense. */
export function readHeaders(raw: readonly string[]): HeadersRead {
  if (raw.length > 2 * HEADERS_MAX) throw new BadRequest(431, `More than ${HEADERS_MAX} headers.`);
  const headers = new HeaderBag();
  let repeated: Record<string, string[]> | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const value = raw[i + 1]!;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else {
      if (single.has(name)) throw new BadRequest(400, `The header ${name} came twice.`);
      repeated ??= Object.create(null) as Record<string, string[]>;
      (repeated[name] ??= [before]).push(value);
      headers[name] = `${before}, ${value}`;
    }
  }
  return { headers, repeated };
}

/** Path and query as sent; the absolute form that proxies are sent loses its authority. */
export function target(url: string): { rawPath: string; rawQuery: string } {
  let from = 0;
  if (!url.startsWith('/')) {
    const authority = /^https?:\/\/[^/?]*/i.exec(url);
    if (!authority) throw new BadRequest(400, 'The request target is not a path.');
    from = authority[0].length;
  }
  const question = url.indexOf('?', from);
  const rawPath = url.slice(from, question < 0 ? undefined : question);
  return { rawPath: rawPath === '' ? '/' : rawPath, rawQuery: question < 0 ? '' : url.slice(question + 1) };
}

/** IPv4 addresses come mapped into IPv6 on a dual-stack socket; policies know them as IPv4. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
