/** The listener of the Node runtime: sockets and their limits. What a request means is the gateway's business. */

import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Gateway } from '../gateway/parts.ts';
import { createCohort } from './cohort.ts';
import { tellApart } from './first-bytes.ts';
import { createHttp2, type Http2 } from './http2-server.ts';
import { HEADERS_MAX, Message, readRequest } from './node-request.ts';
import { asksForWebSocket, serveWebSockets } from './web-sockets.ts';
import { BadRequest, refuseConnection, refuseSilent, respond, respondBadRequest, type DrainLimits } from './node-response.ts';

// An import of node:http reads all that it exports, and so loads its WebSocket and fetch too: more than a third of the time of a start.
const { createServer } = process.getBuiltinModule('node:http');

export type ListenOptions = {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** PEM texts. */
  tls?: { key: string; cert: string };
  /** How long requests that run may take to end when the listener closes; the rest is cut off. Milliseconds. */
  closeWithin?: number;
  /** Other limits than the usual ones. */
  limits?: Partial<ConnectionLimits>;
};

/** How long a client may keep a connection waiting. */
export type ConnectionLimits = DrainLimits & {
  /** A connection that waits for a request line and headers. */
  headersMilliseconds: number;
  /** A request whose body does not move. A running operation may take longer: only reading is timed. */
  idleMilliseconds: number;
  /** How often connections are looked at. */
  checkMilliseconds: number;
};

export type Listener = { port: number; /** Takes no more, ends what runs, then closes. */ close(): Promise<void> };

const HEADER_BYTES_MAX = 32 * 1024;
const CONNECTIONS_MAX = 10_000;
const usualLimits: ConnectionLimits = {
  headersMilliseconds: 20_000,
  idleMilliseconds: 60_000,
  checkMilliseconds: 5_000,
  drainBytes: 64 * 1024 * 1024,
  drainMilliseconds: 10_000,
};
const KEEP_ALIVE_MILLISECONDS = 75_000;
const CLOSE_MILLISECONDS = 10_000;
/** `shouldUpgradeCallback`. Without it every request that asks for another protocol, as old curl does for HTTP/2, would have to be upgraded. */
const canChooseUpgrades = /^v(2[5-9]|[3-9]\d|24\.(9|[1-9]\d))\b/.test(process.version);
/** How long a client may take to fetch what was already answered. */
const CUT_MILLISECONDS = 1_000;

/** Serves a gateway. Rejects when the address cannot be had. */
export async function listen(gateway: Gateway, options: ListenOptions): Promise<Listener> {
  const limits = { ...usualLimits, ...options.limits };
  const settings = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: limits.headersMilliseconds,
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    connectionsCheckingInterval: limits.checkMilliseconds,
    noDelay: true,
    IncomingMessage: Message,
    // Most GETs announce no body: no stream is set going for them then.
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: asksForWebSocket,
  };
  const protocols = { ALPNProtocols: ['h2', 'http/1.1'], minVersion: 'TLSv1.2' } as const;
  const server: Server<typeof Message> = options.tls
    ? process.getBuiltinModule('node:https').createServer({ ...settings, ...options.tls, ...protocols })
    : createServer(settings);
  const secure = options.tls !== undefined;
  const running = createRunning();
  const current = new WeakMap<Socket, ServerResponse>();
  const cohort = createCohort();
  const serve = (request: Message, response: ServerResponse): void => {
    current.set(request.socket, response);
    running.begun();
    void request.socket.remoteAddress; // asked for while there surely is one: policies go by it, and a client may be gone in a moment
    cohort.add(() => void answer(gateway, request, response, secure, limits).then(running.ended, running.ended));
  };
  const http2 = createHttp2(gateway, secure, running, {
    headerBytes: HEADER_BYTES_MAX,
    headersMax: HEADERS_MAX,
    idleMilliseconds: limits.idleMilliseconds,
    keepAliveMilliseconds: KEEP_ALIVE_MILLISECONDS,
  });
  const all = new Set<Socket>();
  server.on('connection', (socket: Socket) => keep(all, socket));
  const sockets = new Set<Socket>();
  shareWith(server, secure, {
    begun: (socket) => keep(sockets, socket),
    http2: (socket) => {
      sockets.delete(socket);
      http2.take(socket);
    },
    withinMilliseconds: limits.headersMilliseconds,
  });
  const webSockets = canChooseUpgrades ? serveWebSockets(server, gateway, secure, limits) : undefined;
  server.maxConnections = CONNECTIONS_MAX;
  // AWS lets any other expectation than 100-continue pass, where Node by itself answers 417.
  server.on('request', serve).on('checkContinue', serve).on('checkExpectation', serve);
  server.on('clientError', refuseConnection);
  server.setTimeout(limits.idleMilliseconds, (socket: Socket) => endIfStalled(socket, current.get(socket)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port, backlog: 1_024 }, () => (server.off('error', reject), resolve()));
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      webSockets?.close();
      return close(server, { running, all, sockets, http2 }, options.closeWithin ?? CLOSE_MILLISECONDS);
    },
  };
}

