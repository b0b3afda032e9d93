/** Instance store: disks of the host that an instance of some types has while it runs, and that are gone when it stops or ends. */

import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import { instances, type Instance } from './instance.ts';

const bytesPerGigabyte = 1e9;
const prefix = 'scratch-';
const letters = 'bcdefghijklmnopqrstuvwxyz';

const diskOf = (instance: string, number: number): string => `${prefix}${instance}-${number}`;

/**
 * Makes the disks of an instance that starts and gives them by their device names: the first that are free from /dev/sdb on. An instance
 * that was rebooted finds them as it left them. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/InstanceStorage.html
 */
export async function scratchDisks(
  { host }: ReconcilerContext,
  { id, type }: Instance,
  taken: readonly string[],
): Promise<Record<string, string>> {
  const { family, size } = instanceTypes.get(type)!;
  const store = family.stores?.[size];
  const found: Record<string, string> = {};
  const free = [...letters].filter((letter) => !taken.some((device) => device.endsWith(letter)));
  for (let number = 0; number < Math.min(store?.count ?? 0, free.length); number++) {
    const disk = diskOf(id, number);
    await host.disks.create(disk, { bytes: Math.floor((store!.gigabytes * bytesPerGigabyte) / 512) * 512 });
    found[`/dev/sd${free[number]!}`] = disk;
  }
  return found;
}

/** Deletes those of instances that do not run, and are not about to. */
export async function dropScratchDisks({ host, store }: ReconcilerContext): Promise<void> {
  const disks = (await host.disks.ids()).filter((id) => id.startsWith(prefix));
  for (const id of disks) {
    const owner = id.slice(prefix.length, id.lastIndexOf('-'));
    const row = await store.read((tx) => instances.find(tx, 'id', owner));
    if (!row || row.state === 'stopped' || row.state === 'terminated') await host.disks.delete(id);
  }
}
