/** Digests of byte streams: short ones at once, long ones in worker threads, so that the event loop stays free. */

import { loadXxHashes } from '../framework/xxhash.ts';
import type { HashName } from './blob-store.ts';
import { createLocalHash, hashBytes, type Digests } from './hashing/local-hash.ts';
import { giveSlot, slotBytes, takeSlot } from './hashing/slots.ts';
import { openWorkerStreams, type WorkerStream } from './hashing/worker-pool.ts';

export { hashBytes, type Digests } from './hashing/local-hash.ts';

export type StreamHash = {
  /** Takes bytes, which must not be changed until they are done with. A promise means: wait before you give more. */
  update(bytes: Uint8Array): void | Promise<void>;
  digest(): Promise<Digests>;
  /** Ends it without a digest. */
  abort(): void;
};

type Done = (bytes: Uint8Array) => void;

/** Up to here starting a conversation with a worker costs more than the hash. */
const localBytesMax = 256 * 1024;
const slotsInFlightMax = 4;
/** So fast that copying the bytes for a worker would cost about as much. */
const quick: readonly HashName[] = ['crc32', 'crc32c'];

/** @param done is given all bytes again, in their order, each as soon as it has been read and may be changed. */
export function createStreamHash(asked: readonly HashName[], done: Done = () => {}): StreamHash {
  const names = [...new Set(asked)];
  return names.every((name) => quick.includes(name)) ? createQuickHash(names, done) : createLongHash(names, done);
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

function createQuickHash(names: readonly HashName[], done: Done): StreamHash {
  const local = createLocalHash(names);
  const update = (bytes: Uint8Array): void => {
    local.update(bytes);
    done(bytes);
  };
  return { update, digest: async () => local.digest(), abort() {} };
}

type HeldPieces = {
  push: (bytes: Uint8Array) => void;
  /** How many bytes wait. */ bytes: () => number;
  /** Moves the first bytes, as many as fit, into a slot, and says how many. */ moveInto: (slot: Uint8Array) => number;
  /** All that waits, as one, for as long as `use` runs. */ takeAll: <T>(use: (bytes: Uint8Array) => T) => T;
  drop: () => void;
};

/** Pieces that wait to be sent; each is given to `done` once it has been moved whole. */
function holdPieces(done: Done): HeldPieces {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  /** How much of the first has been moved already. */
  let movedOfFirst = 0;
  const drop = (): void => {
    held = [];
    heldBytes = 0;
  };
  return {
    push(bytes) {
      held.push(bytes);
      heldBytes += bytes.length;
    },
    bytes: () => heldBytes,
    moveInto(slot) {
      let [filled, whole] = [0, 0];
      while (whole < held.length && filled < slot.length) {
        const first = held[whole]!;
        const part = first.subarray(movedOfFirst, movedOfFirst + slot.length - filled);
        slot.set(part, filled);
        filled += part.length;
        movedOfFirst += part.length;
        if (movedOfFirst < first.length) break;
        done(first);
        movedOfFirst = 0;
        whole++;
      }
      held.splice(0, whole);
      heldBytes -= filled;
      return filled;
    },
    takeAll(use) {
      const all = held;
      drop();
      const result = use(all.length === 1 ? all[0]! : Buffer.concat(all));
      all.forEach(done);
      return result;
    },
    drop,
  };
}

function createLongHash(names: readonly HashName[], done: Done): StreamHash {
  const held = holdPieces(done);
  let workers: WorkerStream[] | undefined;
  let failure: Error | undefined;
  const inFlight = new Set<Promise<void>>();

  /** Moves the first bytes that are held, as many as fit, into a slot and hands it to the workers. */
  const send = async (): Promise<void> => {
    if (inFlight.size >= slotsInFlightMax) await Promise.race(inFlight);
    const slot = await takeSlot();
    if (failure) return giveSlot(slot);
    const length = held.moveInto(new Uint8Array(slot));
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
    while (held.bytes() >= slotBytes && !failure) await send();
    if (failure) throw failure;
  };

  return {
    update(bytes) {
      if (bytes.length === 0) return undefined;
      held.push(bytes);
      if (!workers && held.bytes() > localBytesMax) workers = openWorkerStreams(names);
      if (held.bytes() < slotBytes) return undefined;
      const sent = sendFullSlots();
      sent.catch(() => {}); // whoever gave up meanwhile (its disk was full) has aborted this, and does not listen any more
      return sent;
    },
    async digest() {
      if (!workers) {
        await loadXxHashes(names);
        return held.takeAll((bytes) => hashBytes(names, bytes));
      }
      await sendFullSlots();
      if (held.bytes() > 0) await send();
      const digests = await Promise.all(workers.map((worker) => worker.digest()));
      if (failure) throw failure;
      return Object.assign({}, ...digests) as Digests;
    },
    abort() {
      failure ??= new Error('hashing was aborted');
      for (const worker of workers ?? []) worker.abort();
      held.drop();
    },
  };
}
