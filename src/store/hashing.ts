/** Digests of byte streams: short ones at once, long ones in worker threads, so that the event loop stays free. */

import { loadXxHashes } from '../framework/xxhash.ts';
import type { HashName } from './blob-store.ts';
import { createLocalHash, hashBytes, type Digests } from './hashing/local-hash.ts';
import { giveSlot, slotBytes, takeSlot } from './hashing/slots.ts';
import { openWorkerStreams, type WorkerStream } from './hashing/worker-pool.ts';

export { hashBytes, type Digests } from './hashing/local-hash.ts';

export type StreamHash = {
  /** Takes bytes, which must not be changed any more. A promise means: wait before you give more. */
  update(bytes: Uint8Array): void | Promise<void>;
  digest(): Promise<Digests>;
  /** Ends it without a digest. */
  abort(): void;
};

/** Up to here starting a conversation with a worker costs more than the hash. */
const localBytesMax = 256 * 1024;
const slotsInFlightMax = 8;
/** So fast that copying the bytes for a worker would cost about as much. */
const quick: readonly HashName[] = ['crc32', 'crc32c'];

export function createStreamHash(asked: readonly HashName[]): StreamHash {
  const names = [...new Set(asked)];
  return names.every((name) => quick.includes(name)) ? createQuickHash(names) : createLongHash(names);
}

/** Digests of all bytes of a source, which must not be changed any more. Rejects with what the source threw. */
export async function digestAll(bytes: Uint8Array | AsyncIterable<Uint8Array>, names: readonly HashName[]): Promise<Digests> {
  if (bytes instanceof Uint8Array && bytes.length <= localBytesMax) {
    await loadXxHashes(names);
    return hashBytes(names, bytes);
  }
  const hash = createStreamHash(names);
  try {
    for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) await hash.update(piece);
    return await hash.digest();
  } catch (error) {
    hash.abort();
    throw error;
  }
}

function createQuickHash(names: readonly HashName[]): StreamHash {
  const local = createLocalHash(names);
  return { update: (bytes) => local.update(bytes), digest: async () => local.digest(), abort() {} };
}

function createLongHash(names: readonly HashName[]): StreamHash {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let workers: WorkerStream[] | undefined;
  let failure: Error | undefined;
  const inFlight = new Set<Promise<void>>();

  /** Moves the first `length` bytes that are held into a slot and hands it to the workers. */
  const send = async (length: number): Promise<void> => {
    const { parts, rest } = split(held, length);
    held = rest;
    heldBytes -= length;
    if (inFlight.size >= slotsInFlightMax) await Promise.race(inFlight);
    const slot = await takeSlot();
    if (failure) return giveSlot(slot);
    copy(parts, slot);
    const reading = Promise.all(workers!.map((worker) => worker.update(slot, length)))
      .then(
        () => {},
        (error: Error) => void (failure ??= error),
      )
      .finally(() => {
        inFlight.delete(reading);
        giveSlot(slot);
      });
    inFlight.add(reading);
  };
  const sendFullSlots = async (): Promise<void> => {
    while (heldBytes >= slotBytes) await send(slotBytes);
    if (failure) throw failure;
  };

  return {
    update(bytes) {
      if (bytes.length === 0) return undefined;
      held.push(bytes);
      heldBytes += bytes.length;
      if (!workers && heldBytes > localBytesMax) workers = openWorkerStreams(names);
      if (heldBytes < slotBytes) return undefined;
      const sent = sendFullSlots();
      sent.catch(() => {}); // whoever gave up meanwhile (its disk was full) has aborted this, and does not listen any more
      return sent;
    },
    async digest() {
      if (!workers) {
        await loadXxHashes(names);
        return hashBytes(names, held.length === 1 ? held[0]! : Buffer.concat(held));
      }
      await sendFullSlots();
      if (heldBytes > 0) await send(heldBytes);
      const digests = await Promise.all(workers.map((worker) => worker.digest()));
      if (failure) throw failure;
      return Object.assign({}, ...digests) as Digests;
    },
    abort() {
      failure ??= new Error('hashing was aborted');
      for (const worker of workers ?? []) worker.abort();
      held = [];
      heldBytes = 0;
    },
  };
}

function split(held: readonly Uint8Array[], length: number): { parts: Uint8Array[]; rest: Uint8Array[] } {
  let left = length;
  let count = 0;
  while (count < held.length && held[count]!.length <= left) left -= held[count++]!.length;
  const parts = held.slice(0, count);
  if (left === 0) return { parts, rest: held.slice(count) };
  const cut = held[count]!;
  return { parts: [...parts, cut.subarray(0, left)], rest: [cut.subarray(left), ...held.slice(count + 1)] };
}

function copy(parts: readonly Uint8Array[], slot: SharedArrayBuffer): void {
  const target = new Uint8Array(slot);
  let at = 0;
  for (const part of parts) {
    target.set(part, at);
    at += part.length;
  }
}
