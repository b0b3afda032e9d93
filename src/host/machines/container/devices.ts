/** Disks of running containers: a loop device outside, its node bound in. */

import { chmod, chown, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MachineFailed } from '../../../framework/machines.ts';
import { run } from '../../programs.ts';
import { machineIds } from '../folder.ts';
import { machineRun, type MachineMeans } from '../means.ts';
import { writeRecord } from '../record.ts';
import { readContainer, type ContainerRecord } from './record.ts';

const script = join(import.meta.dirname, 'devices.pl');
const diskGroup = 6;

export async function attachDisk(means: MachineMeans, record: ContainerRecord, init: number, device: string, disk: string): Promise<void> {
  const { spec, userBase, attached } = record;
  const name = deviceName(device);
  if (attached[device] === disk) return;
  if (attached[device] !== undefined) throw new MachineFailed(`${device} of ${spec.id} is taken`);
  // Written down first: what is attached by half is taken back by name.
  attached[device] = disk;
  await writeRecord(means.directory, record);
  const loop = await means.disks.device(disk);
  const minor = minorOf((await stat(loop)).rdev);
  const node = join(machineRun(means, spec.id), `device-${name}`);
  await rm(node, { force: true });
  await run('mknod', [node, 'b', '7', String(minor)]);
  await chown(node, userBase, userBase + diskGroup);
  await chmod(node, 0o660);
  await means.disks.enforce(disk);
  await run('perl', [script, 'add', String(init), node, `/dev/${name}`, String(userBase)]);
}

/** @param init is its first process; undefined when it does not run. */
export async function detachDisk(means: MachineMeans, record: ContainerRecord, init: number | undefined, device: string): Promise<void> {
  const disk = record.attached[device];
  if (disk === undefined) return;
  if (init !== undefined) await run('perl', [script, 'remove', String(init), `/dev/${deviceName(device)}`, String(record.userBase)]);
  await releaseUnlessShared(means, record.spec.id, disk);
  await rm(join(machineRun(means, record.spec.id), `device-${deviceName(device)}`), { force: true });
  delete record.attached[device];
  await writeRecord(means.directory, record);
}

/** For a container that has ended. */
export async function releaseLoops(means: MachineMeans, { spec, attached }: ContainerRecord): Promise<void> {
  for (const disk of Object.values(attached)) await releaseUnlessShared(means, spec.id, disk);
  // Its device is gone with its mount; the limit of the device would stay for the next one of that number.
  await means.disks.release(spec.rootDisk);
}

/** A disk may be attached to several. */
async function releaseUnlessShared(means: MachineMeans, id: string, disk: string): Promise<void> {
  for (const other of await machineIds(means.directory)) {
    if (other === id) continue;
    const record = await readContainer(means.directory, other);
    if (record && Object.values(record.attached).includes(disk)) return;
  }
  await means.disks.release(disk);
}

function deviceName(device: string): string {
  const [, name] = /^\/dev\/((?:sd|xvd|hd)[a-z]{1,2}[0-9]{0,2})$/.exec(device) ?? [];
  if (name === undefined) throw new MachineFailed(`'${device}' is no name of a device`);
  return name;
}

/** As Linux packs it into a device number. */
const minorOf = (device: number): number => (device & 0xff) | ((device >>> 12) & 0xfff00);
