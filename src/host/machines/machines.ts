/** The machines of this host: starts, finds again, and ends them. */

import { MachineFailed, type Machines } from '../../framework/machines.ts';
import type { DiskStore } from '../disks/disks.ts';
import type { ImageStore } from '../images/images.ts';
import { programIn } from '../images/host-programs.ts';
import { containerIds } from './container/record.ts';
import { runDirectoryOf } from './run-directory.ts';

/** @param directory holds a folder a machine: its settings, its console, how it ended. */
export function openMachines(directory: string, disks: DiskStore, images: ImageStore): Machines {
  let opened: ReturnType<typeof open> | undefined;
  const open = async () => {
    const { openContainers } = await import('./container/container.ts'); // loaded only where there are machines
    return openContainers({ directory, run: await runDirectoryOf(directory), disks, images });
  };
  const containers = (): ReturnType<typeof open> => (opened ??= open());

  return {
    obstacle,
    async start(spec) {
      const reason = await obstacle();
      if (reason !== undefined) throw new MachineFailed(reason);
      await (await containers()).start(spec);
    },
    shutDown: async (id, milliseconds) => (await containers()).shutDown(id, milliseconds),
    kill: async (id) => (await containers()).kill(id),
    remove: async (id) => (await containers()).remove(id),
    async removeAll() {
      for (const id of await containerIds(directory)) await (await containers()).remove(id);
    },
    look: async (id) => (await containers()).look(id),
    list: async () => (await containers()).list(),
    console: async (id, bytesMax) => (await containers()).console(id, bytesMax),
    attach: async (id, device, disk) => (await containers()).attach(id, device, disk),
    detach: async (id, device) => (await containers()).detach(id, device),
    execute: async (id, command, options) => (await containers()).execute(id, command, options),
  };
}

/** What containers stand on, beside what every Linux has. */
const programs: Readonly<Record<string, string>> = {
  runc: 'runc',
  perl: 'perl-base',
  losetup: 'mount',
  'mkfs.ext4': 'e2fsprogs',
  resize2fs: 'e2fsprogs',
  ip: 'iproute2',
};

async function obstacle(): Promise<string | undefined> {
  if (process.platform !== 'linux') return `Machines need Linux; this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return 'Machines need root: start Haneul as root.';
  const missing: string[] = [];
  for (const [program, debianPackage] of Object.entries(programs))
    if ((await programIn(program)) === undefined) missing.push(debianPackage);
  return missing.length === 0 ? undefined : `Machines need programs that are not here: install ${[...new Set(missing)].join(', ')}.`;
}
