/** The machines of this host: starts, finds again, and ends them, each by its driver. */

import { MachineFailed, type Machines, type MachineSpec } from '../../framework/machines.ts';
import { shared } from '../../framework/shared-work.ts';
import type { DiskStore } from '../disks/disks.ts';
import type { ImageStore } from '../images/images.ts';
import type { Containers } from './container/container.ts';
import type { Runtime } from './container/runtime.ts';
import { containerObstacle, virtualDirectoryOf, virtualObstacle, type DriverChoice } from './drivers.ts';
import { machineIds } from './folder.ts';
import { hasRunDirectory, runDirectoryOf } from './run-directory.ts';

/**
 * @param directory holds a folder a container: its settings, its console, how it ended. Those of virtual machines lie beside it.
 * @param choice which driver starts a machine that does not say it.
 * @param runtime what starts containers; the best that is here when absent.
 */
export function openMachines(
  directory: string,
  disks: DiskStore,
  images: ImageStore,
  choice: DriverChoice = 'container',
  runtime?: Runtime,
): Machines {
  const virtualDirectory = virtualDirectoryOf(directory);
  const means = { disks, images, directories: [directory, virtualDirectory] };
  // Loaded only where there are machines.
  const containers = once(async () => {
    const { openContainers } = await import('./container/container.ts');
    return openContainers({ ...means, directory, run: await runDirectoryOf(directory) }, runtime);
  });
  const virtual = once(async () => {
    const { openVirtualMachines } = await import('./virtual/virtual.ts');
    return openVirtualMachines({ ...means, directory: virtualDirectory, run: await runDirectoryOf(virtualDirectory) });
  });
  /** Machines with kernels of their own; nobody else makes any in this directory. */
  const virtualIds = once(async () => new Set(await machineIds(virtualDirectory)));
  /** The driver that knows a machine; that of containers for one that nobody knows. */
  const driverOf = async (id: string): Promise<Containers> => ((await virtualIds()).has(id) ? virtual() : containers());

  // A reset and the reconciler may take a machine away at one time: the second waits for the first.
  const remove = shared(async (id) => {
    await (await driverOf(id)).remove(id);
    (await virtualIds()).delete(id);
  });

  return {
    obstacle: () => (choice === 'machine' ? virtualObstacle() : containerObstacle()),
    async start(spec) {
      const present = await driverOf(spec.id);
      if ((await present.look(spec.id))?.state === 'running') return present.start(spec);
      const driver = await usableDriverFor(spec, choice, images);
      const next = await (driver === 'machine' ? virtual() : containers());
      // One root volume serves both: a stopped machine may change its driver.
      if (next !== present) await remove(spec.id);
      if (driver === 'machine') (await virtualIds()).add(spec.id);
      await next.start(spec);
    },
    shutDown: async (id, milliseconds) => (await driverOf(id)).shutDown(id, milliseconds),
    hibernate: async (id) => (await driverOf(id)).hibernate(id),
    kill: async (id) => (await driverOf(id)).kill(id),
    remove,
    async removeAll() {
      // To open a driver is to end what a data directory that was emptied has left running.
      if (await hasRunDirectory(directory)) await containers();
      if (await hasRunDirectory(virtualDirectory)) await virtual();
      for (const place of [directory, virtualDirectory]) for (const id of await machineIds(place)) await remove(id);
    },
    look: async (id) => (await driverOf(id)).look(id),
    async list() {
      const states = await (await containers()).list();
      if ((await virtualIds()).size > 0) states.push(...(await (await virtual()).list()));
      return states.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    console: async (id, bytesMax) => (await driverOf(id)).console(id, bytesMax),
    processorSeconds: async (id) => (await driverOf(id)).processorSeconds(id),
    limitProcessors: async (id, processors) => (await driverOf(id)).limitProcessors(id, processors),
    attach: async (id, device, disk) => (await driverOf(id)).attach(id, device, disk),
    detach: async (id, device, force) => (await driverOf(id)).detach(id, device, force),
    grown: async (id, disk) => (await driverOf(id)).grown(id, disk),
    plug: async (id, device) => (await driverOf(id)).plug(id, device),
    unplug: async (id, device, force) => (await driverOf(id)).unplug(id, device, force),
    terminal: async (id, size) => (await driverOf(id)).terminal(id, size),
    ports: async (id) => (await driverOf(id)).ports(id),
    execute: async (id, command, options) => (await driverOf(id)).execute(id, command, options),
  };
}

/** What is to drive a machine. Rejects with MachineFailed where this host cannot. */
async function usableDriverFor(spec: MachineSpec, choice: DriverChoice, images: ImageStore): Promise<'container' | 'machine'> {
  const driver = await driverFor(spec, choice, images);
  const reason = driver === 'machine' ? await virtualObstacle() : await containerObstacle();
  if (reason !== undefined) throw new MachineFailed(reason);
  return driver;
}

/** What is to drive a machine. */
async function driverFor(
  { driver, image, hibernates }: MachineSpec,
  choice: DriverChoice,
  images: ImageStore,
): Promise<'container' | 'machine'> {
  if (hibernates) return 'machine';
  if (driver === 'container' || driver === 'machine') return driver;
  if (driver !== undefined) throw new MachineFailed(`there is no driver '${driver}': machines are driven as container or as machine`);
  if (choice !== 'auto') return choice;
  const { bestEmulator } = await import('./virtual/emulators.ts');
  const standsAlone = (await images.boot(image)).lower === '';
  return standsAlone && (await bestEmulator()) === 'kvm' ? 'machine' : 'container';
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
