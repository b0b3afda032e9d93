/** Files of other disk formats that lie among the disks of this host, for services: made into disks, made of them, taken apart. */

import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskRefused, type DiskFormats } from '../../framework/disk-formats.ts';
import type { DiskStore } from '../disks/disks.ts';
import { ImageRefused } from './archives.ts';
import { conversionObstacle, packDisk, unpackDisk } from './disk-conversions.ts';
import { roomFor } from './adding.ts';
import { runOnFiles } from './disk-tool.ts';
import { foreignObstacle, settleForeign } from './foreign.ts';
import { formatRoot } from './images.ts';
import { layOutSystem } from './systems.ts';

const gibibyte = 1024 ** 3;
const ovaDisksMax = 20;

/** @param directory of images: work is done in folders with names that are no images'. */
export function openDiskFormats(directory: string, disks: DiskStore): DiskFormats {
  const working = async <T>(name: string, act: (work: string) => Promise<T>): Promise<T> => {
    const work = join(directory, `${name}.work.new`);
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true, mode: 0o700 });
    try {
      return await act(work);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  };

  return {
    obstacle: conversionObstacle,
    unpack: (file, format, disk, bytesMax) =>
      working(disk, async (work) => {
        await disks.delete(disk);
        await unpackDisk(work, disks.path(file), format, disks.path(disk), bytesMax);
      }),
    pack: (disk, format, file) =>
      working(file, async (work) => {
        await disks.delete(file);
        await packDisk(work, disks.path(disk), format, disks.path(file));
      }),
    takeOut: (file, prefix) => working(prefix, (work) => takeOut(work, disks, file, prefix)),
    settle: (disk, root) =>
      working(root, async (work) => {
        const obstacle = await foreignObstacle();
        if (obstacle !== undefined) throw new DiskRefused(obstacle);
        const tree = join(work, 'tree');
        await mkdir(tree, { mode: 0o755 });
        try {
          await layOutSystem(work, disks.path(disk), tree);
          await settleForeign(tree);
        } catch (error) {
          if (error instanceof ImageRefused) throw new DiskRefused(error.message, { cause: error });
          throw error;
        }
        const { size } = await stat(disks.path(disk));
        await disks.delete(root);
        await formatRoot(disks.path(root), Math.max(Math.ceil(size / gibibyte) * gibibyte, await roomFor(tree, gibibyte)), tree);
      }),
  };
}

async function takeOut(work: string, disks: DiskStore, file: string, prefix: string): Promise<string[]> {
  const ova = disks.path(file);
  const { size: bytes } = await stat(ova);
  const listed = await runOnFiles(work, { ova }, ['tar', '--list', '--file=/volumes/ova']);
  if (listed.code !== 0) throw new DiskRefused('this is no OVA: no tar can be read there');
  const names = listed.stdout.toString().split('\n');
  const descriptors = names.filter((name) => /\.ovf$/i.test(name));
  const members = names.filter((name) => /\.vmdk$/i.test(name));
  if (descriptors.length !== 1) throw new DiskRefused(`an OVA has one OVF descriptor, and this has ${descriptors.length}`);
  if (members.length === 0 || members.length > ovaDisksMax) throw new DiskRefused(`the OVA has ${members.length} disks`);
  const made: string[] = [];
  for (const [at, member] of members.entries()) {
    const id = `${prefix}-${at}`;
    await disks.delete(id);
    await (await open(disks.path(id), 'w', 0o600)).close();
    // Written out, a member may have holes that take no room in the archive: it is to be no larger than that.
    const limit = ['prlimit', `--fsize=${bytes}`] as const;
    const taking = ['tar', '--extract', '--file=/volumes/ova', '--occurrence=1', '--to-command=cat > /volumes/member', '--', member];
    const { code, stderr } = await runOnFiles(work, { ova, member: disks.path(id) }, [...limit, ...taking]);
    if (code !== 0) throw new DiskRefused(`${member} cannot be taken out: ${stderr.toString().trim().slice(-200)}`);
    made.push(id);
  }
  return made;
}
