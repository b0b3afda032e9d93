/** The ways in which this host can run machines, and what each of them stands on. */

import { join } from 'node:path';
import { programIn } from '../images/host-programs.ts';
import { isInSky } from '../sky/inside.ts';

/** `auto`: a kernel of their own for machines whose image has all that it needs, where KVM works; containers otherwise. */
export const driverChoices = ['container', 'machine', 'auto'] as const;
export type DriverChoice = (typeof driverChoices)[number];

/** @param directory that of containers. */
export const virtualDirectoryOf = (directory: string): string => join(directory, '..', 'virtual-machines');

type Programs = Readonly<Record<string, string>>;

/** Beside what every Linux has. */
const forBoth: Programs = { perl: 'perl-base', 'mkfs.ext4': 'e2fsprogs', resize2fs: 'e2fsprogs', ip: 'iproute2' };
const forContainers: Programs = { runc: 'runc', losetup: 'mount' };
const forVirtual: Programs = { sysctl: 'procps', setpriv: 'util-linux' };

export async function containerObstacle(): Promise<string | undefined> {
  if (isInSky) return 'Containers need root, for loop devices and mounts of disks: without it, machines have kernels of their own.';
  return (await noRights()) ?? missing({ ...forContainers, ...forBoth });
}

export async function virtualObstacle(): Promise<string | undefined> {
  const reason = (await noRights()) ?? (await missing({ ...forVirtual, ...forBoth }));
  if (reason !== undefined) return reason;
  const { bestEmulator, emulatorsWanted } = await import('./virtual/emulators.ts');
  return (await bestEmulator()) ? undefined : emulatorsWanted;
}

async function noRights(): Promise<string | undefined> {
  if (process.platform !== 'linux') return `Machines need Linux; this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return 'Machines need root, or namespaces of your own: `haneul doctor` says what forbids them.';
  return undefined;
}

async function missing(programs: Programs): Promise<string | undefined> {
  const packages = new Set<string>();
  for (const [program, debianPackage] of Object.entries(programs))
    if ((await programIn(program)) === undefined) packages.add(debianPackage);
  return packages.size === 0 ? undefined : `Machines need programs that are not here: install ${[...packages].join(', ')}.`;
}
