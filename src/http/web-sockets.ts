/** Connections that become WebSockets: the upgrade, its limits, and their end. What is said in them is the business of whoever answered. */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket, WebSocketServer } from 'ws';
import type { HttpRequest, HttpResponse } from '../framework/http-message.ts';
import type { WebSocketOpener } from '../framework/web-socket.ts';
import type { Gateway } from '../gateway/parts.ts';
import { readRequest, type Message } from './node-request.ts';
import { BadRequest, respond, respondBadRequest, type DrainLimits } from './node-response.ts';

// See node-server.ts for why it is not imported.
const { ServerResponse } = process.getBuiltinModule('node:http');

const MESSAGE_BYTES_MAX = 64 * 1024;
const SOCKETS_MAX = 200;
const FIRST_MESSAGE_MILLISECONDS = 10_000;
/** A peer that has not answered one ping when the next is due is taken for gone. */
const PING_MILLISECONDS = 30_000;
const GOING_AWAY = 1001;

export type WebSockets = {
  /** Says farewell to all. */
  close(): void;
};

/** Before the server listens. On a Node that cannot choose which requests to upgrade, none is. */
export function serveWebSockets(server: Server<typeof Message>, gateway: Gateway, secure: boolean, limits: DrainLimits): WebSockets {
  const open = new Set<WebSocket>();
  let upgrading: Promise<WebSocketServer> | undefined;
  const load = (): Promise<WebSocketServer> => (upgrading ??= loadServer()); // with the first, since few clouds have any
  server.on('upgrade', (message: Message, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    void upgrade(message, socket, head);
  });
  const upgrade = async (message: Message, socket: Socket, head: Buffer): Promise<void> => {
    const response = new ServerResponse(message);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    try {
      const { request } = readRequest(message, response, secure);
      request.webSocket = true;
      const reply = refusal(request, open.size) ?? (await gateway.handle(request));
      if (!reply.webSocket) {
        await respond(reply, message, response, limits);
        socket.destroySoon();
        return;
      }
      const webSockets = await load();
      response.detachSocket(socket);
      webSockets.handleUpgrade(message, socket, head, (made) => keep(open, made, reply.webSocket!));
    } catch (error) {
      respondBadRequest(error instanceof BadRequest ? error : new BadRequest(500, 'Internal Server Error'), response);
      socket.destroySoon();
    }
  };
  return {
    close: () => {
      for (const one of open) one.close(GOING_AWAY);
    },
  };
}

/** Whether a request is upgraded at all: other protocols than WebSocket's are nobody's here, and their requests are answered as they are. */
export function asksForWebSocket({ headers }: { headers: Readonly<Record<string, string | string[] | undefined>> }): boolean {
  return String(headers['upgrade'] ?? '').toLowerCase() === 'websocket';
}

async function loadServer(): Promise<WebSocketServer> {
  const { WebSocketServer: Server } = await import('ws');
  return new Server({ noServer: true, clientTracking: false, maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false });
}

/** A page of another site may open a WebSocket to anywhere, and a browser says from where. */
function refusal({ headers }: HttpRequest, count: number): HttpResponse | undefined {
  const { origin, host = '' } = headers;
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host.toLowerCase()))
    return { status: 403, headers: { 'content-type': 'text/plain' }, body: 'WebSockets from pages of other sites are refused.\n' };
  if (count >= SOCKETS_MAX) return { status: 503, headers: { 'content-type': 'text/plain' }, body: 'Too many WebSockets are open.\n' };
  return undefined;
}

function keep(open: Set<WebSocket>, socket: WebSocket, opener: WebSocketOpener): void {
  open.add(socket);
  const listener = opener({
    send: (message) => new Promise((resolve) => socket.send(message, () => resolve())),
    close: (code, reason) => {
      // The peer's farewell is to be heard.
      socket.resume();
      socket.close(code, reason);
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  });
  let answered = true;
  const silent = setTimeout(() => socket.terminate(), FIRST_MESSAGE_MILLISECONDS);
  const ping = setInterval(() => {
    // One that is paused by us cannot show that it is there.
    if (!answered && !socket.isPaused) return socket.terminate();
    answered = false;
    socket.ping();
  }, PING_MILLISECONDS);
  socket.on('pong', () => (answered = true));
  socket.on('message', (data, binary) => {
    clearTimeout(silent);
    answered = true;
    listener.message(data as Buffer, binary);
  });
  // What a peer did wrong closes the socket; there is nobody to tell.
  socket.on('error', () => undefined);
  socket.once('close', () => {
    clearTimeout(silent);
    clearInterval(ping);
    open.delete(socket);
    listener.closed();
  });
}
