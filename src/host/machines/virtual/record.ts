/** What a virtual machine's record says beside that of every machine. */

import { hostUsers, type HostUsers } from '../host-users.ts';
import { isInSky, skyUsers } from '../../sky/inside.ts';
import { readRecord, type MachineRecord } from '../record.ts';

export type VirtualRecord = MachineRecord & {
  /** The host's user as whom its emulator runs: nobody else's. */
  user: number;
  emulator: EmulatorName;
  /** MACs of the interfaces that its emulator has, by their devices. */
  nics?: Record<string, string>;
  /** Its memory is kept on a disk, so many bytes of it. */
  hibernated?: { bytes: number };
};

export type EmulatorName = 'kvm' | 'uml' | 'tcg';

export const readVirtual = readRecord<VirtualRecord>;

/** Apart from those of containers, and above what distributions give to people. */
export const emulatorUsers = (directory: string): HostUsers =>
  hostUsers(directory, async (id) => (await readVirtual(directory, id))?.user, {
    ...(isInSky ? { min: skyUsers.min, max: skyUsers.max } : { min: 0x3000_0000, max: 0x4000_0000 }),
    each: 1,
  });
