/** Volumes of machines as block devices: a loop device of the host, one a disk, and a node of it for each machine that has the disk. */

import { chmod, chown, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MachineFailed } from '../../framework/machines.ts';
import { dropLoop, loopDevices } from '../disks/loops.ts';
import { ignoreMissing } from '../missing-files.ts';
import { run } from '../programs.ts';
import { isInSky } from '../sky/inside.ts';
import { machineIds, runningOf, supervisorOf } from './folder.ts';
import { machineRun, type MachineMeans } from './means.ts';
import { readRecord } from './record.ts';

const loopMajor = '7';

/** Makes a node that these users of the host may open. Rejects with DiskLocked. @param name apart from other nodes of the machine. */
export async function makeNode(
  means: MachineMeans,
  id: string,
  name: string,
  disk: string,
  owner: { user: number; group: number },
): Promise<string> {
  if (isInSky) return linkToFile(means, id, name, disk);
  const { rdev } = await stat(await means.disks.device(disk));
  const node = nodeOf(means, id, name);
  await rm(node, { force: true });
  await run('mknod', [node, 'b', loopMajor, String(minorOf(rdev))]);
  await chown(node, owner.user, owner.group);
  await chmod(node, 0o660);
  await means.disks.enforce(disk);
  return node;
}

/**
 * Without root there are no loop devices, and the file itself is shown. Every user may open it, since disks of several machines have several;
 * nobody but these gets to see it, for its directory is its owner's.
 */
async function linkToFile(means: MachineMeans, id: string, name: string, disk: string): Promise<string> {
  if (await means.disks.isEncrypted(disk))
    throw new MachineFailed('An encrypted volume cannot be attached without root: it needs a loop device.');
  const node = nodeOf(means, id, name);
  await rm(node, { force: true });
  await chmod(means.disks.path(disk), 0o666);
  await symlink(means.disks.path(disk), node);
  return node;
}

/** Takes a node away, and the loop device with it when no other machine has the disk. */
export async function removeNode(means: MachineMeans, id: string, name: string, disk: string): Promise<void> {
  const node = nodeOf(means, id, name);
  // Who holds the node by a handle could open it again, when its number may be that of another's disk.
  if (!isInSky) {
    await chown(node, 0, 0).catch(ignoreMissing);
    await chmod(node, 0).catch(ignoreMissing);
  }
  await rm(node, { force: true });
  await releaseUnlessShared(means, id, disk);
}

/** A disk may be attached to several. */
export async function releaseUnlessShared(means: MachineMeans, id: string, disk: string): Promise<void> {
  if (!(await disksInUse(means, id)).has(disk)) await means.disks.release(disk);
}

/** Disks of machines that run, or are being started, whatever drives them. @param except whose disks do not count. */
export async function disksInUse({ directories }: MachineMeans, except?: string): Promise<Set<string>> {
  const used = new Set<string>();
  for (const directory of directories)
    for (const id of await machineIds(directory)) {
      const record = id === except ? undefined : await readRecord(directory, id);
      if (!record || !((await runningOf(directory, id)) ?? (await supervisorOf(directory, id)))) continue;
      for (const disk of [record.spec.rootDisk, ...Object.values(record.attached)]) used.add(disk);
    }
  return used;
}

/** Gives back loop devices of this cloud's disks that no machine has: a crash may have left them. Idempotent. */
export async function dropUnusedLoops(means: MachineMeans): Promise<void> {
  const used = new Set([...(await disksInUse(means))].map((disk) => means.disks.path(disk)));
  const directory = means.disks.path('x').slice(0, -'x.disk'.length);
  for (const { device, file } of await loopDevices()) if (file.startsWith(directory) && !used.has(file)) await dropLoop(device, file);
}

/** Where it is. */
export const nodeOf = (means: MachineMeans, id: string, name: string): string => join(machineRun(means, id), `device-${name}`);

/** As Linux packs it into a device number. */
const minorOf = (device: number): number => (device & 0xff) | ((device >>> 12) & 0xfff00);
