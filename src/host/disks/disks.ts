/** Disks in files of this host: sparse, one a disk, so that only what was written takes room. */

import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disks, DiskState, Extent } from '../../framework/disks.ts';
import type { ImageStore } from '../images/images.ts';
import { run } from '../programs.ts';

export type DiskStore = Disks & {
  /** The file of a disk. Throws for what is no name of one. */
  path(id: string): string;
};

const suffix = '.disk';
const bytesPerStatBlock = 512;

/** @param directory holds a file a disk. */
export function openDisks(directory: string, images: ImageStore): DiskStore {
  const path = (id: string): string => {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) throw new Error(`'${id}' is no name of a disk`);
    return join(directory, `${id}${suffix}`);
  };

  /** Made beside its place, so that a disk is there whole or not at all. */
  const makeNow = async (id: string, fill: (file: string) => Promise<unknown>): Promise<void> => {
    if (await stateOf(id, path(id))) return;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const workplace = `${path(id)}.new`;
    await rm(workplace, { force: true });
    await fill(workplace);
    await rename(workplace, path(id));
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

  return {
    path,
    create: (id, { bytes, image }) =>
      make(id, async (file) => {
        if (image !== undefined) await copySparse((await images.open(image)).path, file);
        await run('truncate', ['-s', `>${bytes}`, file]);
      }),
    async grow(id, bytes) {
      await run('truncate', ['-s', `>${bytes}`, path(id)]);
      for (const device of await loopDevicesOf(path(id))) await run('losetup', ['--set-capacity', device]);
    },
    copy: (id, copy) =>
      make(copy, async (file) => {
        await run('sync', ['--file-system', path(id)]);
        await copySparse(path(id), file);
      }),
    rename: (id, name) => rename(path(id), path(name)),
    delete: (id) => rm(path(id), { force: true }),
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
    read: (id, start, length) =>
      withFile(path(id), 'r', async (file) => {
        const bytes = Buffer.alloc(length);
        await file.read(bytes, 0, length, start);
        return bytes;
      }),
    write: (id, start, bytes) => withFile(path(id), 'r+', async (file) => void (await file.write(bytes, 0, bytes.length, start))),
    sync: (id) => withFile(path(id), 'r+', (file) => file.sync()),
  };
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

/** The loop devices through which a file is used as a disk. */
export async function loopDevicesOf(path: string): Promise<string[]> {
  const listed = await run('losetup', ['--list', '--noheadings', '--output', 'NAME', '--associated', path]);
  return listed.toString().trim().split('\n').filter(Boolean);
}
