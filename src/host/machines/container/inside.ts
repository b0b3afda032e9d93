/** Runs programs inside a running container, under all that limits it: its filter of system calls, its capabilities, its control group. */

import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { replaceFile } from '../../file-replacement.ts';
import { machineRun, networkPath, type MachineMeans } from '../means.ts';
import { mountDoor, stateDirectory } from './means.ts';
import type { ContainerRecord } from './record.ts';

/**
 * The argument vector that runs `command` inside. Where nobody listens at the door any more, since the supervisor has died, a runtime would
 * let nobody in: it is shown a state without one then, and what is asked there is refused.
 */
export async function insideCommand(
  means: Pick<MachineMeans, 'run'>,
  { spec: { id, network }, runtime = 'runc' }: Pick<ContainerRecord, 'spec' | 'runtime'>,
  command: readonly string[],
  terminal = false,
): Promise<[string, ...string[]]> {
  const isOpen = await isThere(mountDoor(means, id));
  if (runtime === 'runc') {
    const root = await runcState(means, id, isOpen);
    const call = [...(terminal ? ['--tty'] : []), id, ...command];
    return ['nsenter', `--net=${networkPath(network)}`, '--', 'runc', '--root', root, 'exec', ...call];
  }
  const root = isOpen ? stateDirectory(means, runtime) : await crunStateWithoutDoor(means, id);
  if (!terminal) return ['crun', '--root', root, 'exec', id, ...command];
  return ['perl', join(import.meta.dirname, 'crun-terminal.pl'), machineRun(means, id), root, id, ...command];
}

type RuncState = {
  namespace_paths: Record<string, string>;
  config: { namespaces: { type: string }[]; seccomp?: { listener_path?: string; syscalls: { action: number; errnoRet?: number }[] } };
};

/** As runc numbers what a filter does: https://github.com/opencontainers/runc/blob/main/libcontainer/configs/config.go */
const [answerError, askSupervisor] = [2, 7];
const EPERM = 1;

/**
 * runc 1.1 joins the user namespace first and may then not join the network namespace, which belongs to the host: so the network
 * namespace is entered before, and runc is shown a state without one.
 */
async function runcState(means: Pick<MachineMeans, 'run'>, id: string, isOpen: boolean): Promise<string> {
  const state = JSON.parse(await readFile(join(stateDirectory(means, 'runc'), id, 'state.json'), 'utf8')) as RuncState;
  delete state.namespace_paths['NEWNET'];
  state.config.namespaces = state.config.namespaces.filter(({ type }) => type !== 'NEWNET');
  const { seccomp } = state.config;
  if (!isOpen && seccomp) {
    delete seccomp.listener_path;
    for (const rule of seccomp.syscalls) if (rule.action === askSupervisor) Object.assign(rule, { action: answerError, errnoRet: EPERM });
  }
  const { root, place } = await copiedState(means, id);
  await replaceFile(join(place, 'state.json'), JSON.stringify(state), 0o600);
  return root;
}

/** Its filter is compiled: what asks finds nobody there, which is an error as well. */
async function crunStateWithoutDoor(means: Pick<MachineMeans, 'run'>, id: string): Promise<string> {
  const own = join(stateDirectory(means, 'crun'), id);
  const settings = JSON.parse(await readFile(join(own, 'config.json'), 'utf8')) as { linux: { seccomp: { listenerPath?: string } } };
  delete settings.linux.seccomp.listenerPath;
  const { root, place } = await copiedState(means, id);
  for (const name of ['status', 'seccomp.bpf']) await copyFile(join(own, name), join(place, name));
  await replaceFile(join(place, 'config.json'), JSON.stringify(settings), 0o600);
  return root;
}

/** Where a runtime finds another state of a container than its own. Of a machine that is being taken away nothing is made anew. */
async function copiedState(means: Pick<MachineMeans, 'run'>, id: string): Promise<{ root: string; place: string }> {
  const root = join(machineRun(means, id), 'inside');
  const place = join(root, id);
  for (const directory of [root, place]) await mkdir(directory, { mode: 0o700 }).catch(ignoreExisting);
  return { root, place };
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
