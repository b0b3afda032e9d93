/** Disks in files of this host: sparse, one a disk, so that only what was written takes room. */

import { mkdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disks, DiskState, Extent } from '../../framework/disks.ts';
import { shared } from '../../framework/shared-work.ts';
import type { ImageStore } from '../images/images.ts';
import { ignoreMissing, namesIn } from '../missing-files.ts';
import { run } from '../programs.ts';
import { copySealed, diskBytes, withFile } from './bytes.ts';
import { diskDevices } from './devices.ts';
import { diskLocks } from './locks.ts';
import { loopDevicesOf } from './loops.ts';

export type DiskStore = Disks & {
  /** The file of a disk, whose bytes are encrypted where the disk is. Throws for what is no name of one. */
  path(id: string): string;
  /** Whether the file holds other bytes than the disk: then only `device` shows these. */
  isEncrypted(id: string): Promise<boolean>;
  /** The block device of a disk, the same one for all who ask until it is released. Rejects with DiskLocked. */
  device(id: string): Promise<string>;
  /** Makes an empty disk that is encrypted as another one is, or brings the other one's key to it. */
  beside(id: string, name: string, bytes: number): Promise<void>;
  /**
   * Makes the limits of a disk hold for machines that have got it since they were set.
   * @param group the control group of the machine that has it, where that is one alone.
   */
  enforce(id: string, group?: string): Promise<void>;
  /** Takes the block device away, at once or when the last one who has it open lets go. Nothing happens when there is none. */
  release(id: string): Promise<void>;
};

const suffix = '.disk';
const bytesPerStatBlock = 512;
const lockSuffix = '.lock';

/** @param directory holds a file a disk. */
export function openDisks(directory: string, images: ImageStore): DiskStore {
  const path = (id: string): string => {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) throw new Error(`'${id}' is no name of a disk`);
    return join(directory, `${id}${suffix}`);
  };

  const locks = diskLocks((id) => `${path(id).slice(0, -suffix.length)}${lockSuffix}`);

  // An operation and its reconciler may ask for one disk at a time: the second waits for what the first makes.
  const make = shared(async (id, fill: (file: string) => Promise<unknown>) => {
    if (await stateOf(id, path(id))) return;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Beside its place first, so that a disk is there whole or not at all.
    const workplace = `${path(id)}.new`;
    await rm(workplace, { force: true });
    await fill(workplace);
    await rename(workplace, path(id));
  });

  const bytes = diskBytes(path, locks);
  const devices = diskDevices(path, locks);

  return {
    path,
    create: (id, { bytes, image, key }) =>
      make(id, async (file) => {
        await (key ? locks.fit(id, key) : locks.forget(id));
        const source = image === undefined ? undefined : (await images.open(image)).path;
        if (source !== undefined && key)
          await copySealed({ file: source, extents: await extentsOf(source) }, file, (await locks.keyOf(id))!.sealing);
        else if (source !== undefined) await copySparse(source, file);
        await extend(file, bytes);
      }),
    unlock: (id, key) => locks.unlock(id, key),
    isEncrypted: (id) => locks.isFitted(id),
    ...devices,
    async grow(id, size) {
      await extend(path(id), size);
      for (const device of await loopDevicesOf(path(id))) await run('losetup', ['--set-capacity', device]);
    },
    copy: (id, copy) =>
      make(copy, async (file) => {
        await run('sync', ['--file-system', path(id)]);
        await locks.same(id, copy);
        await copySparse(path(id), file);
      }),
    async beside(id, name, bytes) {
      await locks.same(id, name);
      await make(name, (file) => run('truncate', ['-s', String(bytes), file]));
    },
    async rename(id, name) {
      await locks.same(id, name);
      await rename(path(id), path(name));
      await locks.forget(id);
    },
    async delete(id) {
      // Once the file has gone, nobody finds the device that shows its plain bytes.
      if (await locks.isFitted(id)) await devices.release(id);
      await rm(path(id), { force: true });
      await locks.forget(id);
      devices.forget(id);
    },
    ids: () => idsIn(directory),
    state: (id) => stateOf(id, path(id)),
    extents: async (id) => extentsOf(path(id)),
    ...bytes,
    sync: (id) => withFile(path(id), 'r+', (file) => file.sync()),
  };
}

/** Makes a file larger, never smaller. */
async function extend(path: string, bytes: number): Promise<void> {
  const file = await stat(path).catch(ignoreMissing);
  if (!file) await writeFile(path, '', { flag: 'wx' });
  if ((file?.size ?? 0) < bytes) await truncate(path, bytes);
}

const copySparse = (from: string, to: string): Promise<unknown> =>
  run('cp', ['--sparse=always', '--reflink=auto', '--', from, to], { milliseconds: 3_600_000 });

async function stateOf(id: string, path: string): Promise<DiskState | undefined> {
  const file = await stat(path).catch(ignoreMissing);
  return file && { id, bytes: file.size, allocatedBytes: file.blocks * bytesPerStatBlock };
}

async function idsIn(directory: string): Promise<string[]> {
  const names = (await namesIn(directory)).filter((name) => name.endsWith(suffix));
  return names.map((name) => name.slice(0, -suffix.length)).sort();
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
