/** Images that a cloud gets and loses: built from Debian's packages, brought from elsewhere, taken away. A cloud that runs sees it at once. */

import { randomBytes } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DiskRefused, type DiskFormat } from '../../framework/disk-formats.ts';
import { replaceFile } from '../file-replacement.ts';
import { ignoreMissing, readText } from '../missing-files.ts';
import { run } from '../programs.ts';
import { ImageRefused, layoutBytes, unpackLayout, unpackTar } from './archives.ts';
import { debianReleases, makeDebian } from './debian.ts';
import { conversionObstacle, formatOf, unpackDisk } from './disk-conversions.ts';
import { foreignBoot, foreignObstacle, settleForeign } from './foreign.ts';
import { programIn } from './host-programs.ts';
import { make, type ImageRecord } from './images.ts';
import { layOutSystem } from './systems.ts';

/** How far it is, from 0 to 1, and with what. */
export type Progress = (share: number, step: string) => void;

const gibibyte = 1024 ** 3;
/** The largest volume. */
const diskBytesMax = 16_384 * gibibyte;
const leastBytes = 8 * gibibyte;
const namePattern = /^[a-z][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Throws ImageRefused for what cannot be an image's name. */
export function checkNewName(name: string): void {
  if (!namePattern.test(name) || /\.(new|old)$/.test(name))
    throw new ImageRefused(`'${name}' is no name for an image: 3 to 63 small letters, digits, dots and hyphens, a letter first`);
  if (name.startsWith('haneul-')) throw new ImageRefused(`names that begin with haneul- are of images that Haneul makes by itself`);
}

/** @param directory the cloud's images. @param name `debian-12`. Rejects with ImageRefused. */
export async function buildImage(directory: string, name: string, progress: Progress): Promise<void> {
  if (!Object.hasOwn(debianReleases, name))
    throw new ImageRefused(`there is no recipe for '${name}'; there are ${Object.keys(debianReleases).join(', ')}`);
  await add(
    directory,
    name,
    `Debian ${name.slice('debian-'.length)} (${debianReleases[name]}), of its own packages`,
    async (tree, work) => {
      const tar = join(work, 'root.tar');
      await makeDebian(name, tar, work, (done, of, step) => progress((0.8 * done) / of, step));
      progress(0.8, 'unpacking');
      await unpackTar(tar, tree);
      await rm(tar);
      progress(0.9, 'writing the file system');
    },
  );
}

/**
 * @param from a tar of a root file system, a disk (qcow2, VHD, VHDX, VMDK or raw) with a system on it, a directory in OCI's layout, or a
 * registry's image as `docker://…`. Rejects with ImageRefused.
 */
export async function importImage(directory: string, from: string, name: string, progress: Progress): Promise<void> {
  checkNewName(name);
  await add(directory, name, `Imported from ${basename(from)}`, async (tree, work) => {
    let read = 0;
    const telling = (of: number) => (bytes: number) => progress((0.85 * (read += bytes)) / Math.max(of, read), 'unpacking');
    const layout = from.startsWith('docker://') ? await pull(from, work, progress) : from;
    const found = await stat(layout).catch(ignoreMissing);
    if (!found) throw new ImageRefused(`there is nothing at ${from}`);
    if (found.isDirectory()) {
      await mkdir(join(work, 'layers'));
      await unpackLayout(layout, tree, join(work, 'layers'), telling(await layoutBytes(layout)));
    } else {
      const format = await formatOf(layout);
      if (format === undefined) await unpackTar(layout, tree, telling(found.size));
      else await unpackSystem(layout, format, tree, work, progress);
    }
    progress(0.9, 'writing the file system');
  });
}

/**
 * Gives the room of an image back. What was made from it stays: volumes have bytes of their own, and how they boot is remembered.
 * Rejects with ImageRefused for one that is not there, or that Haneul would make again.
 */
export async function removeImage(directory: string, name: string): Promise<void> {
  checkNewName(name);
  const record = join(directory, name, 'image.json');
  const found = JSON.parse((await readText(record)) ?? 'null') as ImageRecord | null;
  if (!found || found.removed) throw new ImageRefused(`there is no image ${name}`);
  await replaceFile(record, JSON.stringify({ ...found, removed: true } satisfies ImageRecord), 0o600);
  await rm(join(directory, name, 'root.ext4'), { force: true });
}

/** The given file stays as it is: what is read is a copy, which nobody else changes meanwhile. */
async function unpackSystem(from: string, format: DiskFormat, tree: string, work: string, progress: Progress): Promise<void> {
  const obstacle = await conversionObstacle();
  if (obstacle !== undefined) throw new ImageRefused(obstacle);
  const [copy, disk] = [join(work, 'given'), join(work, 'disk')];
  try {
    progress(0.05, 'copying the disk');
    await run('cp', ['--sparse=always', '--reflink=auto', '--', from, copy], { milliseconds: 3_600_000 });
    progress(0.2, `converting ${format}`);
    await unpackDisk(work, copy, format, disk, diskBytesMax);
    await rm(copy);
    progress(0.5, 'unpacking its system');
    await layOutSystem(work, disk, tree);
    await rm(disk);
  } catch (error) {
    if (error instanceof DiskRefused) throw new ImageRefused(error.message, { cause: error });
    throw error;
  }
}

async function pull(from: string, work: string, progress: Progress): Promise<string> {
  if ((await programIn('skopeo')) === undefined) throw new ImageRefused('skopeo is not on this machine: install it, or give an OCI layout');
  progress(0, `pulling ${from}`);
  const layout = join(work, 'pulled');
  await run('skopeo', ['copy', '--quiet', from, `oci:${layout}:image`], { milliseconds: 3_600_000 });
  return layout;
}

async function add(
  directory: string,
  name: string,
  description: string,
  fill: (tree: string, work: string) => Promise<void>,
): Promise<void> {
  const obstacle = await foreignObstacle();
  if (obstacle !== undefined) throw new ImageRefused(obstacle);
  // Its name ends as those of unfinished images do, which no list shows and the next one takes away.
  const work = join(directory, `${name}.work.new`);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true, mode: 0o755 });
  const lay = async (tree: string): Promise<void> => {
    await fill(tree, work);
    if (!(await stat(join(tree, 'bin')).catch(ignoreMissing)) && !(await stat(join(tree, 'usr/bin')).catch(ignoreMissing)))
      throw new ImageRefused('this is no root file system: it has neither /bin nor /usr/bin');
    await settleForeign(tree);
  };
  try {
    await make(directory, { name, description, boot: foreignBoot, bytes: roomFor, lay }, randomBytes(8).toString('hex'));
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(join(directory, `${name}.new`), { recursive: true, force: true });
  }
}

/** Half as much again as the files take, in whole gibibytes. */
export async function roomFor(tree: string, bytesMin = leastBytes): Promise<number> {
  const [used = '0'] = (await run('du', ['--summarize', '--block-size=1', tree])).toString().split('\t');
  return Math.max(bytesMin, Math.ceil((Number(used) * 1.5) / gibibyte) * gibibyte);
}
