/** Writes a response to node:http, at the client's pace, and leaves the connection in a known state. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isSelfWriting } from '../framework/body.ts';
import type { HttpResponse, SelfWriting } from '../framework/http-message.ts';

/** What is wrong with a request before it is one: answered in plain text. */
export class BadRequest extends Error {
  override name = 'BadRequest';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What is left of a body that nobody read is taken in up to here, so that the client sees the answer and not a broken pipe. */
export type DrainLimits = { drainBytes: number; drainMilliseconds: number };

const DRAIN_CHECK_MILLISECONDS = 500;
/** Beyond this, copying the bytes costs more than it saves. */
const JOINED_BYTES_MAX = 8 * 1024;

/** Resolves when the response is with the client, or the client has gone. */
export async function respond(reply: HttpResponse, message: IncomingMessage, response: ServerResponse, limits: DrainLimits): Promise<void> {
  const { body } = reply;
  response.sendDate = false;
  const bodiless = message.method === 'HEAD' || reply.status === 204 || reply.status === 304;
  if (body instanceof Readable) {
    writeHead(reply, response, undefined);
    if (!bodiless) return finish(message, limits, isSelfWriting(body) ? letWrite(body, response) : stream(body, response));
    body.destroy();
    response.end();
  } else if (typeof body === 'string') endWithText(reply, body, response, bodiless);
  else {
    writeHead(reply, response, reply.status === 204 || reply.status === 304 ? undefined : (body?.length ?? 0));
    if (bodiless || body === undefined) response.end();
    else if (body.length > JOINED_BYTES_MAX) response.end(body);
    else response.end(latin1(body), 'latin1');
  }
  return finish(message, limits);
}

/** node:http writes text together with the headers in one call; of bytes it makes a second piece. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Text that node:http can put into one write with its headers: as latin-1, each character a byte of the UTF-8. */
function endWithText(reply: HttpResponse, text: string, response: ServerResponse, bodiless: boolean): void {
  const length = Buffer.byteLength(text, 'utf8');
  writeHead(reply, response, reply.status === 204 || reply.status === 304 ? undefined : length);
  if (bodiless) response.end();
  else response.end(length === text.length ? text : Buffer.from(text, 'utf8').toString('latin1'), 'latin1');
}

/** What the client still sends is in nobody's way any more. */
async function finish(message: IncomingMessage, limits: DrainLimits, sent?: Promise<void>): Promise<void> {
  await sent;
  if (!message.complete) drain(message, limits);
}

function writeHead(reply: HttpResponse, response: ServerResponse, length: number | undefined): void {
  const { headers } = reply;
  if (length !== undefined && headers['content-length'] === undefined) headers['content-length'] = String(length);
  // Behind a Content-Length node:http reads a Content-Disposition as UTF-8, and spoils or refuses it: the length goes last.
  if (headers['content-disposition'] !== undefined && headers['content-length'] !== undefined) {
    const size = headers['content-length'];
    delete headers['content-length'];
    headers['content-length'] = size;
  }
  try {
    response.writeHead(reply.status, headers);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_INVALID_CHAR') throw error;
    for (const name of Object.keys(headers)) headers[name] = sendable(headers[name]!);
    response.writeHead(reply.status, headers);
  }
}

/** Text beyond latin-1 goes out as UTF-8 bytes; control characters, which could begin a header of their own, as spaces. */
export function sendable(value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  const bytes = /[^\x00-\xff]/.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
  return bytes.replaceAll(/[\x00-\x08\x0a-\x1f\x7f]/g, ' ');
}

/** A body that breaks off breaks the connection too: that is how the client learns that it did not get all. */
async function stream(body: Readable, response: ServerResponse): Promise<void> {
  try {
    await pipeline(body, response);
  } catch {
    response.destroy();
  }
}

/** The same for a body that writes itself: a piece is done with when the kernel has it. `fail` breaks what has been begun. */
export async function letWrite(
  body: Readable & SelfWriting,
  response: Writable,
  fail: () => void = () => response.destroy(),
): Promise<void> {
  const { promise: gone, reject } = Promise.withResolvers<never>();
  gone.catch(() => {}); // the connection may also close after all is written
  response.once('close', () => reject(new Error('the client has gone')));
  const write = (piece: Uint8Array): Promise<void> =>
    new Promise((resolve, refuse) => void response.write(piece, (error) => (error ? refuse(error) : resolve())));
  try {
    await body.writeTo((piece) => Promise.race([write(piece), gone]));
    response.end();
  } catch {
    fail();
  }
}

/** Reads and forgets what the client still sends, within limits; then the connection can serve its next request. */
function drain(message: IncomingMessage, { drainBytes, drainMilliseconds }: DrainLimits): void {
  const { socket } = message;
  const before = socket.bytesRead;
  const deadline = Date.now() + drainMilliseconds;
  message.on('error', () => {}).resume();
  const timer = setInterval(
    () => {
      const over = message.complete || socket.destroyed;
      if (!over && socket.bytesRead - before <= drainBytes && Date.now() < deadline) return;
      clearInterval(timer);
      if (!over) socket.destroy();
    },
    Math.min(DRAIN_CHECK_MILLISECONDS, drainMilliseconds),
  ).unref();
}

export function respondBadRequest({ status, message }: BadRequest, response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(message), connection: 'close' })
    .end(message);
}

const statusOf: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
};

/** Bytes that are no HTTP at all. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  socket.end(`HTTP/1.1 ${statusOf[error.code ?? ''] ?? '400 Bad Request'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** A connection on which nothing was said. */
export function refuseSilent(socket: Socket): void {
  refuseConnection(Object.assign(new Error('nothing was sent in time'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
}
