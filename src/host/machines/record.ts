/** The settings of a machine, in its folder. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MachineFailed, type MachineSpec } from '../../framework/machines.ts';
import { replaceFile } from '../file-replacement.ts';
import { readText } from '../missing-files.ts';
import { runningOf, type Running } from './folder.ts';
import { machineDirectory } from './means.ts';

/** What every driver writes down; each adds its own. */
export type MachineRecord = {
  spec: MachineSpec;
  /** Disks attached now, by device name. */
  attached: Record<string, string>;
};

export async function readRecord<Kind extends MachineRecord>(directory: string, id: string): Promise<Kind | undefined> {
  const text = await readText(join(machineDirectory(directory, id), 'machine.json'));
  return text === undefined ? undefined : (JSON.parse(text) as Kind);
}

export async function writeRecord(directory: string, record: MachineRecord): Promise<void> {
  const folder = machineDirectory(directory, record.spec.id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(join(folder, 'machine.json'), JSON.stringify(record), 0o600);
}

const turns = new Map<string, Promise<void>>();

/** Changes a record that is there; changes of one record come one after the other. */
export function changeRecord<Kind extends MachineRecord>(directory: string, id: string, change: (present: Kind) => Kind): Promise<void> {
  const key = machineDirectory(directory, id);
  const act = async (): Promise<void> => {
    const present = await readRecord<Kind>(directory, id);
    if (present) await writeRecord(directory, change(present));
  };
  const turn = (turns.get(key) ?? Promise.resolve()).then(act, act);
  turns.set(key, turn);
  const end = (): void => void (turns.get(key) === turn && turns.delete(key));
  turn.then(end, end);
  return turn;
}

/** Rejects with MachineFailed for one that does not run. @param read gives the driver's own record. */
export async function requireRunning<Kind extends MachineRecord>(
  directory: string,
  id: string,
  read: (directory: string, id: string) => Promise<Kind | undefined>,
): Promise<{ running: Running; record: Kind }> {
  const running = await runningOf(directory, id);
  const record = await read(directory, id);
  if (!running || !record) throw new MachineFailed(`${id} is not running`);
  return { running, record };
}
