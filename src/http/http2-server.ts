/** HTTP/2 on connections that were told apart already: sessions and their limits. https://www.rfc-editor.org/rfc/rfc9113 */

import type { Http2Server, Http2Session, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Gateway } from '../gateway/parts.ts';
import { readStream, refuseStream, respondStream } from './http2-message.ts';
import { BadRequest } from './node-response.ts';

export type Http2Limits = {
  headerBytes: number;
  headersMax: number;
  /** A stream whose body does not move, in either direction. */
  idleMilliseconds: number;
  /** A connection without a stream. */
  keepAliveMilliseconds: number;
};

/** Told of each request as it begins and ends. */
export type Counter = { begun(): void; ended(): void };

export type Http2 = {
  take(socket: Socket): void;
  /** Takes no more streams; those that run may end, and then their connections do. */
  close(): void;
  /** Ends all connections. */
  cut(): void;
};

const STREAMS_MAX = 128;
/** What a client may send of one body, and of all bodies of a connection, before somebody reads it. */
const STREAM_WINDOW_BYTES = 1 << 20;
const SESSION_WINDOW_BYTES = 4 << 20;
/** MiB, for one connection: headers and frames that wait. */
const SESSION_MEBIBYTES = 16;

export function createHttp2(gateway: Gateway, secure: boolean, running: Counter, limits: Http2Limits): Http2 {
  const sessions = new Set<Http2Session>();
  let closing = false;
  // Made for the first connection, since few ever come and node:http2 takes long to load.
  let server: Http2Server | undefined;
  const open = (): Http2Server => {
    const { createServer } = process.getBuiltinModule('node:http2');
    return createServer({
      maxSessionMemory: SESSION_MEBIBYTES,
      maxHeaderListPairs: limits.headersMax,
      settings: {
        enablePush: false,
        maxConcurrentStreams: STREAMS_MAX,
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxHeaderListSize: limits.headerBytes,
      },
    })
      .on('session', begin)
      .on('stream', serve);
  };
  const begin = (session: ServerHttp2Session): void => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => session.destroy()); // whatever the client did, it did it to its own connection
    // A client that has said all of what it will is answered what it asked, and is then in nobody's way.
    session.socket.once('end', () => session.close());
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    if (closing) session.close();
    closeWhenIdle(session, limits.keepAliveMilliseconds);
  };
  const serve = (stream: ServerHttp2Stream, _headers: unknown, _flags: unknown, raw: string[]): void => {
    stream.on('error', () => {}); // the answer's own writer sees it too
    stream.setTimeout(limits.idleMilliseconds, () => endIfStalled(stream));
    running.begun();
    void answer(gateway, stream, raw, secure).then(running.ended, running.ended);
  };
  return {
    take: (socket) => void (server ??= open()).emit('connection', socket),
    close: () => {
      closing = true;
      for (const session of sessions) session.close();
    },
    cut: () => {
      for (const session of sessions) session.destroy();
    },
  };
}

async function answer(gateway: Gateway, stream: ServerHttp2Stream, raw: readonly string[], secure: boolean): Promise<void> {
  try {
    const request = readStream(stream, raw, secure);
    await respondStream(await gateway.handle(request), request.method, stream);
  } catch (error) {
    refuseStream(error instanceof BadRequest ? error : new BadRequest(500, 'Internal Server Error'), stream);
  }
}

/** A connection without streams is closed after a while; the streams look after themselves. */
function closeWhenIdle(session: ServerHttp2Session, milliseconds: number): void {
  let streams = 0;
  const arm = (): NodeJS.Timeout => setTimeout(() => session.close(), milliseconds).unref();
  let timer = arm();
  session.on('stream', (stream) => {
    streams++;
    clearTimeout(timer);
    stream.once('close', () => {
      if (--streams === 0 && !session.closed) timer = arm();
    });
  });
  session.once('close', () => clearTimeout(timer));
}

/** A stream is silent because its client is slow, or because its answer is. Only the first is ended. */
function endIfStalled(stream: ServerHttp2Stream): void {
  const answerIsDue = (stream.readableEnded || stream.endAfterHeaders) && !stream.writableFinished && stream.writableLength === 0;
  if (!answerIsDue) stream.destroy();
}
