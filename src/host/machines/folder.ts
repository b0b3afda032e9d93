/** What a machine leaves in its folder, by which any later Haneul knows it, whatever drives it: who runs, who watches, how it ended. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MachineFailed, type MachineEnd, type MachineState } from '../../framework/machines.ts';
import { namesIn, readText } from '../missing-files.ts';
import { identityOf, isAlive } from '../process-identity.ts';
import { machineDirectory } from './means.ts';

const waitMilliseconds = 20;
const endMillisecondsMax = 30_000;

export type Running = { process: number; supervisor: number | undefined };

/** Ids of all machines in a directory, in order. */
export async function machineIds(directory: string): Promise<string[]> {
  return (await namesIn(directory)).sort();
}

let knownBootId: Promise<string | undefined> | undefined;
/** The kernel's name for its own run, which is this process's too. */
const bootId = (): Promise<string | undefined> =>
  (knownBootId ??= readText('/proc/sys/kernel/random/boot_id').then((text) => text?.trim()));

/** Its first process and its supervisor, when the first process runs: the same process as the one that was started, since the same boot. */
export async function runningOf(directory: string, id: string): Promise<Running | undefined> {
  const text = await readText(join(machineDirectory(directory, id), 'running'));
  if (text === undefined) return undefined;
  const [init, initStart, supervisorStart, supervisor, boot] = text.trim().split(' ');
  if (boot !== (await bootId())) return undefined;
  if (!(await isAlive({ pid: Number(init), startTime: initStart! }))) return undefined;
  const watched = await isAlive({ pid: Number(supervisor), startTime: supervisorStart! });
  return { process: Number(init), supervisor: watched ? Number(supervisor) : undefined };
}

/** The supervisor's process number while it lives: it starts a container, watches one, or clears up after one. */
export async function supervisorOf(directory: string, id: string): Promise<number | undefined> {
  const text = await readText(join(machineDirectory(directory, id), 'supervisor'));
  if (text === undefined) return undefined;
  const [process, start, boot] = text.trim().split(' ');
  if (boot !== (await bootId())) return undefined;
  return (await identityOf(Number(process)))?.startTime === start ? Number(process) : undefined;
}

export async function endOf(directory: string, id: string): Promise<MachineEnd> {
  const text = await readText(join(machineDirectory(directory, id), 'exit'));
  if (text === undefined) return { kind: 'failed', reason: 'the host or its supervisor went down' };
  const [kind, ...rest] = text.trim().split(' ');
  if (kind === 'failed') return { kind: 'failed', reason: rest.join(' ') };
  if (kind === 'reboot') return { kind };
  return kind === 'signal' ? (endBySignal.get(rest[0]!) ?? { kind: 'killed' }) : { kind: 'halted' };
}

/** How the kernel ends the first process of a process namespace when that asks for a halt (SIGINT) or a restart (SIGHUP): reboot(2). */
const endBySignal = new Map<string, MachineEnd>([
  ['1', { kind: 'reboot' }],
  ['2', { kind: 'halted' }],
]);

/** What the last run left must not be taken for the next one's. */
export async function forgetLastRun(directory: string, id: string): Promise<void> {
  for (const name of ['running', 'exit', 'supervisor', 'init.pid', 'runtime.log'])
    await rm(join(machineDirectory(directory, id), name), { force: true });
}

/** One that ends while it is looked at is told of when its supervisor has said how. */
export async function stateOf(directory: string, id: string): Promise<MachineState> {
  const running = await settle(directory, id);
  return running ? { id, state: 'running', process: running.process } : { id, state: 'ended', how: await endOf(directory, id) };
}

/** Waits while a supervisor is starting a machine, which an earlier Haneul may have asked it to, or clearing up after one. */
export async function settle(directory: string, id: string): Promise<Running | undefined> {
  for (let waited = 0; ; waited += waitMilliseconds) {
    const running = await runningOf(directory, id);
    if (running || waited >= endMillisecondsMax || !(await supervisorOf(directory, id))) return running;
    await pause(waitMilliseconds);
  }
}

/** Waits until neither a machine nor its supervisor is left. Throws MachineFailed when they stay. */
export async function ended(directory: string, id: string): Promise<void> {
  for (let waited = 0; (await runningOf(directory, id)) ?? (await supervisorOf(directory, id)); waited += waitMilliseconds) {
    if (waited >= endMillisecondsMax) throw new MachineFailed(`${id} does not end`);
    await pause(waitMilliseconds);
  }
}

/** Nothing happens when the process has gone. */
export function signal(process_: number, name: NodeJS.Signals): void {
  try {
    process.kill(process_, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
