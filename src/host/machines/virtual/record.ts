/** The settings of a virtual machine, in its folder. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineSpec } from '../../../framework/machines.ts';
import { replaceFile } from '../../file-replacement.ts';
import { readText } from '../../missing-files.ts';
import { machineIds } from '../folder.ts';
import { machineDirectory } from '../means.ts';

export type VirtualRecord = {
  spec: MachineSpec;
  /** The host's user as whom its emulator runs: nobody else's. */
  user: number;
  emulator: EmulatorName;
  /** Disks attached now, by device name. */
  attached: Record<string, string>;
};

export type EmulatorName = 'kvm' | 'uml' | 'tcg';

export async function readVirtual(directory: string, id: string): Promise<VirtualRecord | undefined> {
  const text = await readText(join(machineDirectory(directory, id), 'machine.json'));
  return text === undefined ? undefined : (JSON.parse(text) as VirtualRecord);
}

export async function writeVirtual(directory: string, record: VirtualRecord): Promise<void> {
  const folder = machineDirectory(directory, record.spec.id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(join(folder, 'machine.json'), JSON.stringify(record), 0o600);
}

/** Apart from those of containers, and above what distributions give to people. */
const userMin = 0x3000_0000;

/** A user for each machine of a directory. */
export function emulatorUsers(directory: string) {
  let known: Promise<Map<string, number>> | undefined;
  const read = async (): Promise<Map<string, number>> => {
    const users = new Map<string, number>();
    for (const id of await machineIds(directory)) {
      const record = await readVirtual(directory, id);
      if (record) users.set(id, record.user);
    }
    return users;
  };
  return {
    /** The same one as long as it is not released. */
    async take(id: string): Promise<number> {
      const users = await (known ??= read());
      const taken = new Set(users.values());
      let user = users.get(id) ?? userMin;
      while (!users.has(id) && taken.has(user)) user++;
      users.set(id, user);
      return user;
    },
    release: (id: string): void => void known?.then((users) => users.delete(id)),
  };
}
