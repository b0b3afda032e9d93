/** Disks of running containers: a loop device outside, its node bound in. */

import { join } from 'node:path';
import { MachineFailed } from '../../../framework/machines.ts';
import { run, runAnyhow } from '../../programs.ts';
import { machineRun, type MachineMeans } from '../means.ts';
import { writeRecord } from '../record.ts';
import { makeNode, releaseUnlessShared, removeNode } from '../volume-nodes.ts';
import type { ContainerRecord } from './record.ts';

const script = join(import.meta.dirname, 'devices.pl');
const diskGroup = 6;
/** What the script ends with where the disk is mounted. */
const busyCode = 3;

export async function attachDisk(means: MachineMeans, record: ContainerRecord, init: number, device: string, disk: string): Promise<void> {
  const { spec, userBase, attached } = record;
  const name = deviceName(device);
  if (attached[device] === disk) return;
  if (attached[device] !== undefined) throw new MachineFailed(`${device} of ${spec.id} is taken`);
  // Written down first: what is attached by half is taken back by name.
  attached[device] = disk;
  await writeRecord(means.directory, record);
  const node = await makeNode(means, spec.id, name, disk, { user: userBase, group: userBase + diskGroup });
  await run('perl', [script, 'add', String(init), node, `/dev/${name}`, String(userBase)]);
}

/** @param init is its first process; undefined when it does not run. @param force unmounts it. */
export async function detachDisk(
  means: MachineMeans,
  record: ContainerRecord,
  init: number | undefined,
  device: string,
  force: boolean,
): Promise<'gone' | 'busy'> {
  const disk = record.attached[device];
  if (disk === undefined) return 'gone';
  if (init !== undefined) {
    const target = `/dev/${deviceName(device)}`;
    const place = machineRun(means, record.spec.id);
    const parameters = ['remove', String(init), target, String(record.userBase), place, force ? 'force' : 'if-idle'];
    const { code, stderr } = await runAnyhow('perl', [script, ...parameters]);
    if (code === busyCode) return 'busy';
    if (code !== 0) throw new MachineFailed(`${device} of ${record.spec.id} cannot be taken away: ${stderr.toString().trim()}`);
  }
  await removeNode(means, record.spec.id, deviceName(device), disk);
  delete record.attached[device];
  await writeRecord(means.directory, record);
  return 'gone';
}

/** For a container that has ended. */
export async function releaseLoops(means: MachineMeans, { spec, attached }: ContainerRecord): Promise<void> {
  for (const disk of Object.values(attached)) await releaseUnlessShared(means, spec.id, disk);
  // Its device is gone with its mount; the limit of the device would stay for the next one of that number.
  await means.disks.release(spec.rootDisk);
}

function deviceName(device: string): string {
  const [, name] = /^\/dev\/((?:sd|xvd|hd)[a-z]{1,2}[0-9]{0,2})$/.exec(device) ?? [];
  if (name === undefined) throw new MachineFailed(`'${device}' is no name of a device`);
  return name;
}
