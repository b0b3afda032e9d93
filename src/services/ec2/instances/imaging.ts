/** Images of an instance that is shut down for them: its volumes are cut between the end of its machine and the next start. */

import { snapshots } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { cutOf } from '../snapshots/taker.ts';
import type { Instance } from './instance.ts';

/** Cuts what waits for this moment; to be called when the machine has ended. Nothing happens where that is done already. */
export async function cutForImages({ host, store }: ReconcilerContext, { account, region, imaging = [] }: Instance): Promise<void> {
  for (const id of imaging) {
    const row = await store.read((tx) => snapshots.get(tx, account, region, id));
    if (row?.state === 'pending' && (await host.disks.state(row.volume))) await host.disks.copy(row.volume, cutOf(id));
  }
}

/** The instance without what was cut: `seen` is how it was then. One that was asked for another image since is to be rebooted again. */
export async function afterCut(tx: WriteTransaction, seen: Instance, present: Instance): Promise<Instance> {
  const done = seen.imaging ?? [];
  for (const id of done) {
    const row = await snapshots.get(tx, present.account, present.region, id);
    if (!row) continue;
    const { waits: _over, ...free } = row;
    await snapshots.put(tx, free);
  }
  const { imaging, reboot: _done, ...rest } = present;
  const left = imaging?.filter((id) => !done.includes(id)) ?? [];
  return left.length > 0 ? { ...rest, imaging: left, reboot: true } : rest;
}
