/** Runs programs inside a running container, under all that limits it: its filter of system calls, its capabilities, its control group. */

import { mkdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { MachineSpec } from '../../../framework/machines.ts';
import { replaceFile } from '../../file-replacement.ts';
import { machineRun, networkPath, type MachineMeans } from '../means.ts';
import { mountDoor, stateDirectory } from './means.ts';

type RuncState = {
  namespace_paths: Record<string, string>;
  config: { namespaces: { type: string }[]; seccomp?: { listener_path?: string; syscalls: { action: number; errnoRet?: number }[] } };
};

/** As runc numbers what a filter does: https://github.com/opencontainers/runc/blob/main/libcontainer/configs/config.go */
const [answerError, askSupervisor] = [2, 7];
const EPERM = 1;

/**
 * The argument vector that runs `command` inside.
 * runc 1.1 joins the user namespace first and may then not join the network namespace, which belongs to the host: so the network
 * namespace is entered before, and runc is shown a state without one.
 */
export async function insideCommand(
  means: Pick<MachineMeans, 'run'>,
  { id, network }: MachineSpec,
  command: readonly string[],
  terminal = false,
): Promise<[string, ...string[]]> {
  const state = JSON.parse(await readFile(join(stateDirectory(means), id, 'state.json'), 'utf8')) as RuncState;
  delete state.namespace_paths['NEWNET'];
  state.config.namespaces = state.config.namespaces.filter(({ type }) => type !== 'NEWNET');
  if (!(await isThere(mountDoor(means, id)))) shutDoor(state);
  const root = join(machineRun(means, id), 'inside');
  // Of a machine that is being taken away nothing is made anew.
  for (const directory of [root, join(root, id)]) await mkdir(directory, { mode: 0o700 }).catch(ignoreExisting);
  await replaceFile(join(root, id, 'state.json'), JSON.stringify(state), 0o600);
  return ['nsenter', `--net=${networkPath(network)}`, '--', 'runc', '--root', root, 'exec', ...(terminal ? ['--tty'] : []), id, ...command];
}

/** Where nobody listens at the door any more, since the supervisor has died, runc would let nobody in: then what is asked there is refused. */
function shutDoor({ config: { seccomp } }: RuncState): void {
  if (!seccomp) return;
  delete seccomp.listener_path;
  for (const rule of seccomp.syscalls) if (rule.action === askSupervisor) Object.assign(rule, { action: answerError, errnoRet: EPERM });
}

function isThere(door: string): Promise<boolean> {
  const socket = connect(door);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
