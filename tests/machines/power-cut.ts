/** What a reboot of the machine takes of one cloud, done to that cloud alone: everything but what is on the disk. */

import { spawn } from 'node:child_process';
import { readFile, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, runAnyhow } from '../../src/host/programs.ts';
import { ignoreMissing, namesIn } from '../../src/host/missing-files.ts';
import { identityOf } from '../../src/host/process-identity.ts';
import { loopDevices } from '../../src/host/disks/loops.ts';
import { runDirectoryOf } from '../../src/host/machines/run-directory.ts';
import { eventually } from '../../src/host/machines/tests/workshop.ts';
import { labelOf, namesFor } from '../../src/host/networks/names.ts';

const driverDirectories = ['machines', 'virtual-machines'];

/**
 * Cuts the power of all that a killed Haneul has left running: nobody is told, nothing is written any more. Afterwards its files say what they
 * say after a boot: of another boot, with numbers of processes that are other processes now.
 * @param data the real path of its data directory.
 * @returns a process whose number the files name; to be ended by the caller.
 */
export async function cutPowerOf(data: string): Promise<{ end(): void }> {
  const folders = (await Promise.all(driverDirectories.map((name) => foldersIn(join(data, name))))).flat();
  const firsts = await Promise.all(folders.map(firstProcess));
  // Supervisors first: they would write down how their machines ended.
  const supervisors = await processesNaming(data);
  for (const pid of [...supervisors, ...firsts.flatMap((pid) => pid ?? [])]) endProcess(pid);
  await eventually(async () => (await processesNaming(data)).length === 0);
  for (const pid of firsts) if (pid !== undefined) await eventually(async () => (await identityOf(pid)) === undefined);
  // Some go by themselves, with the mounts above them.
  for (const { device, file } of await loopDevices()) if (file.startsWith(`${data}/`)) await runAnyhow('losetup', ['--detach', device]);
  await eventually(async () => !(await loopDevices()).some(({ file }) => file.startsWith(`${data}/`)));
  await takeNetworks(data);
  for (const name of driverDirectories) await takeRunDirectory(join(data, name));
  return asOfAnotherBoot(folders);
}

const foldersIn = async (directory: string): Promise<string[]> => (await namesIn(directory)).map((name) => join(directory, name));

async function firstProcess(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, 'running'), 'utf8').catch(ignoreMissing);
  const [pid, startTime] = text?.split(' ') ?? [];
  return pid !== undefined && (await identityOf(Number(pid)))?.startTime === startTime ? Number(pid) : undefined;
}

async function processesNaming(path: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const words = await readFile(`/proc/${name}/cmdline`, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (!['ENOENT', 'ESRCH'].includes(error.code ?? '')) throw error;
      return '';
    });
    if (words.includes(`${path}/`)) found.push(Number(name));
  }
  return found;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Namespaces with all that is in them: devices, addresses, routes, filters. */
async function takeNetworks(data: string): Promise<void> {
  const { prefix, hostDevice } = namesFor(labelOf(data));
  for (const name of await namesIn('/run/netns')) if (name.startsWith(prefix)) await run('ip', ['netns', 'delete', name]);
  // The other end of the way to the exchange goes with it, when the kernel has come to it.
  await eventually(async () => !(await namesIn('/sys/class/net')).includes(hostDevice));
}

async function takeRunDirectory(directory: string): Promise<void> {
  const { path, cloud } = await runDirectoryOf(directory);
  await rm(path, { recursive: true, force: true });
  for (const controller of ['', ...(await namesIn('/sys/fs/cgroup'))]) {
    const group = join('/sys/fs/cgroup', controller, 'haneul', cloud);
    for (const name of await namesOfGroups(group)) await rmdir(join(group, name));
    await rmdir(group).catch(ignoreMissing);
  }
}

async function namesOfGroups(group: string): Promise<string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (!['ENOENT', 'ENOTDIR'].includes(error.code ?? '')) throw error;
    return [];
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function asOfAnotherBoot(folders: readonly string[]): Promise<{ end(): void }> {
  const other = spawn('sleep', ['infinity'], { stdio: 'ignore' });
  const { startTime } = (await identityOf(other.pid!))!;
  const boot = '00000000-0000-4000-8000-000000000000';
  for (const folder of folders)
    for (const [name, words] of [
      ['running', [other.pid, startTime, startTime, other.pid, boot]],
      ['supervisor', [other.pid, startTime, boot]],
    ] as const)
      if ((await namesIn(folder)).includes(name)) await writeFile(join(folder, name), `${words.join(' ')}\n`);
  return { end: () => void other.kill() };
}
