/** The declared SHA-256 of a body, checked while the body passes. */

import { hash } from 'node:crypto';
import { createStreamHash } from '../store/hashing.ts';
import { payloadMismatch } from './signature-errors.ts';
import type { BodyStep } from './streaming-body.ts';

export const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export function payloadHash(body: Buffer): string {
  return body.length === 0 ? emptyHash : hash('sha256', body);
}

/** Passes bytes on and throws XAmzContentSHA256Mismatch at the end of those that are not what was signed. */
export function hashStep(declared: string): BodyStep {
  const running = createStreamHash(['sha256']);
  return {
    write: (bytes, push) => {
      const pending = running.update(bytes);
      // The hash may still be reading these bytes; whoever gets them next does not change them.
      push(bytes);
      return pending;
    },
    end: async () => {
      const { sha256 } = await running.digest();
      const computed = sha256!.toString('hex');
      if (computed !== declared.toLowerCase()) throw payloadMismatch(declared, computed);
    },
    abort: () => running.abort(),
  };
}
