/** Machines as containers: a whole system in namespaces of its own on its own root volume, with no power over the host. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MachineFailed, type MachineSpec, type Machines, type MachineState } from '../../../framework/machines.ts';
import { programIn } from '../../images/host-programs.ts';
import { runAnyhow } from '../../programs.ts';
import { readConsole } from '../console.ts';
import { ended, forgetLastRun, machineIds, runningOf, signal, stateOf } from '../folder.ts';
import { loginShell } from '../login-shell.ts';
import { machineDirectory, machineRun, makeRun, networkPath, type MachineMeans } from '../means.ts';
import { cutPower, forgetMachine, powerButton } from '../power.ts';
import { limitProcessors, processorSeconds } from '../processors.ts';
import { requireRunning, writeRecord } from '../record.ts';
import { superviseBy } from '../supervision.ts';
import { dropUnusedLoops } from '../volume-nodes.ts';
import { bundle } from './bundle.ts';
import { openGuestPrograms, type GuestPrograms } from './guest-programs.ts';
import { attachDisk, detachDisk, releaseLoops } from './devices.ts';
import { insideCommand } from './inside.ts';
import { controlGroup, mountDoor, stateDirectory } from './means.ts';
import { forgetState, reap } from './reaper.ts';
import { readContainer, userBases, type ContainerRecord } from './record.ts';
import { presentRuntime, type Runtime } from './runtime.ts';
import { openTerminal } from './terminal.ts';
import { openContainerPorts, whileRunning } from '../ports.ts';

export type Containers = Omit<Machines, 'obstacle' | 'removeAll'>;

/** Opens the containers of a cloud; what earlier ones left behind on the host is cleared away. */
export async function openContainers(means: MachineMeans, wanted?: Runtime): Promise<Containers> {
  const { directory } = means;
  const runtime = wanted ?? (await presentRuntime());
  const bases = userBases(directory);
  await reap(means);
  const programs = await openGuestPrograms(join(directory, '..', 'guest-programs'), await programsInUse(directory));
  await dropUnusedLoops(means);

  return {
    start: (spec) => start(means, bases, { programs, runtime }, spec),
    shutDown: powerButton(directory, async (id, process_) => {
      const record = await readContainer(directory, id);
      signal(process_, (await means.images.boot(record!.spec.image)).shutdownSignal);
      return true;
    }),
    async hibernate(id) {
      if (await runningOf(directory, id)) throw new MachineFailed(`${id} cannot hibernate: its memory is the host's`);
    },
    kill: (id) => kill(means, id),
    async remove(id) {
      await kill(means, id);
      await forgetState(means, id);
      await forgetMachine(means, id);
      bases.release(id);
    },
    look: async (id) => ((await readContainer(directory, id)) ? stateOf(directory, id) : undefined),
    async list() {
      const states: MachineState[] = [];
      for (const id of await machineIds(directory)) states.push(await stateOf(directory, id));
      return states;
    },
    console: (id, bytesMax) => readConsole(machineDirectory(directory, id), bytesMax),
    processorSeconds: (id) => processorSeconds(means.run.cloud, id),
    limitProcessors: (id, processors) => limitProcessors(means.run.cloud, id, processors),
    async attach(id, device, disk) {
      const { running, record } = await requireRunning(directory, id, readContainer);
      await attachDisk(means, record, running.process, device, disk);
    },
    async detach(id, device, force = false) {
      const running = await runningOf(directory, id);
      const record = await readContainer(directory, id);
      return record ? detachDisk(means, record, running?.process, device, force) : 'gone';
    },
    // Its devices are those of the host, and what is in its namespace is there.
    grown: async () => undefined,
    plug: async () => undefined,
    unplug: async () => 'gone',
    async terminal(id, size) {
      const { record } = await requireRunning(directory, id, readContainer);
      return openTerminal(await insideCommand(means, record, loginShell, true), size);
    },
    async ports(id) {
      const { record } = await requireRunning(directory, id, readContainer);
      return whileRunning(await openContainerPorts(record.spec.network), async () => (await runningOf(directory, id)) !== undefined);
    },
    async execute(id, command, options = {}) {
      const { record } = await requireRunning(directory, id, readContainer);
      const [program, ...parameters] = await insideCommand(means, record, command);
      const { code, stdout, stderr } = await runAnyhow(program, parameters, options);
      return { code, output: Buffer.concat([stdout, stderr]) };
    },
  };
}

