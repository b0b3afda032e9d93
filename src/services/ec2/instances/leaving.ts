/** What an instance gives back: lent addresses when it stops; interfaces, volumes and all when it is terminated. */

import type { WriteTransaction } from '../../../store/store.ts';
import { publicAddresses } from '../../../framework/public-addresses.ts';
import { releasePublicAddresses } from '../network-interfaces/making.ts';
import { discardVolume } from '../recycle-bin/bin.ts';
import { networkInterfaces, type NetworkInterface } from '../network-interfaces/network-interface.ts';
import { volumes, volumesOfInstance, withAttachments } from '../volumes/volume.ts';
import { instances, type Instance } from './instance.ts';

async function interfacesOf(tx: WriteTransaction, { account, region, id }: Instance): Promise<NetworkInterface[]> {
  return (await networkInterfaces.scanIndex(tx, 'instance', [account, region, id])).map(({ row }) => row);
}

/** Lent public addresses go back; elastic ones stay. */
export async function giveBackAddresses(tx: WriteTransaction, row: Instance): Promise<void> {
  for (const one of await interfacesOf(tx, row)) {
    const lent = one.addresses.filter((address) => address.public && address.public.allocation === undefined);
    if (lent.length === 0) continue;
    for (const { public: found } of lent) await publicAddresses.delete(tx, found!.address);
    const addresses = one.addresses.map(({ public: found, ...address }) =>
      found?.allocation === undefined ? address : { ...address, public: found },
    );
    await networkInterfaces.put(tx, { ...one, addresses });
  }
}

/** The end of an instance whose machine is gone. */
export async function clearAway(tx: WriteTransaction, now: number, row: Instance): Promise<void> {
  for (const one of await interfacesOf(tx, row)) {
    const { attachment, ...free } = one;
    if (attachment!.deleteOnTermination) {
      await releasePublicAddresses(tx, one);
      await networkInterfaces.delete(tx, one.account, one.region, one.id);
    } else await networkInterfaces.put(tx, free);
  }
  for (const volume of await volumesOfInstance(tx, row)) {
    const own = volume.attachments.find(({ instance }) => instance === row.id)!;
    const left = withAttachments(
      volume,
      volume.attachments.filter((one) => one !== own),
    );
    if (own.deleteOnTermination && left.attachments.length === 0) await discardVolume(tx, left, now);
    else await volumes.put(tx, left);
  }
  await instances.put(tx, { ...row, state: 'terminated', ended: now });
}
