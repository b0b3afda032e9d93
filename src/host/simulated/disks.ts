/** Disks in memory, for tests. */

import { DiskLocked, type Disks, type DiskSpeed } from '../../framework/disks.ts';

const pageBytes = 4096;

/** `lock` is the key of an encrypted one, which is to be brought again for each name that it bears. */
type Disk = { bytes: number; pages: Map<number, Buffer>; lock?: Uint8Array; locked?: boolean; speed?: DiskSpeed };

export type SimulatedDisks = Disks & {
  /** What the next start finds: encrypted disks, and no key. */
  forgetKeys(): void;
  isEncrypted(id: string): boolean;
  speed(id: string): DiskSpeed | undefined;
};

/** @param imageBytes what each image holds at its beginning. */
export function simulatedDisks(imageBytes: Readonly<Record<string, Uint8Array>> = {}): SimulatedDisks {
  const disks = new Map<string, Disk>();
  const require_ = (id: string): Disk => {
    const disk = disks.get(id);
    if (!disk) throw new Error(`there is no disk ${id}`);
    return disk;
  };
  const unlocked = (id: string): Disk => {
    const disk = require_(id);
    if (disk.locked) throw new DiskLocked(`${id} is encrypted, and its key is not here`);
    return disk;
  };
  const state = (id: string, { bytes, pages }: Disk) => ({ id, bytes, allocatedBytes: pages.size * pageBytes });

  return {
    forgetKeys() {
      for (const [id, disk] of disks) if (disk.lock) disks.set(id, { ...disk, locked: true });
    },
    isEncrypted: (id) => require_(id).lock !== undefined,
    async create(id, { bytes, image, key }) {
      if (disks.has(id)) return;
      const disk: Disk = { bytes, pages: new Map(), ...(key && { lock: key }) };
      if (image !== undefined) write(disk, 0, imageBytes[image] ?? Buffer.from(image));
      disks.set(id, disk);
    },
    async unlock(id, key) {
      const { lock } = require_(id);
      if (!lock || !Buffer.from(lock).equals(key)) throw new DiskLocked(`the key is not that of ${id}`);
      disks.set(id, { ...require_(id), locked: false });
    },
    async limit(id, speed) {
      require_(id).speed = speed;
    },
    speed: (id) => require_(id).speed,
    async grow(id, bytes) {
      const disk = require_(id);
      disk.bytes = Math.max(disk.bytes, bytes);
    },
    async copy(id, copy) {
      if (disks.has(copy)) return;
      const { bytes, pages, ...lock } = require_(id);
      disks.set(copy, { ...lock, bytes, pages: new Map([...pages].map(([page, buffer]) => [page, Buffer.from(buffer)])) });
    },
    async rename(id, name) {
      disks.set(name, require_(id));
      disks.delete(id);
    },
    delete: async (id) => void disks.delete(id),
    ids: async () => [...disks.keys()].sort(),
    state: async (id) => {
      const disk = disks.get(id);
      return disk && state(id, disk);
    },
    extents: async (id) =>
      [...require_(id).pages.keys()].sort((a, b) => a - b).map((page) => ({ start: page * pageBytes, end: (page + 1) * pageBytes })),
    read: async (id, start, length) => read(unlocked(id), start, length),
    write: async (id, start, bytes) => write(unlocked(id), start, bytes),
    sync: async (id) => void require_(id),
  };
}

function read({ pages }: Disk, start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const within = (start + at) % pageBytes;
    const piece = pages.get(Math.floor((start + at) / pageBytes))?.subarray(within, within + length - at);
    piece?.copy(bytes, at);
    at += pageBytes - within;
  }
  return bytes;
}

function write(disk: Disk, start: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const page = Math.floor((start + at) / pageBytes);
    const within = (start + at) % pageBytes;
    const piece = bytes.subarray(at, at + pageBytes - within);
    const buffer = disk.pages.get(page) ?? Buffer.alloc(pageBytes);
    buffer.set(piece, within);
    disk.pages.set(page, buffer);
    at += piece.length;
  }
}
