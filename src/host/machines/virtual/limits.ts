/** Control groups of emulators: memory and processor of the instance's type, in the first version of the interface and in the second. */

import { access, mkdir, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isInSky } from '../../sky/inside.ts';
import type { RunDirectory } from '../run-directory.ts';

export type Limits = { memoryBytes: number; vcpus: number };

const top = '/sys/fs/cgroup';
const periodMicroseconds = 100_000;
/** A guest of user-mode-linux has a process of the host for each of its own. */
const processesMax = 8192;
const waitMilliseconds = 20;
const busyMillisecondsMax = 10_000;

/** Makes the groups and gives their directories; those that this host does not have are left out, and without root all of them. */
export async function makeGroups({ cloud }: RunDirectory, id: string, { memoryBytes, vcpus }: Limits): Promise<string[]> {
  if (isInSky) return [];
  const quota = Math.round(vcpus * periodMicroseconds);
  const name = join('haneul', cloud, id);
  if (await exists(join(top, 'cgroup.controllers'))) {
    const group = join(top, name);
    await mkdir(group, { recursive: true });
    for (const parent of [top, join(top, 'haneul'), dirname(group)]) await set(parent, 'cgroup.subtree_control', '+cpu +memory +pids');
    await set(group, 'memory.max', String(memoryBytes));
    await set(group, 'cpu.max', `${quota} ${periodMicroseconds}`);
    await set(group, 'pids.max', String(processesMax));
    return [group];
  }
  const groups: string[] = [];
  const wanted: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['memory', { 'memory.limit_in_bytes': String(memoryBytes) }],
    ['cpu', { 'cpu.cfs_period_us': String(periodMicroseconds), 'cpu.cfs_quota_us': String(quota) }],
    ['cpuacct', {}],
    ['pids', { 'pids.max': String(processesMax) }],
  ];
  for (const [controller, settings] of wanted) {
    if (!(await exists(join(top, controller)))) continue;
    const group = join(top, controller, name);
    await mkdir(group, { recursive: true });
    for (const [file, value] of Object.entries(settings)) await set(group, file, value);
    groups.push(group);
  }
  return groups;
}

/** A group stays busy until its last process has left this host altogether, some moments after it was ended. */
export async function removeGroups({ cloud }: RunDirectory, id: string): Promise<void> {
  for (const parent of [top, ...['memory', 'cpu', 'cpuacct', 'pids'].map((controller) => join(top, controller))])
    await removeGroup(join(parent, 'haneul', cloud, id));
}

async function removeGroup(group: string): Promise<void> {
  for (let waited = 0; ; waited += waitMilliseconds) {
    try {
      return await rmdir(group);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      if (code !== 'EBUSY' || waited >= busyMillisecondsMax) throw error;
    }
    await pause(waitMilliseconds);
  }
}

/** A controller that is not delegated to this process limits nothing: the emulator itself still gives its guest no more memory. */
async function set(group: string, file: string, value: string): Promise<void> {
  await writeFile(join(group, file), value).catch((error: NodeJS.ErrnoException) => {
    if (!['ENOENT', 'EACCES', 'EBUSY', 'EINVAL', 'EROFS'].includes(error.code ?? '')) throw error;
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
