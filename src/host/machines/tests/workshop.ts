/** A place for tests of real machines: directories, a network namespace, and a look at what is left behind. */

import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { MachineSpec, Machines } from '../../../framework/machines.ts';
import { openDisks, type DiskStore } from '../../disks/disks.ts';
import { openImages, type ImageStore } from '../../images/images.ts';
import { run } from '../../programs.ts';
import { openMachines } from '../machines.ts';

export type Workshop = {
  directory: string;
  machines: Machines;
  disks: DiskStore;
  images: ImageStore;
  network: string;
  /** The machines as a later Haneul sees them. */
  reopen(): Machines;
  /** What a machine is started with: the tiny image on a disk of its own. */
  spec(id: string, more?: Partial<MachineSpec>): MachineSpec;
  /** Makes the root disk and starts the machine. */
  start(id: string, more?: Partial<MachineSpec>): Promise<MachineSpec>;
  /** Output of a program inside, trimmed. */
  ask(id: string, ...command: string[]): Promise<string>;
  close(): Promise<void>;
};

export const needsRoot = process.getuid?.() === 0 ? undefined : 'SKIPPED: real machines need root';

export async function openWorkshop(): Promise<Workshop> {
  const directory = await mkdtemp(join(tmpdir(), 'haneul-machines-'));
  const images = openImages(join(directory, 'images'));
  const disks = openDisks(join(directory, 'disks'), images);
  const reopen = (): Machines => openMachines(join(directory, 'machines'), disks, images);
  const machines = reopen();
  // A run of many tests knows what is its own by the name of its place.
  const network = `haneul-test-${basename(tmpdir())}-${randomBytes(4).toString('hex')}`;
  await run('ip', ['netns', 'add', network]);
  const spec: Workshop['spec'] = (id, more = {}) => ({
    ...{ id, hostname: id, network, image: 'haneul-tiny', rootDisk: `root-${id}`, vcpus: 1, memoryBytes: 256 * 1024 * 1024, disks: {} },
    ...more,
  });
  return {
    ...{ directory, machines, disks, images, network, reopen, spec },
    async start(id, more) {
      const wanted = spec(id, more);
      const { record } = await images.open(wanted.image);
      await disks.create(wanted.rootDisk, { bytes: record.bytes, image: wanted.image });
      await machines.start(wanted);
      return wanted;
    },
    async ask(id, ...command) {
      const { output } = await machines.execute(id, command);
      return output.toString().trim();
    },
    async close() {
      for (const { id } of await machines.list()) await machines.remove(id);
      await run('ip', ['netns', 'delete', network]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Whether bytes are in the file of a disk. */
export async function lies({ disks }: Workshop, disk: string, text: string): Promise<boolean> {
  const file = await open(disks.path(disk), 'r');
  try {
    for (const { start, end } of await disks.extents(disk)) {
      const bytes = Buffer.alloc(end - start);
      await file.read(bytes, 0, bytes.length, start);
      if (bytes.includes(text)) return true;
    }
    return false;
  } finally {
    await file.close();
  }
}

/** What of the host is in use on behalf of a directory: loop devices, mounts, and processes that name it. */
export async function leftBehind(directory: string): Promise<string[]> {
  const loops = (await run('losetup', ['--list', '--noheadings', '--raw', '--output', 'NAME,BACK-FILE'])).toString().split('\n');
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const processes: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      processes.push((await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' '));
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return [...loops, ...mounts, ...processes].filter((line) => line.includes(directory));
}

/** By the clock, since a look may take seconds; a small machine that does much else needs minutes. */
const eventuallyMillisecondsMax = 150_000;

/** Resolves when a condition holds; rejects after two and a half minutes, with what `why` tells of the state of things then. */
export async function eventually<T>(look: () => Promise<T | undefined | false>, why?: () => Promise<string>): Promise<T> {
  const { setTimeout } = await import('node:timers/promises');
  const giveUpAt = performance.now() + eventuallyMillisecondsMax;
  do {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await setTimeout(50);
  } while (performance.now() < giveUpAt);
  throw new Error(['what was waited for has not come', await why?.()].filter(Boolean).join(': '));
}