type Shares = {
  /** Told of every connection. */ begun: (socket: Socket) => void;
  http2: (socket: Socket) => void;
  withinMilliseconds: number;
};

/** Gives HTTP/2 its part of the connections: by ALPN where there is TLS, by their first bytes in the clear. */
function shareWith(server: Server, secure: boolean, { begun, http2, withinMilliseconds }: Shares): void {
  const event = secure ? 'secureConnection' : 'connection';
  const own = server.listeners(event)[0] as (socket: Socket) => void;
  server.off(event, own);
  const http1 = (socket: Socket): void => own.call(server, socket);
  server.on(event, (socket: Socket & { alpnProtocol?: string | false }) => {
    begun(socket);
    if (!secure) tellApart(socket, { http1, http2, silent: refuseSilent, withinMilliseconds });
    else if (socket.alpnProtocol === 'h2') http2(socket);
    else http1(socket);
  });
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}

type Running = { begun(): void; ended(): void; /** Resolves when nothing runs any more. */ none(): Promise<void> };

/** Counts the requests that run. */
function createRunning(): Running {
  let count = 0;
  let idle: (() => void) | undefined;
  return {
    begun: () => void count++,
    ended: () => {
      if (--count === 0) idle?.();
    },
    none: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => (idle = resolve))),
  };
}

async function answer(gateway: Gateway, message: Message, response: ServerResponse, secure: boolean, limits: DrainLimits): Promise<void> {
  try {
    const { request, awaitsContinue } = readRequest(message, response, secure);
    const reply = await gateway.handle(request);
    // Whether the body will still come is now the client's choice, so nothing after it on this connection can be trusted.
    if (awaitsContinue()) reply.headers['connection'] = 'close';
    await respond(reply, message, response, limits);
  } catch (error) {
    respondBadRequest(error instanceof BadRequest ? error : new BadRequest(500, 'Internal Server Error'), response);
  }
}

/** A socket is silent because its client is slow, or because its answer is. Only the first is ended. */
function endIfStalled(socket: Socket, response: ServerResponse | undefined): void {
  const answerIsDue = response !== undefined && !response.writableFinished && response.req.complete && response.writableLength === 0;
  if (!answerIsDue) socket.destroy();
}

type Open = {
  running: Running;
  all: ReadonlySet<Socket>;
  /** Of HTTP/1.1, or not known yet. */ sockets: ReadonlySet<Socket>;
  http2: Http2;
};

async function close(server: Server, { running, all, sockets, http2 }: Open, within: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  http2.close();
  const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
  const timer = setTimeout(giveUp, within);
  await Promise.race([running.none(), late]);
  clearTimeout(timer);
  // What is answered is sent before the socket goes.
  for (const socket of sockets) socket.destroySoon();
  const cut = setTimeout(() => {
    http2.cut();
    for (const socket of all) socket.destroy();
  }, CUT_MILLISECONDS);
  await closed;
  clearTimeout(cut);
}
