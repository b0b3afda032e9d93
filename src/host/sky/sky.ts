/**
 * The sky of a data directory: namespaces of an ordinary user in which Haneul is root, so that networks and machines are made there as root
 * of the machine makes them. A keeper holds them; instances live on in them when Haneul ends, and its next start enters the same ones.
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { programIn } from '../images/host-programs.ts';
import { virtualDirectoryOf } from '../machines/drivers.ts';
import { machineIds, supervisorOf } from '../machines/folder.ts';
import { readText } from '../missing-files.ts';
import { isAlive } from '../process-identity.ts';
import { explained, permissionHere } from './permission.ts';
import { holdAgain, raise } from './raising.ts';

/** `keeper`: the process in whose namespaces it is. */
export type Sky = { keeper: number };

const waitMilliseconds = 20;
const readyMillisecondsMax = 5_000;

const fileOf = (dataDirectory: string): string => join(dataDirectory, 'sky');

/** The sky that is there. One whose keeper has been killed gets another, as long as a machine lives in it. */
export async function skyOf(dataDirectory: string): Promise<Sky | undefined> {
  const kept = await namedIn(dataDirectory);
  if (kept) return kept;
  const anchor = await inhabitantOf(virtualDirectoryOf(join(dataDirectory, 'machines')));
  if (anchor === undefined) return undefined;
  const result = await holdAgain(fileOf(dataDirectory), anchor);
  return result.kind === 'ready' ? { keeper: result.keeper } : namedIn(dataDirectory);
}

/** A supervisor is in a sky's namespaces, and is of its owner's. */
async function inhabitantOf(directory: string): Promise<number | undefined> {
  for (const id of await machineIds(directory).catch(() => [])) {
    const supervisor = await supervisorOf(directory, id);
    if (supervisor !== undefined) return supervisor;
  }
  return undefined;
}

/** The one whose keeper the data directory names. */
export async function namedIn(dataDirectory: string): Promise<Sky | undefined> {
  const [keeper, startTime, boot] = (await readText(fileOf(dataDirectory)).catch(unreadable))?.trim().split(' ') ?? [];
  if (keeper === undefined || startTime === undefined) return undefined;
  if (boot !== (await readText('/proc/sys/kernel/random/boot_id'))?.trim()) return undefined;
  return (await isAlive({ pid: Number(keeper), startTime })) ? { keeper: Number(keeper) } : undefined;
}

/** That of another user is none of ours. */
function unreadable(error: NodeJS.ErrnoException): undefined {
  if (!['EACCES', 'ENOTDIR'].includes(error.code ?? '')) throw error;
}

/** The sky that is there, or a new one; else what forbids it, in words for a user. */
export async function openSky(dataDirectory: string): Promise<Sky | { obstacle: string }> {
  const present = await skyOf(dataDirectory);
  if (present) return present;
  const permission = await permissionHere();
  if ('obstacle' in permission) return permission;
  try {
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  } catch (error) {
    return { obstacle: (error as Error).message };
  }
  const result = await raise(fileOf(dataDirectory), permission.allowed);
  if (result.kind === 'ready') return { keeper: result.keeper };
  if (result.kind === 'failed') return { obstacle: await explained(result.reason) };
  // Another one is at it.
  for (let waited = 0; waited < readyMillisecondsMax; waited += waitMilliseconds) {
    const made = await namedIn(dataDirectory);
    if (made) return made;
    await pause(waitMilliseconds);
  }
  return { obstacle: `${fileOf(dataDirectory)} is locked by another process` };
}

/** Puts a program into a sky in place of this one, which keeps its number, its terminal and the host's network. */
export async function becomeIn(
  { keeper }: Sky,
  directory: string,
  command: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<never> {
  // One that was about to end, since nobody is in it, waits.
  process.kill(keeper, 'SIGHUP');
  const given = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const perl = (await programIn('perl'))!;
  return process.execve!(
    perl,
    ['perl', join(import.meta.dirname, 'enter.pl'), String(keeper), directory, ...command],
    Object.fromEntries(given),
  );
}
