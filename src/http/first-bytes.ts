/** Tells by its first bytes whether a connection in the clear speaks HTTP/2 ("prior knowledge") or HTTP/1.1. */

import type { Socket } from 'node:net';

/** https://www.rfc-editor.org/rfc/rfc9113#name-http-2-connection-preface */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export type Speakers = {
  http1: (socket: Socket) => void;
  http2: (socket: Socket) => void;
  /** Nothing that could be told apart came in time. */
  silent: (socket: Socket) => void;
  /** How long a client may take for its first bytes. */
  withinMilliseconds: number;
};

/** Hands the connection on, with its first bytes still to be read. */
export function tellApart(socket: Socket, { http1, http2, silent, withinMilliseconds }: Speakers): void {
  let heard: Buffer = Buffer.alloc(0);
  const decide = (speaker: (socket: Socket) => void): void => {
    stop();
    socket.pause();
    if (heard.length > 0) socket.unshift(heard);
    speaker(socket);
    // Whoever listens now does so before anything more is read.
    process.nextTick(() => socket.resume());
  };
  const listen = (bytes: Buffer): void => {
    heard = heard.length === 0 ? bytes : Buffer.concat([heard, bytes]);
    const length = Math.min(heard.length, preface.length);
    if (heard.compare(preface, 0, length, 0, length) !== 0) decide(http1);
    else if (length === preface.length) decide(http2);
  };
  const leave = (): void => {
    stop();
    socket.destroy();
  };
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('data', listen).off('end', leave).off('error', leave).off('close', stop);
  };
  const timer = setTimeout(() => {
    stop();
    // Nobody else hears from this connection: one that the client breaks off after its refusal is to end itself alone.
    socket.on('error', () => socket.destroy());
    silent(socket);
  }, withinMilliseconds).unref();
  socket.on('data', listen).on('end', leave).on('error', leave).on('close', stop);
}
