/** Where what lives only until the next boot lies, apart from that of every other cloud on this host. */

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, glob, mkdir, realpath, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export type RunDirectory = {
  path: string;
  /** The name of this cloud in what is named on the host at large: control groups. */
  cloud: string;
};

const triesMax = 10;

/** The same for the same data directory at every start. It is made with the first machine, and goes with the last. */
export async function runDirectoryOf(directory: string): Promise<RunDirectory> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return namedAfter(await realpath(directory));
}

/** Is there one that this user may clear away, though the data directory may have been emptied? */
export async function hasRunDirectory(directory: string): Promise<boolean> {
  try {
    await access(namedAfter(join(await realpath(dirname(directory)), basename(directory))).path, constants.W_OK);
    return true;
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** That of the directory with this real path, which need not be there. */
export function namedAfter(path: string): RunDirectory {
  const cloud = createHash('sha256').update(path).digest('hex').slice(0, 8);
  return { path: join('/run/haneul', cloud), cloud };
}

/**
 * Makes a directory below, through which users of machines reach what is theirs, whatever the umask says, and whoever has made a part of the
 * way before: a runtime of containers makes what is missing of its own place for root alone.
 */
export async function makePassable({ path }: Pick<RunDirectory, 'path'>, ...below: readonly string[]): Promise<string> {
  const way = [dirname(path), path, ...below.map((_name, count) => join(path, ...below.slice(0, count + 1)))];
  for (let tries = 1; ; tries++)
    try {
      for (const directory of way) await makeOnePassable(directory);
      return way.at(-1)!;
    } catch (error) {
      // Another cloud's last machine has taken a part of the way along.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === triesMax) throw error;
    }
}

export async function makeOnePassable(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o711);
}

/** Control groups and run directories of this cloud go with its last machine, those of all clouds with the last cloud. */
export async function removeEmptyDirectories({ cloud, path }: RunDirectory): Promise<void> {
  const emptied = [join(path, 'machines'), join(path, 'crun'), join(path, 'runc'), path, join(path, '..')];
  for await (const group of glob([`/sys/fs/cgroup/haneul/${cloud}`, `/sys/fs/cgroup/*/haneul/${cloud}`]))
    emptied.push(group, join(group, '..'));
  for (const directory of emptied)
    await rmdir(directory).catch((error: NodeJS.ErrnoException) => {
      if (!['EBUSY', 'ENOTEMPTY', 'ENOENT'].includes(error.code ?? '')) throw error;
    });
}
