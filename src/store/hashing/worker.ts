/** Worker thread that hashes many streams at once, from memory that it shares with the main thread. */

import { parentPort } from 'node:worker_threads';
import { loadXxHashes } from '../../framework/xxhash.ts';
import type { HashName } from '../blob-store.ts';
import { createLocalHash, type Digests, type LocalHash } from './local-hash.ts';

export type ToWorker =
  | { type: 'open'; stream: number; names: readonly HashName[] }
  | { type: 'bytes'; stream: number; slot: SharedArrayBuffer; length: number }
  | { type: 'digest'; stream: number }
  | { type: 'abort'; stream: number };

/** `taken`: the slot that came first for this stream, of those not yet told of, may be used again. */
export type FromWorker = { type: 'taken'; stream: number } | { type: 'digests'; stream: number; digests: Digests };

const streams = new Map<number, LocalHash>();
const port = parentPort!;

/** What comes while an XXHash is being loaded waits for it, in order. */
let loading: Promise<void> | undefined;

port.on('message', (message: ToWorker) => {
  const wait = message.type === 'open' ? loadXxHashes(message.names) : undefined;
  if (!loading && !wait) return take(message);
  const turn = Promise.all([loading, wait]).then(() => {
    take(message);
    if (loading === turn) loading = undefined;
  });
  loading = turn;
});

function take(message: ToWorker): void {
  const { stream } = message;
  switch (message.type) {
    case 'open':
      streams.set(stream, createLocalHash(message.names));
      return;
    case 'bytes':
      streams.get(stream)!.update(new Uint8Array(message.slot, 0, message.length));
      port.postMessage({ type: 'taken', stream } satisfies FromWorker);
      return;
    case 'digest':
      port.postMessage({ type: 'digests', stream, digests: streams.get(stream)!.digest() } satisfies FromWorker);
      streams.delete(stream);
      return;
    case 'abort':
      streams.delete(stream);
  }
}
