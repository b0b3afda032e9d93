/** Worker thread that hashes many streams at once, from memory that it shares with the main thread. */

import { parentPort } from 'node:worker_threads';
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

port.on('message', (message: ToWorker) => {
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
});
