/** Bodies that are streamed to an operation: decoded and checked on the way, at the reader's pace. */

import { Readable } from 'node:stream';
import { AwsError } from '../framework/aws-error.ts';

export type Push = (bytes: Buffer) => void;

/** What lies between the socket and the operation. A thrown AwsError ends the stream with it; a promise is waited for. */
export type BodyStep = {
  write(bytes: Buffer, push: Push): void | Promise<void>;
  end(push: Push): void | Promise<void>;
  /** The stream was given up: lets go of what the step holds. */
  abort?(): void;
};

/** Of at most 64 KiB each, as they come from a socket. They stay apart: a stream of bytes would copy those that wait into one. */
const PIECES_BUFFERED = 8;
/** A client that sends less than this in each window, though somebody wants to read, only holds the connection. */
const WINDOW_BYTES_MIN = 1024;
const WINDOW_MILLISECONDS = 60_000;

/**
 * A stream of its own over the request's body: destroying it leaves the connection alone, so that an error can still be
 * answered on it.
 */
export function streamBody(source: Readable, step: BodyStep): Readable {
  let waiting: Promise<void> | undefined;
  let attached = false;
  let finished = false;
  let inWindow = 0;
  let watch: NodeJS.Timeout | undefined;
  const out = new Readable({
    objectMode: true,
    highWaterMark: PIECES_BUFFERED,
    read: () => {
      if (!attached) {
        attached = true;
        if (source.destroyed) return gone();
        watch = setInterval(checkPace, WINDOW_MILLISECONDS).unref();
        source.on('data', take).on('end', end).on('error', fail).on('close', gone);
      }
      if (!waiting) source.resume();
    },
    destroy: (error, done) => {
      clearInterval(watch);
      source.off('data', take).off('end', end).off('error', fail).off('close', gone);
      source.on('error', ignore).pause();
      if (error !== null || !finished) step.abort?.();
      done(error);
    },
  });
  const push: Push = (bytes) => {
    if (bytes.length > 0 && !out.push(bytes)) source.pause();
  };
  const fail = (error: unknown): void => void out.destroy(error instanceof AwsError ? error : incomplete(error));
  const gone = (): void => fail(undefined);
  const checkPace = (): void => {
    if (inWindow < WINDOW_BYTES_MIN && !source.isPaused()) fail(tooSlow());
    inWindow = 0;
  };
  const take = (bytes: Buffer): void => {
    inWindow += bytes.length;
    try {
      const pending = step.write(bytes, push);
      if (!pending) return;
      source.pause();
      waiting = pending.then(() => {
        waiting = undefined;
        if (!out.destroyed && out.readableLength < PIECES_BUFFERED) source.resume();
      }, fail);
    } catch (error) {
      fail(error);
    }
  };
  const end = (): void => {
    clearInterval(watch);
    source.off('close', gone);
    finish().catch(fail);
  };
  const finish = async (): Promise<void> => {
    await waiting;
    await step.end(push);
    finished = true;
    if (!out.destroyed) out.push(null);
  };
  return out;
}

/** Nothing to decode and nothing to check. */
export const plainStep: BodyStep = { write: (bytes, push) => push(bytes), end: () => {} };

/** The socket's own late errors have nobody left to tell. */
const ignore = (): void => {};

/** The client went away, or sent less than it had said. */
export function incomplete(cause?: unknown): AwsError {
  return new AwsError('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header', {
    status: 400,
    ...(cause !== undefined && { cause }),
  });
}

/** A client that sends too slowly to be waited for. */
export function tooSlow(): AwsError {
  return new AwsError(
    'RequestTimeout',
    'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
    { status: 400 },
  );
}
