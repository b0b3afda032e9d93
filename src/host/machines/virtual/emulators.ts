/** Which emulators this host has, and which of them runs a machine. */

import { MachineFailed } from '../../../framework/machines.ts';
import { programIn } from '../../images/host-programs.ts';
import type { Emulator } from './emulator.ts';
import type { EmulatorName } from './record.ts';
import { uml } from './uml.ts';

const emulators: Readonly<Partial<Record<EmulatorName, Emulator>>> = { uml };

export const emulatorsWanted = 'Machines with kernels of their own need an emulator: install user-mode-linux.';

/** The one that a new start uses; undefined where there is none. */
export async function bestEmulator(): Promise<Emulator | undefined> {
  return (await programIn('linux.uml')) === undefined ? undefined : uml;
}

export function emulatorNamed(name: EmulatorName): Emulator {
  const emulator = emulators[name];
  if (!emulator) throw new MachineFailed(`there is no emulator ${name}`);
  return emulator;
}
