/** Machines as containers: a whole system in namespaces of its own on its own root volume, with no power over the host. */

import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MachineFailed, type MachineSpec, type Machines, type MachineState } from '../../../framework/machines.ts';
import { programIn } from '../../images/host-programs.ts';
import { run, runAnyhow } from '../../programs.ts';
import { readConsole } from '../console.ts';
import { ended, forgetLastRun, machineIds, runningOf, settle, signal, stateOf } from '../folder.ts';
import { machineDirectory, machineRun, networkPath, type MachineMeans } from '../means.ts';
import { removeEmptyDirectories } from '../run-directory.ts';
import { superviseBy } from '../supervision.ts';
import { bundle } from './bundle.ts';
import { attachDisk, detachDisk, releaseLoops } from './devices.ts';
import { insideCommand } from './inside.ts';
import { stateDirectory } from './means.ts';
import { reap } from './reaper.ts';
import { readRecord, writeRecord, type ContainerRecord } from './record.ts';
import { fileSystemIsSmaller } from './root-volume.ts';
import { loginShell, openTerminal } from './terminal.ts';
import { userBases } from './user-bases.ts';

export type Containers = Omit<Machines, 'obstacle' | 'removeAll'>;

/** Opens the containers of a cloud; what earlier ones left behind on the host is cleared away. */
export async function openContainers(means: MachineMeans): Promise<Containers> {
  const { directory } = means;
  const bases = userBases(directory);
  /** First processes that were asked to shut down. */
  const asked = new Set<number>();
  await reap(means);

  return {
    start: (spec) => start(means, bases, spec),
    async shutDown(id, milliseconds) {
      const running = await runningOf(directory, id);
      if (!running || asked.has(running.process)) return;
      asked.add(running.process);
      const power = setTimeout(() => void cutPower(means, id, running.process), milliseconds);
      power.unref();
      const record = await readRecord(directory, id);
      const { boot } = (await means.images.open(record!.spec.image)).record;
      signal(running.process, boot.shutdownSignal);
    },
    kill: (id) => kill(means, id),
    async remove(id) {
      await kill(means, id);
      await run('runc', ['--root', stateDirectory(means), 'delete', '--force', id]);
      await rm(machineRun(means, id), { recursive: true, force: true });
      await rm(machineDirectory(directory, id), { recursive: true, force: true });
      bases.release(id);
      await removeEmptyDirectories(means.run);
    },
    look: async (id) => ((await readRecord(directory, id)) ? stateOf(directory, id) : undefined),
    async list() {
      const states: MachineState[] = [];
      for (const id of await machineIds(directory)) states.push(await stateOf(directory, id));
      return states;
    },
    console: (id, bytesMax) => readConsole(machineDirectory(directory, id), bytesMax),
    async attach(id, device, disk) {
      const { running, record } = await requireRunning(directory, id);
      await attachDisk(means, record, running.process, device, disk);
    },
    async detach(id, device) {
      const running = await runningOf(directory, id);
      const record = await readRecord(directory, id);
      if (record) await detachDisk(means, record, running?.process, device);
    },
    async terminal(id, size) {
      const { record } = await requireRunning(directory, id);
      return openTerminal(await insideCommand(means, record.spec, loginShell, true), size);
    },
    async execute(id, command, options = {}) {
      const { record } = await requireRunning(directory, id);
      const [program, ...parameters] = await insideCommand(means, record.spec, command);
      const { code, stdout, stderr } = await runAnyhow(program, parameters, options);
      return { code, output: Buffer.concat([stdout, stderr]) };
    },
  };
}

async function requireRunning(directory: string, id: string) {
  const running = await runningOf(directory, id);
  const record = await readRecord(directory, id);
  if (!running || !record) throw new MachineFailed(`${id} is not running`);
  return { running, record };
}

async function start(means: MachineMeans, bases: ReturnType<typeof userBases>, spec: MachineSpec): Promise<void> {
  const { directory } = means;
  if ((await stateOf(directory, spec.id)).state === 'running') return;
  await clear(means, spec.id);
  const userBase = await bases.take(spec.id);
  const { boot } = (await means.images.open(spec.image)).record;
  const record: ContainerRecord = { spec, userBase, attached: {} };
  await writeRecord(directory, record);
  await forgetLastRun(directory, spec.id);
  const rootDirectory = join(machineRun(means, spec.id), 'root');
  for (const name of ['root', 'volume', 'lower', 'layer'])
    await mkdir(join(machineRun(means, spec.id), name), { recursive: true, mode: 0o711 });
  const settings = bundle({
    hostname: spec.hostname,
    network: networkPath(spec.network),
    rootDirectory,
    userBase,
    cgroup: `/haneul/${means.run.cloud}/${spec.id}`,
    command: boot.command,
    vcpus: spec.vcpus,
    memoryBytes: spec.memoryBytes,
  });
  const file = await open(join(machineDirectory(directory, spec.id), 'config.json'), 'w', 0o600);
  await file.writeFile(JSON.stringify(settings));
  await file.close();
  await supervise(means, record, rootDirectory, boot.lower);
  for (const [device, disk] of Object.entries(spec.disks)) {
    const running = await runningOf(directory, spec.id);
    if (running) await attachDisk(means, record, running.process, device, disk);
  }
}

/** Starts the supervisor, a process of its own that outlives this one, and waits for its word. */
async function supervise(means: MachineMeans, { spec, userBase }: ContainerRecord, rootDirectory: string, lower: string): Promise<void> {
  const folder = machineDirectory(means.directory, spec.id);
  const encrypted = await means.disks.isEncrypted(spec.rootDisk);
  const volume = encrypted ? await means.disks.device(spec.rootDisk) : means.disks.path(spec.rootDisk);
  const given: Record<string, string> = {
    ...{ id: spec.id, directory: folder, run: machineRun(means, spec.id), rootfs: rootDirectory, volume, lower },
    ...{ base: String(userBase), network: networkPath(spec.network), runc: (await programIn('runc'))!, state: stateDirectory(means) },
    grow: (await fileSystemIsSmaller(means.disks, spec.rootDisk)) ? '1' : '',
  };
  try {
    await superviseBy(join(import.meta.dirname, 'supervisor.pl'), spec.id, folder, given);
  } finally {
    // It stays while it is mounted.
    if (encrypted) await means.disks.release(spec.rootDisk);
  }
  await means.disks.enforce(spec.rootDisk);
}

/** Of the run that was asked, not of a later one. */
async function cutPower({ directory }: MachineMeans, id: string, process_: number): Promise<void> {
  if ((await runningOf(directory, id))?.process === process_) signal(process_, 'SIGKILL');
}

/** Ends a container and gives back what it used; its folder stays. */
async function kill(means: MachineMeans, id: string): Promise<void> {
  await settle(means.directory, id);
  const running = await runningOf(means.directory, id);
  if (running) signal(running.process, 'SIGKILL');
  await clear(means, id);
}

/** Waits until no process of a container is left, and takes its devices back. */
async function clear(means: MachineMeans, id: string): Promise<void> {
  const { directory } = means;
  await ended(directory, id);
  const record = await readRecord(directory, id);
  if (!record) return;
  await releaseLoops(means, record);
  await run('runc', ['--root', stateDirectory(means), 'delete', '--force', id]);
  if (Object.keys(record.attached).length > 0) await writeRecord(directory, { ...record, attached: {} });
}