async function programsInUse(directory: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (const id of await machineIds(directory)) {
    const record = await readContainer(directory, id);
    if (record?.programs !== undefined) found.add(record.programs);
  }
  return found;
}

async function start(
  means: MachineMeans,
  bases: ReturnType<typeof userBases>,
  { programs, runtime }: { programs: GuestPrograms; runtime: Runtime },
  spec: MachineSpec,
): Promise<void> {
  const { directory } = means;
  if ((await stateOf(directory, spec.id)).state === 'running') return;
  await clear(means, spec.id);
  // One that was started before may have written to its volume, whatever has become of it since.
  const isNew = spec.rootIsNew === true && !(await readContainer(directory, spec.id));
  const userBase = await bases.take(spec.id);
  const boot = await means.images.boot(spec.image);
  const record = {
    spec,
    userBase,
    programs: await programs.directory(),
    runtime,
    attached: {},
  } satisfies ContainerRecord;
  await writeRecord(directory, record);
  await forgetLastRun(directory, spec.id);
  const rootDirectory = join(machineRun(means, spec.id), 'root');
  await makeRun(means, spec.id, 'root', 'volume', 'lower', 'layer');
  const settings = bundle({
    hostname: spec.hostname,
    network: networkPath(spec.network),
    rootDirectory,
    userBase,
    cgroup: controlGroup(means, spec.id),
    door: mountDoor(means, spec.id),
    command: boot.command,
    vcpus: spec.vcpus,
    memoryBytes: spec.memoryBytes,
  });
  await writeFile(join(machineDirectory(directory, spec.id), 'config.json'), JSON.stringify(settings), { mode: 0o600 });
  await supervise(means, record, {
    ...{ rootfs: rootDirectory, lower: boot.lower, programs: record.programs },
    check: isNew ? '' : '1',
  });
  for (const [device, disk] of Object.entries(spec.disks)) {
    const running = await runningOf(directory, spec.id);
    if (running) await attachDisk(means, record, running.process, device, disk);
  }
}

/** Starts the supervisor, a process of its own that outlives this one, and waits for its word. */
async function supervise(
  means: MachineMeans,
  { spec, userBase, runtime = 'runc' }: ContainerRecord,
  root: { rootfs: string; lower: string; programs: string; check: string },
): Promise<void> {
  const encrypted = await means.disks.isEncrypted(spec.rootDisk);
  const volume = encrypted ? await means.disks.device(spec.rootDisk) : means.disks.path(spec.rootDisk);
  const given = {
    ...root,
    volume,
    base: String(userBase),
    runtime: (await programIn(runtime))!,
    state: stateDirectory(means, runtime),
    cgroup: controlGroup(means, spec.id),
    door: mountDoor(means, spec.id),
  };
  try {
    await superviseBy(join(import.meta.dirname, 'supervisor.pl'), means, spec, given);
  } finally {
    // It stays while it is mounted.
    if (encrypted) await means.disks.release(spec.rootDisk);
  }
  await means.disks.enforce(spec.rootDisk, controlGroup(means, spec.id));
}

/** Ends a container and gives back what it used; its folder stays. */
async function kill(means: MachineMeans, id: string): Promise<void> {
  await cutPower(means.directory, id);
  await clear(means, id);
}

/** Waits until no process of a container is left, and takes its devices back. */
async function clear(means: MachineMeans, id: string): Promise<void> {
  const { directory } = means;
  await ended(directory, id);
  const record = await readContainer(directory, id);
  if (!record) return;
  await releaseLoops(means, record);
  await forgetState(means, id);
  if (Object.keys(record.attached).length > 0) await writeRecord(directory, { ...record, attached: {} });
}
