/** Writes a file from its beginning while more of it arrives: one write is under way while the next is gathered. */

import { release } from '../blob-store.ts';
import { syncData, writeAt } from './descriptors.ts';

const writeBytes = 1 << 20;
/** The disk begins early, so that the end does not wait for all of it, and the kernel does not fill up with what is unwritten. */
const syncBytes = 64 << 20;

export type WriteBehind = {
  /** A promise means: wait before you give more. The bytes must not be changed any more. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** Resolves when all bytes are durable. */
  finish(): Promise<void>;
  /** Resolves when nothing is under way any more, whatever became of it. */
  settle(): Promise<void>;
};

/** @param owned the bytes are given for good: their memory goes as soon as they are written. */
export function createWriteBehind(descriptor: number, owned: boolean): WriteBehind {
  let parts: Uint8Array[] = [];
  let gathered = 0;
  let position = 0;
  let synced = 0;
  let writing: Promise<void> = Promise.resolve();
  let syncing: Promise<void> | undefined;
  let failure: Error | undefined;

  /** The kernel tells of a failure only once: it must be remembered. */
  const syncInBackground = (): void => {
    synced = position;
    syncing = syncData(descriptor)
      .catch((error: Error) => void (failure ??= error))
      .finally(() => (syncing = undefined));
  };
  const flush = (): Promise<void> => {
    if (gathered === 0) return writing;
    const [batch, length, at] = [parts, gathered, position];
    parts = [];
    gathered = 0;
    position += length;
    const before = writing;
    writing = before.then(async () => {
      await writeAt(descriptor, batch, length, at);
      if (owned) batch.forEach(release);
    });
    writing.catch(() => {}); // seen by whoever awaits the next write, or finish
    if (position - synced >= syncBytes && !syncing) syncInBackground();
    return before;
  };

  return {
    write(bytes) {
      parts.push(bytes);
      gathered += bytes.length;
      return gathered >= writeBytes ? flush() : undefined;
    },
    async finish() {
      await flush();
      await writing;
      await syncing;
      await syncData(descriptor);
      if (failure) throw failure;
    },
    async settle() {
      await writing.catch(() => {}); // whoever settles knows why already
      await syncing;
    },
  };
}
