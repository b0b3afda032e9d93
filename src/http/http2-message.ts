/** Requests and responses of HTTP/2: a stream becomes what the gateway knows, with the same limits as those of HTTP/1.1. */

import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isSelfWriting } from '../framework/body.ts';
import type { HttpRequest, HttpResponse } from '../framework/http-message.ts';
import { asksToContinue, checkHost, checkMethod, plainAddress, readHeaders, target, tlsOf } from './node-request.ts';
import { BadRequest, letWrite, sendable } from './node-response.ts';

/** https://www.rfc-editor.org/rfc/rfc9113#section-7; node:http2 would be loaded for its constants at each start. */
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

/** Headers that speak of the connection, of which HTTP/2 has its own: https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2 */
const ofConnection: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** Throws BadRequest for what no service could make sense of. `raw` holds names and values in turn, as they came. */
export function readStream(stream: ServerHttp2Stream, raw: readonly string[], secure: boolean): HttpRequest {
  const { pseudo, fields } = parted(raw);
  const method = pseudo.get(':method') ?? '';
  checkMethod(method);
  const read = readHeaders(fields);
  const headers = read.headers as Record<string, string>;
  const authority = pseudo.get(':authority');
  // The SDKs sign it under this name.
  if (authority !== undefined) headers[':authority'] = authority;
  // Two names for one server could send one request to two places.
  if (authority !== undefined && (headers['host'] ??= authority) !== authority)
    throw new BadRequest(400, 'The Host header is not the :authority.');
  checkHost(headers['host']);
  // What HTTP/2 does not need to say: a body follows, as long as it will be.
  if (headers['content-length'] === undefined && !stream.endAfterHeaders) headers['transfer-encoding'] = 'chunked';
  const { rawPath, rawQuery } = target(pseudo.get(':path') ?? '');
  let trailers: readonly string[] = [];
  stream.once('trailers', (_headers: IncomingHttpHeaders, _flags: number, rawTrailers?: string[]) => (trailers = rawTrailers ?? []));
  let controller: AbortController | undefined;
  return {
    ...{ method, rawPath, rawQuery, headers, secure },
    ...(read.repeated && { repeatedHeaders: read.repeated }),
    body: asksToContinue(headers) ? continued(stream) : stream,
    trailers: () => readHeaders(trailers).headers,
    remoteAddress: plainAddress(stream.session?.socket.remoteAddress ?? ''),
    get tls() {
      return secure ? tlsOf(stream.session?.socket) : undefined;
    },
    get signal() {
      controller ??= goneController(stream);
      return controller.signal;
    },
  };
}

function parted(raw: readonly string[]): { pseudo: ReadonlyMap<string, string>; fields: string[] } {
  const pseudo = new Map<string, string>();
  const fields: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i]!.startsWith(':')) pseudo.set(raw[i]!, raw[i + 1]!);
    else fields.push(raw[i]!, raw[i + 1]!);
  }
  return { pseudo, fields };
}

function goneController(stream: ServerHttp2Stream): AbortController {
  const controller = new AbortController();
  const abort = (): void => {
    if (!stream.writableFinished) controller.abort(new Error('the client has gone'));
  };
  if (stream.destroyed) abort();
  else stream.once('close', abort);
  return controller;
}

/** The body of a client that waits for 100 Continue: told to send when somebody begins to read, and not before. */
function continued(stream: ServerHttp2Stream): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    if (!stream.headersSent) stream.additionalHeaders({ ':status': 100 });
    yield* stream.iterator({ destroyOnReturn: false });
  }
  return Readable.from(chunks(), { objectMode: false, highWaterMark: 64 * 1024 });
}

/** Resolves when the response is with the client, or the client has gone. */
export async function respondStream(reply: HttpResponse, method: string, stream: ServerHttp2Stream): Promise<void> {
  const { body, status } = reply;
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  if (stream.destroyed || stream.closed) {
    if (bytes instanceof Readable) bytes.destroy();
    return;
  }
  const headers = outgoing(reply.headers);
  if (!(bytes instanceof Readable) && status !== 204 && status !== 304) headers['content-length'] ??= String(bytes?.length ?? 0);
  stream.respond({ ':status': status, ...headers });
  if (bodiless || bytes === undefined) {
    if (bytes instanceof Readable) bytes.destroy();
    stream.end();
  } else if (!(bytes instanceof Readable)) stream.end(bytes);
  else await flow(bytes, stream);
  letGo(stream);
  await finished(stream);
}

/** Resolves when all has been sent, or nothing more can be. */
function finished(stream: ServerHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableFinished) resolve();
    else stream.once('finish', () => resolve()).once('close', () => resolve());
  });
}

/** A body that breaks off breaks its stream: that is how the client learns that it did not get all. */
async function flow(body: Readable, stream: ServerHttp2Stream): Promise<void> {
  const fail = (): void => stream.close(INTERNAL_ERROR);
  if (isSelfWriting(body)) return letWrite(body, stream, fail);
  // Until the end the stream is ours alone: pipeline would wait for the client's side of it too.
  body.once('error', fail);
  await pipeline(body, async (pieces: AsyncIterable<Uint8Array>) => {
    for await (const piece of pieces) await written(stream, piece);
    stream.end();
  }).catch(fail);
}

function written(stream: ServerHttp2Stream, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.destroyed) return reject(new Error('the client has gone'));
    const gone = (): void => reject(new Error('the client has gone'));
    stream.once('close', gone);
    stream.write(piece, (error) => {
      stream.off('close', gone);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** What the client still sends is in nobody's way any more: https://www.rfc-editor.org/rfc/rfc9113#section-8.1-9 */
function letGo(stream: ServerHttp2Stream): void {
  if (stream.readableEnded || stream.endAfterHeaders) return;
  const stop = (): void => stream.close(NO_ERROR);
  if (stream.writableFinished) stop();
  else stream.once('finish', stop);
}

function outgoing(headers: Readonly<Record<string, string>>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name in headers) if (!ofConnection.has(name)) out[name] = sendable(headers[name]!);
  return out;
}

/** Refuses in plain text. */
export function refuseStream({ status, message }: BadRequest, stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.closed) return;
  if (stream.headersSent) return stream.close(INTERNAL_ERROR);
  const headers = { ':status': status, 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(message) };
  stream.respond(headers);
  stream.end(message);
  letGo(stream);
}
