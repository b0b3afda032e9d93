/** What a container leaves in its folder, by which any later Haneul knows it: settings, who runs, how it ended. */

import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineEnd, MachineSpec } from '../../../framework/machines.ts';
import { replaceFile } from '../../file-replacement.ts';
import { identityOf, isAlive } from '../../process-identity.ts';
import { machineDirectory } from './means.ts';

export type ContainerRecord = {
  spec: MachineSpec;
  /** The first of its users on the host. */
  userBase: number;
  /** Disks attached now, by device name. */
  attached: Record<string, string>;
};

export type Running = { process: number; supervisor: number | undefined };

export async function readRecord(directory: string, id: string): Promise<ContainerRecord | undefined> {
  const text = await readText(join(machineDirectory(directory, id), 'machine.json'));
  return text === undefined ? undefined : (JSON.parse(text) as ContainerRecord);
}

export async function writeRecord(directory: string, record: ContainerRecord): Promise<void> {
  const folder = machineDirectory(directory, record.spec.id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(join(folder, 'machine.json'), JSON.stringify(record), 0o600);
}

/** Ids of all containers, in order. */
export async function containerIds(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Its first process and its supervisor, when the first process runs: the same process as the one that was started, since the same boot. */
export async function runningOf(directory: string, id: string): Promise<Running | undefined> {
  const text = await readText(join(machineDirectory(directory, id), 'running'));
  if (text === undefined) return undefined;
  const [init, initStart, supervisorStart, supervisor, boot] = text.trim().split(' ');
  if (boot !== (await readText('/proc/sys/kernel/random/boot_id'))?.trim()) return undefined;
  if (!(await isAlive({ pid: Number(init), startTime: initStart! }))) return undefined;
  const watched = await isAlive({ pid: Number(supervisor), startTime: supervisorStart! });
  return { process: Number(init), supervisor: watched ? Number(supervisor) : undefined };
}

/** The supervisor's process number while it lives: it starts a container, watches one, or clears up after one. */
export async function supervisorOf(directory: string, id: string): Promise<number | undefined> {
  const text = await readText(join(machineDirectory(directory, id), 'supervisor'));
  if (text === undefined) return undefined;
  const [process, start, boot] = text.trim().split(' ');
  if (boot !== (await readText('/proc/sys/kernel/random/boot_id'))?.trim()) return undefined;
  return (await identityOf(Number(process)))?.startTime === start ? Number(process) : undefined;
}

export async function endOf(directory: string, id: string): Promise<MachineEnd> {
  const text = await readText(join(machineDirectory(directory, id), 'exit'));
  if (text === undefined) return { kind: 'failed', reason: 'the host or its supervisor went down' };
  const [kind, ...rest] = text.trim().split(' ');
  if (kind === 'failed') return { kind: 'failed', reason: rest.join(' ') };
  return kind === 'signal' ? (endBySignal.get(rest[0]!) ?? { kind: 'killed' }) : { kind: 'halted' };
}

/** How the kernel ends the first process of a process namespace when that asks for a halt (SIGINT) or a restart (SIGHUP): reboot(2). */
const endBySignal = new Map<string, MachineEnd>([
  ['1', { kind: 'reboot' }],
  ['2', { kind: 'halted' }],
]);

/** What the last run left must not be taken for the next one's. */
export async function forgetLastRun(directory: string, id: string): Promise<void> {
  for (const name of ['running', 'exit', 'supervisor', 'init.pid', 'runc.log'])
    await rm(join(machineDirectory(directory, id), name), { force: true });
}

export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
