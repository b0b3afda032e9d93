/** Disks in files of this host: sparse, one a disk, so that only what was written takes room. */

import type { KeyObject } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disks, DiskState, Extent } from '../../framework/disks.ts';
import type { ImageStore } from '../images/images.ts';
import { run } from '../programs.ts';
import { diskLocks } from './locks.ts';
import { dropLoops, loopDevicesOf, newLoop, newSealedLoop } from './loops.ts';
import { seal, sectorsAround, unseal } from './sealing.ts';

export type DiskStore = Disks & {
  /** The file of a disk, whose bytes are encrypted where the disk is. Throws for what is no name of one. */
  path(id: string): string;
  /** Whether the file holds other bytes than the disk: then only `device` shows these. */
  isEncrypted(id: string): Promise<boolean>;
  /** The block device of a disk, the same one for all who ask until it is released. Rejects with DiskLocked. */
  device(id: string): Promise<string>;
  /** Takes the block device away, at once or when the last one who has it open lets go. Nothing happens when there is none. */
  release(id: string): Promise<void>;
};

const suffix = '.disk';
const bytesPerStatBlock = 512;
const lockSuffix = '.lock';
const copyBytes = 1024 * 1024;

/** @param directory holds a file a disk. */
export function openDisks(directory: string, images: ImageStore): DiskStore {
  const path = (id: string): string => {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) throw new Error(`'${id}' is no name of a disk`);
    return join(directory, `${id}${suffix}`);
  };

  const locks = diskLocks((id) => `${path(id).slice(0, -suffix.length)}${lockSuffix}`);

  /** Made beside its place, so that a disk is there whole or not at all. */
  const makeNow = async (id: string, fill: (file: string) => Promise<unknown>): Promise<void> => {
    if (await stateOf(id, path(id))) return;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const workplace = `${path(id)}.new`;
    await rm(workplace, { force: true });
    await fill(workplace);
    await rename(workplace, path(id));
  };

  const readPlain = async (id: string, start: number, length: number): Promise<Buffer> => {
    const key = (await locks.keyOf(id))?.sealing;
    const around = key ? sectorsAround(start, length) : { start, length };
    const bytes = await withFile(path(id), 'r', (file) => readAt(file, around));
    if (!key) return bytes;
    unseal(key, around.start, bytes);
    return bytes.subarray(start - around.start, start - around.start + length);
  };

  const writePlain = async (id: string, start: number, given: Uint8Array): Promise<void> => {
    const key = (await locks.keyOf(id))?.sealing;
    if (!key) return withFile(path(id), 'r+', (file) => writeAt(file, start, given));
    const around = sectorsAround(start, given.length);
    const bytes = around.length === given.length ? Buffer.from(given) : await readPlain(id, around.start, around.length);
    bytes.set(given, start - around.start);
    seal(key, around.start, bytes);
    await withFile(path(id), 'r+', (file) => writeAt(file, around.start, bytes));
  };

  /** An operation and its reconciler may ask for one disk at a time: the second waits for what the first makes. */
  const beingMade = new Map<string, Promise<void>>();
  const make = (id: string, fill: (file: string) => Promise<unknown>): Promise<void> => {
    const present = beingMade.get(id);
    if (present) return present;
    const made = makeNow(id, fill).finally(() => beingMade.delete(id));
    beingMade.set(id, made);
    return made;
  };

  /** Devices of one disk come and go one after the other. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <T>(id: string, act: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(act, act);
    turns.set(id, turn);
    void turn.catch(() => undefined).finally(() => turns.get(id) === turn && turns.delete(id));
    return turn;
  };

  return {
    path,
    create: (id, { bytes, image, key }) =>
      make(id, async (file) => {
        await (key ? locks.fit(id, key) : locks.forget(id));
        const source = image === undefined ? undefined : (await images.open(image)).path;
        if (source !== undefined && key) await copySealed(source, file, (await locks.keyOf(id))!.sealing);
        else if (source !== undefined) await copySparse(source, file);
        await run('truncate', ['-s', `>${bytes}`, file]);
      }),
    unlock: (id, key) => locks.unlock(id, key),
    isEncrypted: (id) => locks.isFitted(id),
    device: (id) =>
      inTurn(id, async () => {
        const key = (await locks.keyOf(id))?.plain;
        const [present] = await loopDevicesOf(path(id));
        return present ?? (key ? newSealedLoop(path(id), key) : newLoop(path(id)));
      }),
    release: (id) => inTurn(id, () => dropLoops(path(id))),
    async grow(id, bytes) {
      await run('truncate', ['-s', `>${bytes}`, path(id)]);
      for (const device of await loopDevicesOf(path(id))) await run('losetup', ['--set-capacity', device]);
    },
    copy: (id, copy) =>
      make(copy, async (file) => {
        await run('sync', ['--file-system', path(id)]);
        await locks.same(id, copy);
        await copySparse(path(id), file);
      }),
    async rename(id, name) {
      await locks.same(id, name);
      await rename(path(id), path(name));
      await locks.forget(id);
    },
    async delete(id) {
      await rm(path(id), { force: true });
      await locks.forget(id);
    },
    async list() {
      const states: DiskState[] = [];
      for (const name of await namesIn(directory)) {
        const id = name.slice(0, -suffix.length);
        const state = name.endsWith(suffix) ? await stateOf(id, join(directory, name)) : undefined;
        if (state) states.push(state);
      }
      return states.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    state: (id) => stateOf(id, path(id)),
    extents: async (id) => extentsOf(path(id)),
    read: readPlain,
    write: writePlain,
    sync: (id) => withFile(path(id), 'r+', (file) => file.sync()),
  };
}

async function readAt(file: FileHandle, { start, length }: { start: number; length: number }): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes;
}

async function writeAt(file: FileHandle, start: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
}

/** An image as an encrypted disk: no plain byte of it is written. */
async function copySealed(from: string, to: string, key: KeyObject): Promise<void> {
  await withFile(from, 'r', async (source) => {
    const { size } = await source.stat();
    const target = await open(to, 'wx', 0o600);
    try {
      for (const extent of await extentsOf(from))
        for (let at = extent.start; at < extent.end; at += copyBytes) {
          const around = sectorsAround(at, Math.min(copyBytes, extent.end - at));
          const bytes = await readAt(source, around);
          seal(key, around.start, bytes);
          await writeAt(target, around.start, bytes);
        }
      await target.truncate(Math.max(size, (await target.stat()).size));
      await target.sync();
    } finally {
      await target.close();
    }
  });
}

async function withFile<T>(path: string, flags: 'r' | 'r+', use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

const copySparse = (from: string, to: string): Promise<unknown> =>
  run('cp', ['--sparse=always', '--reflink=auto', '--', from, to], { milliseconds: 3_600_000 });

async function stateOf(id: string, path: string): Promise<DiskState | undefined> {
  const file = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return file && { id, bytes: file.size, allocatedBytes: file.blocks * bytesPerStatBlock };
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Node has no SEEK_DATA. */
async function extentsOf(path: string): Promise<Extent[]> {
  const listed = await run('perl', [join(import.meta.dirname, 'extents.pl'), path], { bytesMax: 64 * 1024 * 1024 });
  return listed
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [start, end] = line.split(' ').map(Number);
      return { start: start!, end: end! };
    });
}
