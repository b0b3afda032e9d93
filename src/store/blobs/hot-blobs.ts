/** Small blobs that were written or read lately, as they are stored or as their owner reads them, in memory: a thread's wake-up and a system call cost more than their bytes do. */

import { makeRoom, shareKept } from '../make-room.ts';

const blobBytesMax = 16 * 1024;
const bytesMax = 16 * 1024 * 1024;
/** What a blob costs beside its bytes: its id, a place in the map, a buffer of its own. Without it a million tiny blobs would be kept. */
const overheadBytes = 512;

export type HotBlobs = {
  get(id: string): Buffer | undefined;
  /** Keeps a copy of bytes that are known to be right; those used longest ago make room. */
  keep(id: string, bytes: Uint8Array): void;
  /** What the owner of a blob has made of its bytes, which are then not needed themselves. */
  getMade(id: string): Buffer | undefined;
  keepMade(id: string, made: Uint8Array): void;
  /** Both the bytes and what was made of them. */
  drop(id: string): void;
};

/** An id names the same bytes for ever, so nothing here is ever stale. */
export function createHotBlobs(): HotBlobs {
  const blobs = new Map<string, Buffer>(); // the least recently used first
  let held = 0;
  const get = (id: string): Buffer | undefined => {
    const bytes = blobs.get(id);
    // Moving it to the young end costs more than it gains while there is room for all.
    if (bytes && held > bytesMax / 2) {
      blobs.delete(id);
      blobs.set(id, bytes);
    }
    return bytes;
  };
  const drop = (id: string): void => {
    const bytes = blobs.get(id);
    if (!bytes) return;
    blobs.delete(id);
    held -= bytes.length + overheadBytes;
  };
  const keep = (id: string, bytes: Uint8Array): void => {
    if (bytes.length > blobBytesMax || blobs.has(id)) return;
    const own = Buffer.allocUnsafeSlow(bytes.length); // a slice of Node's pool would keep the bytes of others alive
    own.set(bytes);
    blobs.set(id, own);
    held += bytes.length + overheadBytes;
    if (held > bytesMax) makeRoom(blobs, () => held <= bytesMax * shareKept, drop);
  };
  return {
    get,
    keep,
    getMade: (id) => get(madeOf(id)),
    keepMade(id, made) {
      drop(id);
      keep(madeOf(id), made);
    },
    drop(id) {
      drop(id);
      drop(madeOf(id));
    },
  };
}

function madeOf(id: string): string {
  return `made of ${id}`;
}
