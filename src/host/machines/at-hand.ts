/** A machine of this host for who sits before it: its console, and a way in, whether Haneul runs or not. */

import { realpath } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { MachineFailed } from '../../framework/machines.ts';
import { readConsole } from './console.ts';
import { insideCommand } from './container/inside.ts';
import { runningOf } from './folder.ts';
import { machineDirectory } from './means.ts';
import { readContainer, type ContainerRecord } from './container/record.ts';
import { openContainerPorts, type Ports } from './ports.ts';
import { runDirectoryOf } from './run-directory.ts';
import { virtualDirectoryOf } from './drivers.ts';
import { controlDirectory } from './virtual/means.ts';
import { readVirtual } from './virtual/record.ts';
import { openGuestPorts } from './virtual/way-to-ports.ts';

/**
 * The argument vector that runs a command inside a machine as its root; root of this host may run it.
 * Throws MachineFailed for a machine that is not there or does not run.
 * @param terminal true where a person types.
 */
export async function wayIn(
  dataDirectory: string,
  id: string,
  command: readonly string[],
  terminal: boolean,
): Promise<[string, ...string[]]> {
  const directory = await machinesOf(dataDirectory);
  const virtual = virtualDirectoryOf(directory);
  if (await runningOf(virtual, id)) {
    const control = controlDirectory({ run: await runDirectoryOf(virtual) }, id);
    const program = join(import.meta.dirname, 'virtual', `way-in${extname(import.meta.filename)}`);
    return [process.execPath, program, control, terminal ? 'terminal' : 'plain', ...command];
  }
  const record = await requireContainer(directory, id);
  return insideCommand({ run: await runDirectoryOf(directory) }, record, command, terminal);
}

/** The ways to the ports of a machine. Throws MachineFailed for one that is not there or does not run; root of this host may open them. */
export async function waysToPorts(dataDirectory: string, id: string): Promise<Ports> {
  const directory = await machinesOf(dataDirectory);
  const virtual = await readVirtual(virtualDirectoryOf(directory), id);
  if (virtual && (await runningOf(virtualDirectoryOf(directory), id))) return openGuestPorts(virtual.spec.network);
  const { spec } = await requireContainer(directory, id);
  return openContainerPorts(spec.network);
}

/** Whether a machine runs still. */
export async function runs(dataDirectory: string, id: string): Promise<boolean> {
  const directory = await machinesOf(dataDirectory);
  return ((await runningOf(directory, id)) ?? (await runningOf(virtualDirectoryOf(directory), id))) !== undefined;
}

/** One that runs. */
async function requireContainer(directory: string, id: string): Promise<ContainerRecord> {
  if (await readVirtual(virtualDirectoryOf(directory), id)) throw new MachineFailed(`${id} is not running`);
  const record = await readContainer(directory, id);
  if (!record) throw new MachineFailed(`there is no machine ${id}`);
  if (!(await runningOf(directory, id))) throw new MachineFailed(`${id} is not running`);
  return record;
}

/** The last bytes of a machine's console. Throws MachineFailed for a machine that is not there. */
export async function consoleAt(dataDirectory: string, id: string, bytesMax: number): Promise<Buffer> {
  const directory = await machinesOf(dataDirectory);
  const virtual = virtualDirectoryOf(directory);
  if (await readVirtual(virtual, id)) return readConsole(machineDirectory(virtual, id), bytesMax);
  if (!(await readContainer(directory, id))) throw new MachineFailed(`there is no machine ${id}`);
  return readConsole(machineDirectory(directory, id), bytesMax);
}

/** By its real path, as the running cloud has it: what it makes on the host is named after that. */
async function machinesOf(dataDirectory: string): Promise<string> {
  try {
    return join(await realpath(dataDirectory), 'machines');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new MachineFailed(`there is no cloud at ${dataDirectory}`);
    throw error;
  }
}
