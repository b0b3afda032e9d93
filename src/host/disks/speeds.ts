/**
 * How fast a loop device may be, enforced by the kernel's control groups. In the first version of the interface what the kernel itself
 * writes back counts in the root group, what a container does in its own, and neither in the other: both are limited. In the second the
 * container's group has all of it. Reading and writing have a limit each, since the kernel counts them apart.
 */

import { glob, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiskSpeed } from '../../framework/disks.ts';

const top = '/sys/fs/cgroup';
const firstVersion = join(top, 'blkio');
const loopMajor = 7;

/**
 * Limits a device, or frees it. Nothing happens where the host has no such control.
 * @param only the control group of the one machine that has the device; where it is absent, any machine of this host may have it.
 */
export async function limitDevice(device: string, speed: DiskSpeed | undefined, only?: string): Promise<void> {
  const number = `${loopMajor}:${minorOf((await stat(device)).rdev)}`;
  const groups = only === undefined ? await allGroups() : [firstVersion, join(firstVersion, only), join(top, only)];
  for (const group of groups) await limitIn(group, number, speed);
}

async function allGroups(): Promise<string[]> {
  const found: string[] = [];
  for await (const group of glob([`${firstVersion}/haneul/*/*`, `${top}/haneul/*/*`])) found.push(group);
  return [firstVersion, ...found];
}

async function limitIn(group: string, number: string, speed: DiskSpeed | undefined): Promise<void> {
  if (!group.startsWith(firstVersion)) {
    const of = (value: number | undefined): string => (value === undefined ? 'max' : String(value));
    const [bytes, operations] = [of(speed?.bytesPerSecond), of(speed?.operationsPerSecond)];
    return set(join(group, 'io.max'), `${number} rbps=${bytes} wbps=${bytes} riops=${operations} wiops=${operations}`);
  }
  for (const way of ['read', 'write']) {
    await set(join(group, `blkio.throttle.${way}_bps_device`), `${number} ${speed?.bytesPerSecond ?? 0}`);
    await set(join(group, `blkio.throttle.${way}_iops_device`), `${number} ${speed?.operationsPerSecond ?? 0}`);
  }
}

/** Files that are not there belong to a control that the host does not have, or to a machine that has just ended. */
async function set(file: string, value: string): Promise<void> {
  await writeFile(file, value).catch((error: NodeJS.ErrnoException) => {
    if (!['ENOENT', 'EACCES', 'EINVAL', 'ENODEV', 'ENOTDIR', 'EROFS'].includes(error.code ?? '')) throw error;
  });
}

/** Frees loop devices that nobody uses: the kernel keeps a limit for the device's next user. */
export async function freeIdleDevices(): Promise<void> {
  const limited = new Set<string>();
  for (const way of ['read', 'write']) {
    const text = await readFile(join(firstVersion, `blkio.throttle.${way}_bps_device`), 'utf8').catch(() => '');
    for (const [, minor] of text.matchAll(/^7:(\d+) /gm)) limited.add(minor!);
  }
  if (limited.size === 0) return;
  for (const name of await readdir('/sys/block')) {
    const [, minor] = /^loop(\d+)$/.exec(name) ?? [];
    if (minor === undefined || !limited.has(minor) || (await isUsed(name))) continue;
    await limitIn(firstVersion, `${loopMajor}:${minor}`, undefined);
  }
}

const isUsed = (name: string): Promise<boolean> =>
  stat(`/sys/block/${name}/loop/backing_file`).then(
    () => true,
    () => false,
  );

/** As Linux packs it into a device number. */
const minorOf = (device: number): number => (device & 0xff) | ((device >>> 12) & 0xfff00);
