/** Machines with kernels of their own: each is an emulator of the host, without rights, that sees its disks and its taps alone. */

import { chown, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MachineFailed, type MachineSpec, type Machines, type MachineState } from '../../../framework/machines.ts';
import { readText } from '../../missing-files.ts';
import { fileSystemIsSmaller } from '../container/root-volume.ts';
import { readConsole } from '../console.ts';
import { endOf, ended, forgetLastRun, machineIds, runningOf, settle, signal, stateOf } from '../folder.ts';
import { machineDirectory, machineRun, networkPath, type MachineMeans } from '../means.ts';
import { removeEmptyDirectories } from '../run-directory.ts';
import { superviseBy } from '../supervision.ts';
import { loginShell } from '../container/terminal.ts';
import { runInside } from './agent.ts';
import { openShell } from './shell.ts';
import { bestEmulator, emulatorNamed, emulatorsWanted } from './emulators.ts';
import type { Emulator, RunningEmulator } from './emulator.ts';
import { makeGroups, removeGroups } from './limits.ts';
import { interfaceNumbers, plug, unplug } from './nics.ts';
import { reapVirtual } from './reaper.ts';
import { emulatorUsers, readVirtual, writeVirtual, type EmulatorName, type VirtualRecord } from './record.ts';
import { attachVolume, detachVolume, letterOf, volumePlace, plainFile } from './volumes.ts';

export type VirtualMachines = Omit<Machines, 'obstacle' | 'removeAll'>;

type Context = MachineMeans & {
  choose: typeof bestEmulator;
  emulatorOf: (name: EmulatorName) => Emulator;
  users: ReturnType<typeof emulatorUsers>;
  /** The interfaces of each machine when they were last seen to be plugged. */
  plugged: Map<string, string>;
};

const readyMillisecondsMax = 20_000;
const waitMilliseconds = 10;

/** Opens the virtual machines of a cloud; what earlier ones left behind on the host is cleared away. */
export async function openVirtualMachines(means: MachineMeans, choose = bestEmulator): Promise<VirtualMachines> {
  const { directory } = means;
  const kernels = join(directory, '..', 'virtual-kernels');
  const context: Context = {
    ...{ ...means, choose, users: emulatorUsers(directory), plugged: new Map() },
    emulatorOf: (name) => emulatorNamed(name, kernels),
  };
  /** Emulators whose power button was pressed. */
  const asked = new Set<number>();
  await reapVirtual(means);

  return {
    start: (spec) => start(context, spec),
    async shutDown(id, milliseconds) {
      const running = await runningOf(directory, id);
      if (!running || asked.has(running.process)) return;
      asked.add(running.process);
      const power = setTimeout(() => void cutPower(directory, id, running.process), milliseconds);
      power.unref();
      const { emulator, at } = await requireRunning(context, id);
      // One that does not listen yet, or no more, loses its power in time.
      await emulator.pressPowerButton(at).catch(() => asked.delete(running.process));
    },
    kill: (id) => kill(context, id),
    async remove(id) {
      await kill(context, id);
      await removeGroups(means.run, id);
      await rm(machineRun(means, id), { recursive: true, force: true });
      await rm(machineDirectory(directory, id), { recursive: true, force: true });
      context.users.release(id);
      await removeEmptyDirectories(means.run);
    },
    look: async (id) => ((await readVirtual(directory, id)) ? stateOf(directory, id) : undefined),
    async list() {
      const states: MachineState[] = [];
      for (const id of await machineIds(directory)) {
        const state = await stateOf(directory, id);
        if (state.state === 'running') await keepPlugged(context, id, state.process);
        states.push(state);
      }
      return states;
    },
    console: (id, bytesMax) => readConsole(machineDirectory(directory, id), bytesMax),
    async attach(id, device, disk) {
      const { record, emulator, at } = await requireRunning(context, id);
      await attachVolume(context, record, emulator, at, device, disk);
    },
    async detach(id, device) {
      const running = await runningOf(directory, id);
      const record = await readVirtual(directory, id);
      if (record && running)
        await detachVolume(context, record, context.emulatorOf(record.emulator), runningAt(context, id, running.process), device);
    },
    terminal: async (id, size) => openShell((await requireRunning(context, id)).at.control, loginShell, size),
    async execute(id, command, options) {
      const { at } = await requireRunning(context, id);
      return runInside(at.control, command, options);
    },
  };
}

const runningAt = (means: MachineMeans, id: string, process_: number): RunningEmulator => ({
  id,
  process: process_,
  control: join(machineRun(means, id), 'control'),
});

async function requireRunning(context: Context, id: string): Promise<{ record: VirtualRecord; emulator: Emulator; at: RunningEmulator }> {
  const running = await runningOf(context.directory, id);
  const record = await readVirtual(context.directory, id);
  if (!running || !record) throw new MachineFailed(`${id} is not running`);
  return { record, emulator: context.emulatorOf(record.emulator), at: runningAt(context, id, running.process) };
}

