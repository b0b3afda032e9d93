/** Machines with kernels of their own: each is an emulator of the host, without rights, that sees its disks and its taps alone. */

import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MachineFailed, type MachineSpec, type Machines, type MachineState } from '../../../framework/machines.ts';
import { readConsole } from '../console.ts';
import { endOf, ended, forgetLastRun, machineIds, runningOf, settle, stateOf } from '../folder.ts';
import type { HostUsers } from '../host-users.ts';
import { loginShell } from '../login-shell.ts';
import { machineDirectory, makeRun, networkPath, type MachineMeans } from '../means.ts';
import { cutPower, forgetMachine, powerButton } from '../power.ts';
import { limitProcessors, processorSeconds } from '../processors.ts';
import { requireRunning, writeRecord } from '../record.ts';
import { superviseBy } from '../supervision.ts';
import { dropUnusedLoops, makeNode, nodeOf, releaseUnlessShared } from '../volume-nodes.ts';
import { runInside } from './agent.ts';
import { openShell } from './shell.ts';
import { bestEmulator, emulatorNamed, emulatorsWanted, hibernatingEmulator } from './emulators.ts';
import type { Emulator, RunningEmulator } from './emulator.ts';
import { goOn, memoryDisk, restoreMemory, saveMemory } from './hibernation.ts';
import { makeGroups, removeGroups } from './limits.ts';
import { controlDirectory } from './means.ts';
import { keepInterfaces, type Interfaces } from './interfaces.ts';
import { plug, unplug } from './nics.ts';
import { reapVirtual } from './reaper.ts';
import { emulatorUsers, readVirtual, type EmulatorName, type VirtualRecord } from './record.ts';
import { attachVolume, detachVolume, growVolume, letterOf, volumePlace } from './volumes.ts';
import { whileRunning } from '../ports.ts';
import { openGuestPorts } from './way-to-ports.ts';

export type VirtualMachines = Omit<Machines, 'obstacle' | 'removeAll'>;

type Context = MachineMeans & {
  choose: typeof bestEmulator;
  emulatorOf: (name: EmulatorName) => Emulator;
  users: HostUsers;
  interfaces: Interfaces;
};

const readyMillisecondsMax = 20_000;
const waitMilliseconds = 10;

/** Opens the virtual machines of a cloud; what earlier ones left behind on the host is cleared away. */
export async function openVirtualMachines(means: MachineMeans, choose = bestEmulator): Promise<VirtualMachines> {
  const { directory } = means;
  const kernels = join(directory, '..', 'virtual-kernels');
  const context: Context = {
    ...{ ...means, choose, users: emulatorUsers(directory), interfaces: keepInterfaces(means) },
    emulatorOf: (name) => emulatorNamed(name, kernels),
  };
  await reapVirtual(means);
  await dropUnusedLoops(means);

  return {
    start: (spec) => start(context, spec),
    shutDown: powerButton(directory, async (id) => {
      const { emulator, at } = await requireEmulator(context, id);
      // One that does not listen yet, or no more, loses its power in time.
      return emulator.pressPowerButton(at).then(
        () => true,
        () => false,
      );
    }),
    hibernate: (id) => hibernate(context, id),
    kill: (id) => kill(context, id),
    async remove(id) {
      await kill(context, id);
      const record = await readVirtual(directory, id);
      if (record?.hibernated) await means.disks.delete(memoryDisk(record.spec));
      await removeGroups(means.run, id);
      await forgetMachine(means, id);
      context.users.release(id);
    },
    look: async (id) => ((await readVirtual(directory, id)) ? stateOf(directory, id) : undefined),
    list: () => list(context),
    console: (id, bytesMax) => readConsole(machineDirectory(directory, id), bytesMax),
    processorSeconds: (id) => processorSeconds(means.run.cloud, id),
    limitProcessors: (id, processors) => limitProcessors(means.run.cloud, id, processors),
    async attach(id, device, disk) {
      const { record, emulator, at } = await requireEmulator(context, id);
      await attachVolume(context, record, emulator, at, device, disk);
    },
    async detach(id, device) {
      const running = await runningOf(directory, id);
      const record = await readVirtual(directory, id);
      if (record && running)
        await detachVolume(context, record, context.emulatorOf(record.emulator), runningAt(context, id, running.process), device);
      return 'gone';
    },
    async grown(id, disk) {
      if (!(await runningOf(directory, id))) return;
      const { record, emulator, at } = await requireEmulator(context, id);
      await growVolume(context, record, emulator, at, disk);
    },
    plug: async (id, device) => context.interfaces.attach(await requireEmulator(context, id), device),
    unplug: async (id, device, force = false) =>
      (await runningOf(directory, id)) ? context.interfaces.detach(await requireEmulator(context, id), device, force) : 'gone',
    terminal: async (id, size) => openShell((await requireEmulator(context, id)).at.control, loginShell, size),
    async ports(id) {
      await requireEmulator(context, id);
      const { spec } = (await readVirtual(directory, id))!;
      return whileRunning(await openGuestPorts(spec.network), async () => (await runningOf(directory, id)) !== undefined);
    },
    async execute(id, command, options) {
      const { at } = await requireEmulator(context, id);
      return runInside(at.control, command, options);
    },
  };
}

