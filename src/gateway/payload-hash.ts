/** The declared SHA-256 of a body, checked while the body passes. */

import { hash } from 'node:crypto';
import { createStreamHash } from '../store/hashing.ts';
import { payloadMismatch } from './signature-errors.ts';
import type { BodyStep, Push } from './streaming-body.ts';

export const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export function payloadHash(body: Buffer): string {
  return body.length === 0 ? emptyHash : hash('sha256', body);
}

/** Passes bytes on and throws XAmzContentSHA256Mismatch at the end of those that are not what was signed. */
export function hashStep(declared: string): BodyStep {
  let onward: Push = () => {};
  // Whoever gets the bytes next may give their memory back, so they go there once the hash has read them.
  const running = createStreamHash(['sha256'], (bytes) => onward(bytes as Buffer));
  return {
    write: (bytes, push) => {
      onward = push;
      return running.update(bytes);
    },
    end: async () => {
      const { sha256 } = await running.digest();
      const computed = sha256!.toString('hex');
      if (computed !== declared.toLowerCase()) throw payloadMismatch(declared, computed);
    },
    abort: () => running.abort(),
  };
}
