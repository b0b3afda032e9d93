/** This machine: where its programs are, and what runs and lies on it. */

import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Host, Messengers } from '../framework/host.ts';
import { noPeers, type Peers } from '../framework/peers.ts';
import { openDisks } from './disks/disks.ts';
import { openAuthority } from './networks/authority.ts';
import { labelOf } from './networks/names.ts';
import { realNetworks, type EgressChoice } from './networks/networks.ts';
import { fetchDocument } from './fetch-document.ts';
import { openDiskFormats } from './images/disk-files.ts';
import { openImages } from './images/images.ts';
import type { DriverChoice } from './machines/drivers.ts';
import { openMachines } from './machines/machines.ts';
import { openScripts } from './machines/scripts.ts';
import { post } from './post.ts';

/** Where Debian keeps programs, those included that an ordinary user's PATH leaves out. */
const systemDirectories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/lib/postgresql/*/bin'];

/**
 * The machine that the cloud runs on.
 * @param searchPath the PATH to look in; the system's own directories are searched after it.
 * @param dataDirectory holds the images, disks and machines of the cloud, and labels its networks; one that only looks around needs none.
 */
export function thisHost(
  searchPath = '',
  dataDirectory = '/nonexistent',
  messengers: Messengers = {},
  peers: Peers = noPeers,
  driver: DriverChoice = 'container',
  egress?: EgressChoice,
): Host {
  const find = finder(searchPath);
  const images = openImages(join(dataDirectory, 'images'));
  const disks = openDisks(join(dataDirectory, 'disks'), images);
  const machines = openMachines(join(dataDirectory, 'machines'), disks, images, driver);
  return {
    messengers,
    peers,
    images,
    disks,
    diskFormats: openDiskFormats(join(dataDirectory, 'images'), disks),
    machines,
    scripts: openScripts(machines),
    networks: realNetworks({ label: labelOf(dataDirectory), find, authority: openAuthority(join(dataDirectory, 'authority')), egress }),
    fetchDocument,
    post,
    freeMemory: async () => process.availableMemory(),
    freeDisk: async () => {
      const { bavail, bsize } = await statfs(dataDirectory);
      return bavail * bsize;
    },
    find,
  };
}

function finder(searchPath: string): Host['find'] {
  const found = new Map<string, string>();
  return async (program) => {
    const known = found.get(program);
    if (known !== undefined) return known;
    for await (const directory of directories(searchPath)) {
      const path = join(directory, program);
      if (!(await isProgram(path))) continue;
      found.set(program, path);
      return path;
    }
    return undefined;
  };
}

/** Patterns are looked up only when nothing before them has what is sought. */
async function* directories(searchPath: string): AsyncGenerator<string> {
  for (const directory of new Set([...searchPath.split(delimiter), ...systemDirectories])) {
    if (!isAbsolute(directory)) continue;
    if (directory.includes('*')) yield* await newestFirst(directory);
    else yield directory;
  }
}

async function newestFirst(pattern: string): Promise<string[]> {
  const { glob } = await import('node:fs/promises');
  const matches = await Array.fromAsync(glob(pattern));
  return matches.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '');
}
