/** Volumes of running virtual machines: a device is shown to the emulator, and the emulator shows a disk to its guest. */

import { join } from 'node:path';
import { MachineFailed } from '../../../framework/machines.ts';
import { run } from '../../programs.ts';
import type { MachineMeans } from '../means.ts';
import { changeRecord } from '../record.ts';
import { makeNode, removeNode } from '../volume-nodes.ts';
import type { Emulator, RunningEmulator } from './emulator.ts';
import type { VirtualRecord } from './record.ts';

const script = join(import.meta.dirname, 'volume.pl');

const rootLetter = 'a';

/** Where an emulator sees the volume of a letter. */
export const volumePlace = (letter: string): string => `/volumes/${letter}`;

/** `f` of /dev/sdf and of /dev/xvdf. Throws MachineFailed for what the emulator cannot give. */
export function letterOf({ letters, name }: Emulator, device: string): string {
  const [, letter] = /^\/dev\/(?:sd|xvd)([a-z])$/.exec(device) ?? [];
  if (letter === undefined || !letters.includes(letter))
    throw new MachineFailed(`'${device}' is no name of a device for a machine of ${name}: it takes /dev/sdb to /dev/sd${letters.at(-1)}`);
  return letter;
}

export async function attachVolume(
  means: MachineMeans,
  record: VirtualRecord,
  emulator: Emulator,
  running: RunningEmulator,
  device: string,
  disk: string,
): Promise<void> {
  const { spec, user, attached } = record;
  const letter = letterOf(emulator, device);
  if (attached[device] === disk) return;
  if (Object.keys(attached).some((taken) => letterOf(emulator, taken) === letter))
    throw new MachineFailed(`${device} of ${spec.id} is taken`);
  // Both may have been done by one that was killed before it wrote this down.
  await emulator.detach(running, letter).catch(() => undefined);
  const node = await makeNode(means, spec.id, letter, disk, { user, group: user });
  await run('perl', [script, 'show', String(running.process), node, volumePlace(letter)]);
  await emulator.attach(running, letter, volumePlace(letter));
  await changeRecord(means.directory, spec.id, (row) => ({ ...row, attached: { ...row.attached, [device]: disk } }));
}

/** The root volume too. */
export async function growVolume(
  { disks }: MachineMeans,
  record: VirtualRecord,
  emulator: Emulator,
  running: RunningEmulator,
  disk: string,
): Promise<void> {
  const [device] = Object.entries(record.attached).find(([, one]) => one === disk) ?? [];
  const letter = device === undefined ? rootLetter : letterOf(emulator, device);
  const state = device === undefined && record.spec.rootDisk !== disk ? undefined : await disks.state(disk);
  if (state) await emulator.grow(running, letter, state.bytes);
}

export async function detachVolume(
  means: MachineMeans,
  record: VirtualRecord,
  emulator: Emulator,
  running: RunningEmulator,
  device: string,
): Promise<void> {
  const disk = record.attached[device];
  if (disk === undefined) return;
  const letter = letterOf(emulator, device);
  await emulator.detach(running, letter);
  await run('perl', [script, 'hide', String(running.process), volumePlace(letter)]);
  await removeNode(means, record.spec.id, letter, disk);
  await changeRecord(means.directory, record.spec.id, ({ attached: { [device]: _gone, ...attached }, ...row }) => ({ ...row, attached }));
}
