/** Which emulators this host has, and which of them runs a machine. */

import { MachineFailed } from '../../../framework/machines.ts';
import { programIn } from '../../images/host-programs.ts';
import type { Emulator } from './emulator.ts';
import { kernelVersion } from './kernel.ts';
import { kvmWorks } from './kvm.ts';
import { qemu } from './qemu.ts';
import type { EmulatorName } from './record.ts';
import { uml } from './uml.ts';

export const emulatorsWanted =
  'Machines with kernels of their own need an emulator: install user-mode-linux, or qemu-system-x86 and linux-image-cloud-amd64.';

/** Every emulator that can run a machine here, the best first. */
export async function emulatorsHere(): Promise<EmulatorName[]> {
  const found: EmulatorName[] = [];
  const hasQemu = process.arch === 'x64' && (await programIn('qemu-system-x86_64')) !== undefined && (await kernelVersion()) !== undefined;
  if (hasQemu && (await kvmWorks())) found.push('kvm');
  if ((await programIn('linux.uml')) !== undefined) found.push('uml');
  if (hasQemu) found.push('tcg');
  return found;
}

/** The one that a new start uses; undefined where there is none. */
export const bestEmulator = async (): Promise<EmulatorName | undefined> => (await emulatorsHere())[0];

/** The best one that can keep the memory of its guest. Rejects with MachineFailed where there is none. */
export async function hibernatingEmulator(): Promise<EmulatorName> {
  const found = (await emulatorsHere()).find((name) => name !== 'uml');
  if (found) return found;
  throw new MachineFailed(
    'user-mode-linux cannot hibernate: install qemu-system-x86 and linux-image-cloud-amd64, or launch without hibernation',
  );
}

/** @param kernels keeps the kernels of QEMU's guests. */
export const emulatorNamed = (name: EmulatorName, kernels: string): Emulator => (name === 'uml' ? uml : qemu(name, kernels));