async function start(context: Context, spec: MachineSpec): Promise<void> {
  const { directory } = context;
  if ((await stateOf(directory, spec.id)).state === 'running') return;
  await clear(context, spec.id);
  const { boot } = (await context.images.open(spec.image)).record;
  if (boot.lower !== '')
    throw new MachineFailed(`${spec.id}: the image ${spec.image} has no kernel of its own: it stands on the host's ${boot.lower}`);
  const name = await context.choose();
  if (!name) throw new MachineFailed(emulatorsWanted);
  const emulator = context.emulatorOf(name);
  const user = await context.users.take(spec.id);
  const record: VirtualRecord = { spec, user, emulator: emulator.name, attached: { ...spec.disks } };
  await writeVirtual(directory, record);
  await forgetLastRun(directory, spec.id);
  networkPath(spec.network);
  const nics = await plug(spec.network, user);
  const volumes = new Map(Object.keys(spec.disks).map((device) => [letterOf(emulator, device), volumePlace(letterOf(emulator, device))]));
  const command = await emulator.command({ spec, init: boot.command[0]!, nics, root: volumePlace('a'), volumes });
  await prepareFiles(context, record, emulator, command);
  await supervise(context, record, emulator);
  await untilReady(context, spec.id, emulator);
}

/** What its supervisor reads: the command, and which files the emulator sees where. */
async function prepareFiles(means: MachineMeans, record: VirtualRecord, emulator: Emulator, command: readonly string[]): Promise<void> {
  const { spec, user, attached } = record;
  const shown = new Map<string, string>();
  for (const [place, path] of await emulator.files()) shown.set(place, path);
  for (const [device, disk] of [['/dev/sda', spec.rootDisk], ...Object.entries(attached)] as const) {
    const file = await plainFile(means, disk);
    await chown(file, user, user);
    shown.set(volumePlace(device === '/dev/sda' ? 'a' : letterOf(emulator, device)), file);
  }
  const control = join(machineRun(means, spec.id), 'control');
  await rm(control, { recursive: true, force: true });
  await mkdir(join(machineRun(means, spec.id), 'jail'), { recursive: true, mode: 0o711 });
  await mkdir(control, { mode: 0o700 });
  await chown(control, user, user);
  const folder = machineDirectory(means.directory, spec.id);
  await writePrivate(join(folder, 'command'), command.join('\0'));
  await writePrivate(join(folder, 'shown'), [...shown].flat().join('\0'));
}

async function writePrivate(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  await file.writeFile(text);
  await file.close();
}

async function supervise(means: MachineMeans, { spec, user }: VirtualRecord, emulator: Emulator): Promise<void> {
  const folder = machineDirectory(means.directory, spec.id);
  const volume = await plainFile(means, spec.rootDisk);
  const groups = await makeGroups(means.run, spec.id, { memoryBytes: spec.memoryBytes + emulator.overheadBytes, vcpus: spec.vcpus });
  await superviseBy(join(import.meta.dirname, 'supervisor.pl'), spec.id, folder, {
    ...{ id: spec.id, directory: folder, run: machineRun(means, spec.id), network: networkPath(spec.network), volume },
    ...{ user: String(user), groups: groups.join(':'), memory: String(emulator.memoryFileBytes(spec.memoryBytes)) },
    lines: emulator.lines.join(','),
    grow: (await fileSystemIsSmaller(means.disks, spec.rootDisk)) ? '1' : '',
  });
}

/** An emulator that ends before it listens could not be started. */
async function untilReady(context: Context, id: string, emulator: Emulator): Promise<void> {
  for (let waited = 0; waited < readyMillisecondsMax; waited += waitMilliseconds) {
    const running = await runningOf(context.directory, id);
    if (!running) {
      await settle(context.directory, id);
      const how = await endOf(context.directory, id);
      throw new MachineFailed(`${id} did not start: ${how.kind === 'failed' ? how.reason : `its emulator was ${how.kind}`}`);
    }
    if (await emulator.ready(runningAt(context, id, running.process))) return;
    await pause(waitMilliseconds);
  }
  await kill(context, id);
  throw new MachineFailed(`${id} did not start: its emulator does not answer`);
}

/** An interface that its network has made anew, or a new one, is plugged like the first. */
async function keepPlugged(context: Context, id: string, process_: number): Promise<void> {
  const seen = interfaceNumbers((await readText(`/proc/${process_}/net/igmp`)) ?? '');
  if (context.plugged.get(id) === seen) return;
  const record = await readVirtual(context.directory, id);
  if (!record) return;
  await plug(record.spec.network, record.user);
  context.plugged.set(id, seen);
}

/** Of the run that was asked, not of a later one. */
async function cutPower(directory: string, id: string, process_: number): Promise<void> {
  if ((await runningOf(directory, id))?.process === process_) signal(process_, 'SIGKILL');
}

/** Ends a machine and gives back what it used; its folder stays. */
async function kill(context: Context, id: string): Promise<void> {
  await settle(context.directory, id);
  const running = await runningOf(context.directory, id);
  if (running) signal(running.process, 'SIGKILL');
  await clear(context, id);
}

/** Waits until the emulator and its supervisor have gone, and gives the interfaces back. */
async function clear(context: Context, id: string): Promise<void> {
  await ended(context.directory, id);
  const record = await readVirtual(context.directory, id);
  if (!record) return;
  context.plugged.delete(id);
  await unplug(record.spec.network);
  await removeGroups(context.run, id);
  if (Object.keys(record.attached).length > 0) await writeVirtual(context.directory, { ...record, attached: {} });
}
