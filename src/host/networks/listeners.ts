/** Sockets inside namespaces: a child opens them there and hands them over, so that nothing stays running in a network. */

import type { Socket as Datagrams } from 'node:dgram';
import type { IncomingMessage, Server as HttpServer, ServerOptions, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Server as TcpServer } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { HttpRequest, TlsFacts } from '../../framework/http-message.ts';
import type { HttpLimits, ListenAt, NetworkResponse } from '../../framework/networks.ts';
import { openSocket } from '../spawner.ts';
import type { Authority } from './authority.ts';
import { limitHops } from './hops.ts';
import { namespacePath } from './names.ts';

export type HttpAnswer = (request: HttpRequest, from: string) => Promise<NetworkResponse>;
export type DatagramAnswer = (message: Buffer, from: string) => Promise<Uint8Array | undefined>;

export type Listener<Answer> = { /** Who answers from now on. */ answer: Answer; close(): Promise<void> };

const connectionsMax = 512;
const handshakeMilliseconds = 10_000;
const usualLimits: HttpLimits = { requestMilliseconds: 10_000, headerBytes: 16 * 1024 };

export type HttpMeans = {
  limits: HttpLimits | undefined;
  /** For those who are to speak TLS. */
  authority: Authority;
};

export async function listenHttp(
  namespace: string,
  at: ListenAt,
  answer: HttpAnswer,
  { limits = usualLimits, authority }: HttpMeans,
): Promise<Listener<HttpAnswer>> {
  const sockets = (await openSocket({
    network: namespacePath(namespace),
    protocol: 'tcp',
    address: at.address,
    port: at.port,
  })) as TcpServer;
  const listener: Listener<HttpAnswer> = {
    answer,
    close: async () => {
      sockets.close();
      server.closeAllConnections();
    },
  };
  const settings = { maxHeaderSize: limits.headerBytes, requestTimeout: limits.requestMilliseconds, keepAliveTimeout: 5_000 };
  const take = (message: IncomingMessage, response: ServerResponse): void => void reply(listener, message, response);
  const server = await (at.tls ? secureServer(settings, authority, take) : clearServer(settings, take));
  // Clients that say all they have to say, as nc does, are answered too when that takes a moment.
  Object.assign(sockets, { allowHalfOpen: true });
  Object.assign(server, { httpAllowHalfOpen: true });
  sockets.maxConnections = connectionsMax;
  sockets.on('connection', (socket) => server.emit('connection', socket));
  return listener;
}

type Take = (message: IncomingMessage, response: ServerResponse) => void;

async function clearServer(settings: ServerOptions, take: Take): Promise<HttpServer> {
  const { createServer } = await import('node:http'); // loaded only where there are networks
  return createServer(settings, take);
}

async function secureServer(settings: ServerOptions, authority: Authority, take: Take): Promise<HttpsServer> {
  const { createServer } = await import('node:https');
  const contextFor = (name: string | undefined, done: (error: Error | null, context?: SecureContext) => void): void =>
    void authority.leafFor(name).then(
      ({ context }) => done(null, context),
      (error: Error) => done(error),
    );
  const server = createServer(
    { ...settings, SNICallback: contextFor, handshakeTimeout: handshakeMilliseconds, ALPNProtocols: ['http/1.1'] },
    take,
  );
  // For clients that name nobody. A handshake that fails is the client's own affair.
  const { cert, key } = await authority.leafFor(undefined);
  server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  server.on('tlsClientError', () => undefined);
  return server;
}

async function reply(listener: Listener<HttpAnswer>, message: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const request = requestOf(message, response);
    const { status, headers, body, hops } = await listener.answer(request, request.remoteAddress);
    if (hops !== undefined) limitHops(message.socket, hops);
    response.writeHead(status, headers);
    if (body instanceof Readable) await pipeline(body, response);
    else response.end(body);
  } catch {
    // The guest has gone, or what answers has failed and said so in its own log.
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { 'content-length': '0' }).end();
  }
}

function requestOf(message: IncomingMessage, response: ServerResponse): HttpRequest {
  const [rawPath = '/', ...query] = (message.url ?? '/').split('?');
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(message.headers)) headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return {
    ...{ method: message.method ?? 'GET', rawPath, rawQuery: query.join('?'), headers, body: message, trailers: () => ({}) },
    ...{
      remoteAddress: message.socket.remoteAddress ?? '',
      secure: 'encrypted' in message.socket,
      tls: tlsOf(message.socket),
      signal: gone.signal,
    },
  };
}

function tlsOf(socket: IncomingMessage['socket']): TlsFacts | undefined {
  if (!('encrypted' in socket)) return undefined;
  const { getProtocol, getCipher } = socket as TLSSocket;
  return { version: getProtocol.call(socket) ?? '', cipher: getCipher.call(socket).standardName };
}

export async function listenDatagrams(
  namespace: string,
  at: { address: string; port: number },
  answer: DatagramAnswer,
): Promise<Listener<DatagramAnswer>> {
  const socket = (await openSocket({
    network: namespacePath(namespace),
    protocol: 'udp',
    address: at.address,
    port: at.port,
  })) as Datagrams;
  const listener: Listener<DatagramAnswer> = { answer, close: async () => void socket.close() };
  socket.on('message', (message, { address, port }) => {
    listener.answer(message, address).then(
      (found) => found && socket.send(found, port, address),
      // What answers has failed and said so in its own log; the guest asks again.
      () => undefined,
    );
  });
  return listener;
}