async function list(context: Context): Promise<MachineState[]> {
  const states: MachineState[] = [];
  for (const id of await machineIds(context.directory)) {
    const state = await stateOf(context.directory, id);
    if (state.state === 'running') await context.interfaces.keep(runningAt(context, id, state.process));
    states.push(state);
  }
  return states;
}

const runningAt = (means: MachineMeans, id: string, process_: number): RunningEmulator => ({
  id,
  process: process_,
  control: controlDirectory(means, id),
});

async function requireEmulator(context: Context, id: string): Promise<{ record: VirtualRecord; emulator: Emulator; at: RunningEmulator }> {
  const { running, record } = await requireRunning(context.directory, id, readVirtual);
  return { record, emulator: context.emulatorOf(record.emulator), at: runningAt(context, id, running.process) };
}

async function start(context: Context, spec: MachineSpec): Promise<void> {
  const { directory } = context;
  if ((await stateOf(directory, spec.id)).state === 'running' && !(await fellBetween(context, spec.id))) return;
  await clear(context, spec.id);
  const boot = await context.images.boot(spec.image);
  if (boot.lower !== '')
    throw new MachineFailed(`${spec.id}: the image ${spec.image} has no kernel of its own: it stands on the host's ${boot.lower}`);
  const kept = await keptMemory(context, spec);
  const name = kept?.emulator ?? (await context.choose());
  if (!name) throw new MachineFailed(emulatorsWanted);
  const emulator = context.emulatorOf(spec.hibernates && name === 'uml' ? await hibernatingEmulator() : name);
  const user = await context.users.take(spec.id);
  const hibernated = kept && { hibernated: { bytes: kept.bytes } };
  const taken: VirtualRecord = { spec, user, emulator: emulator.name, attached: { ...spec.disks }, ...hibernated };
  await writeRecord(directory, taken);
  await forgetLastRun(directory, spec.id);
  networkPath(spec.network);
  const nics = await plug(spec.network, user);
  const record: VirtualRecord = { ...taken, nics: Object.fromEntries(nics.map(({ device, mac }) => [device, mac])) };
  await writeRecord(directory, record);
  const volumes = new Map(Object.keys(spec.disks).map((device) => [letterOf(emulator, device), volumePlace(letterOf(emulator, device))]));
  const command = await emulator.command({
    spec,
    init: boot.command[0]!,
    nics,
    root: volumePlace('a'),
    volumes,
    resumes: kept !== undefined,
  });
  await prepareFiles(context, record, emulator, command);
  await supervise(context, record, emulator);
  await untilReady(context, spec.id, emulator);
  context.interfaces.begun(spec.id, nics);
  if (kept) await resume(context, record, kept.bytes);
}

/** What a machine had in its memory when it was hibernated. Of another machine than the one that is to start it is thrown away. */
async function keptMemory(
  { directory, disks }: Context,
  spec: MachineSpec,
): Promise<{ emulator: EmulatorName; bytes: number } | undefined> {
  const before = await readVirtual(directory, spec.id);
  if (!before?.hibernated) return undefined;
  const shape = ({ image, rootDisk, vcpus, memoryBytes, disks: others }: MachineSpec): string =>
    JSON.stringify([image, rootDisk, vcpus, memoryBytes, others]);
  if (shape(before.spec) === shape(spec)) return { emulator: before.emulator, bytes: before.hibernated.bytes };
  await disks.delete(memoryDisk(before.spec));
  return undefined;
}

/** Of a start that was cut off while the memory came back: one that has not got it is started again, one that has is let go on. */
async function fellBetween(context: Context, id: string): Promise<boolean> {
  const { record, at } = await requireEmulator(context, id);
  if (record.hibernated) await kill(context, id);
  else if (record.spec.hibernates && record.emulator !== 'uml') await goOn(at);
  return record.hibernated !== undefined;
}

