/** The settings of a container, in its folder. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineSpec } from '../../../framework/machines.ts';
import { replaceFile } from '../../file-replacement.ts';
import { readText } from '../../missing-files.ts';
import { machineDirectory } from '../means.ts';

export type ContainerRecord = {
  spec: MachineSpec;
  /** The first of its users on the host. */
  userBase: number;
  /** Disks attached now, by device name. */
  attached: Record<string, string>;
};

export async function readRecord(directory: string, id: string): Promise<ContainerRecord | undefined> {
  const text = await readText(join(machineDirectory(directory, id), 'machine.json'));
  return text === undefined ? undefined : (JSON.parse(text) as ContainerRecord);
}

export async function writeRecord(directory: string, record: ContainerRecord): Promise<void> {
  const folder = machineDirectory(directory, record.spec.id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(join(folder, 'machine.json'), JSON.stringify(record), 0o600);
}
