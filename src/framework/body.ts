/** Bodies of bytes that are already here: a stream for those who want one, and the bytes themselves for those who know. */

import { Readable } from 'node:stream';
import type { SelfWriting } from './http-message.ts';

const wholes = new WeakMap<Readable, Buffer>();

/** A stream of bytes that are already in memory. */
export function readableOf(bytes: Buffer): Readable {
  const body = new Readable({
    read() {
      if (bytes.length > 0) this.push(bytes);
      this.push(null);
    },
  });
  wholes.set(body, bytes);
  return body;
}

/** All bytes of a body, when they are in memory already and nobody has begun to read; undefined for one that still flows. */
export function bytesOf(body: Readable): Buffer | undefined {
  return body.readableDidRead ? undefined : wholes.get(body);
}

const exclusive = new WeakSet<Readable>();

/** Says of a body that nobody but its reader has its pieces in hands, so that he may give their memory back. */
export function withOwnPieces(body: Readable): Readable {
  exclusive.add(body);
  return body;
}

export function hasOwnPieces(body: unknown): boolean {
  return body instanceof Readable && exclusive.has(body);
}

/** Whether a body can write itself, out of memory that it uses again. */
export function isSelfWriting(body: Readable): body is Readable & SelfWriting {
  return 'writeTo' in body && typeof body.writeTo === 'function';
}