/** Memory is taken once: a guest that went on has other disks than the ones it remembers. What cannot be taken is forgotten, and it boots. */
async function resume(context: Context, { hibernated: _kept, ...record }: VirtualRecord, bytes: number): Promise<void> {
  const { spec } = record;
  const { at } = await requireEmulator(context, spec.id);
  const taken = await restoreMemory(context.disks, spec, at, bytes).then(
    () => true,
    () => false,
  );
  await writeRecord(context.directory, record);
  await context.disks.delete(memoryDisk(spec));
  if (!taken) {
    await kill(context, spec.id);
    return start(context, spec);
  }
  await goOn(at);
  const seconds = Math.round(Date.now() / 1000);
  // A guest without our agent keeps the time at which it fell asleep.
  await runInside(at.control, ['/var/lib/haneul/busybox', 'date', '-s', `@${seconds}`], { milliseconds: 10_000 }).catch(
    (error: unknown) => {
      if (!(error instanceof MachineFailed)) throw error;
    },
  );
}

async function hibernate(context: Context, id: string): Promise<void> {
  if (!(await runningOf(context.directory, id))) return;
  const { record, emulator, at } = await requireEmulator(context, id);
  if (emulator.name === 'uml') throw new MachineFailed(`${id} does not hibernate: user-mode-linux cannot`);
  // One that was killed after the memory was kept has left the guest stopped.
  if (!record.hibernated) {
    const bytes = await saveMemory(context.disks, record.spec, at, record.user);
    // It comes back with the disks that it has now.
    const asleep: VirtualRecord = { ...record, spec: { ...record.spec, disks: record.attached }, hibernated: { bytes } };
    await writeRecord(context.directory, asleep);
  }
  await kill(context, id);
}

/** What its supervisor reads: the command, and which files the emulator sees where. */
async function prepareFiles(means: MachineMeans, record: VirtualRecord, emulator: Emulator, command: readonly string[]): Promise<void> {
  const { spec, user, attached } = record;
  const control = controlDirectory(means, spec.id);
  await rm(control, { recursive: true, force: true });
  await makeRun(means, spec.id, 'jail');
  await mkdir(control, { mode: 0o700 });
  await chown(control, user, user);
  const shown = new Map(await emulator.files());
  for (const [device, disk] of [['/dev/sda', spec.rootDisk], ...Object.entries(attached)] as const) {
    const letter = device === '/dev/sda' ? 'a' : letterOf(emulator, device);
    shown.set(volumePlace(letter), await makeNode(means, spec.id, letter, disk, { user, group: user }));
  }
  const folder = machineDirectory(means.directory, spec.id);
  await writeFile(join(folder, 'command'), command.join('\0'), { mode: 0o600 });
  await writeFile(join(folder, 'shown'), [...shown].flat().join('\0'), { mode: 0o600 });
}

async function supervise(means: MachineMeans, { spec, user }: VirtualRecord, emulator: Emulator): Promise<void> {
  const groups = await makeGroups(means.run, spec.id, { memoryBytes: spec.memoryBytes + emulator.overheadBytes, vcpus: spec.vcpus });
  await superviseBy(join(import.meta.dirname, 'supervisor.pl'), means, spec, {
    ...{
      volume: nodeOf(means, spec.id, 'a'),
      user: String(user),
      groups: groups.join(':'),
      memory: String(emulator.memoryFileBytes(spec.memoryBytes)),
    },
    ...{ lines: emulator.lines.join(','), reboots: emulator.reboots },
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

/** Ends a machine and gives back what it used; its folder stays. */
async function kill(context: Context, id: string): Promise<void> {
  await cutPower(context.directory, id);
  await clear(context, id);
}

/** Waits until the emulator and its supervisor have gone, and gives interfaces and volumes back. */
async function clear(context: Context, id: string): Promise<void> {
  await ended(context.directory, id);
  const record = await readVirtual(context.directory, id);
  if (!record) return;
  context.interfaces.forget(id);
  await unplug(record.spec.network);
  await removeGroups(context.run, id);
  for (const disk of [record.spec.rootDisk, ...Object.values(record.attached)]) await releaseUnlessShared(context, id, disk);
  if (Object.keys(record.attached).length > 0) await writeRecord(context.directory, { ...record, attached: {} });
}
