/** Bodies that are read whole: within a limit and a time, inflated when they came compressed. */

import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { AwsError } from '../framework/aws-error.ts';
import type { HttpRequest } from '../framework/http-message.ts';
import type { ErrorFamily } from './call.ts';
import { incomplete, tooSlow } from './streaming-body.ts';

/** A body that is to be buffered must have arrived within this time: a slow client must not hold memory for long. */
const READ_MILLISECONDS_MAX = 120_000;

const undo = { gzip: promisify(gunzip), deflate: promisify(inflate) };
const empty = Buffer.alloc(0);

export function hasBody(request: HttpRequest): boolean {
  return request.headers['transfer-encoding'] !== undefined || (request.headers['content-length'] ?? '0') !== '0';
}

/** Reads a body of at most `bytesMax`. Throws RequestEntityTooLarge, RequestTimeout or IncompleteBody in the family's words. */
export function readBody(request: HttpRequest, bytesMax: number, family: ErrorFamily): Promise<Buffer> {
  if (!hasBody(request)) return Promise.resolve(empty);
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return Promise.reject(tooLarge(family, bytesMax));
  return collect(request.body, bytesMax, family);
}

/** Reads a stream to its end, within a limit and a time. Leaves the stream paused, not destroyed, when it fails. */
export function collect(body: Readable, bytesMax: number, family: ErrorFamily): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (body.destroyed) return reject(incomplete());
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      body.off('data', take).off('end', end).off('error', fail).off('close', gone);
      finish();
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > bytesMax) settle(() => (body.pause(), reject(tooLarge(family, bytesMax))));
      else chunks.push(chunk);
    };
    const end = (): void => settle(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)));
    const fail = (cause: unknown): void => settle(() => reject(cause instanceof AwsError ? cause : incomplete(cause)));
    const gone = (): void => fail(undefined);
    const timer = setTimeout(() => settle(() => reject(tooSlow())), READ_MILLISECONDS_MAX).unref();
    body.on('data', take).on('end', end).on('error', fail).on('close', gone);
  });
}

/** Undoes `Content-Encoding: gzip` or `deflate`, within the same limit. */
export async function inflated(request: HttpRequest, body: Buffer, bytesMax: number, family: ErrorFamily): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  const coding = encoding === undefined ? undefined : /(?:^|,)\s*(gzip|deflate)\s*$/i.exec(encoding)?.[1]!.toLowerCase();
  if (coding === undefined || body.length === 0) return body;
  try {
    return await undo[coding as keyof typeof undo](body, { maxOutputLength: bytesMax });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(family, bytesMax);
    throw new AwsError(family === 's3' ? 'InvalidRequest' : 'SerializationException', `The request body is not valid ${coding}.`, {
      status: 400,
      cause,
    });
  }
}

function tooLarge(family: ErrorFamily, bytesMax: number): AwsError {
  if (family === 's3')
    return new AwsError('MaxMessageLengthExceeded', 'Your request was too large.', {
      status: 400,
      fields: { MaxMessageLengthBytes: String(bytesMax) },
    });
  const code = family === 'json' || family === 'rest' ? 'RequestEntityTooLargeException' : 'RequestEntityTooLarge';
  return new AwsError(code, `Request must be smaller than ${bytesMax} bytes.`, { status: 413 });
}
