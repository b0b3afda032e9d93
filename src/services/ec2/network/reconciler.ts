/** Makes the machine's networks what the records say, and tells the records when interfaces are there. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { networkInterfaces, type NetworkInterface } from '../network-interfaces/network-interface.ts';
import { serveDoors, serveEndpoints } from '../vpc-endpoints/server.ts';
import { serveNames } from './names.ts';
import { planNetwork } from './plan.ts';
import { networkRecords, networkTables } from './records.ts';

export const networkReconciler: Reconciler = {
  name: 'ec2/network',
  watches: networkTables,
  run: async (context) => {
    const { host, store } = context;
    const records = await store.read(networkRecords);
    const wanted = planNetwork(records, host.networks);
    const obstacle = await host.networks.obstacle();
    if (obstacle !== undefined) {
      if (wanted.vpcs.length > 0) context.log(`${obstacle}: interfaces stay unplugged`);
      return;
    }
    await host.networks.apply(wanted, async () => {
      await serveNames(context, records.interfaces.values());
      await serveEndpoints(context, records);
      await settleAttachments(context, [...records.interfaces.values()]);
    });
    await serveDoors(context, records);
  },
};

/**
 * What was being attached is attached; what was being detached is free. Of machines that run their keeper settles it first. A record that
 * has changed since is looked at next time.
 */
async function settleAttachments({ store }: ReconcilerContext, seen: readonly NetworkInterface[]): Promise<void> {
  const moving = seen.filter(
    ({ attachment }) => (attachment?.status === 'attaching' || attachment?.status === 'detaching') && attachment.unsettled !== 'machine',
  );
  if (moving.length === 0) return;
  await store.write(async (tx) => {
    for (const row of moving) await settleOne(tx, row);
  });
}

async function settleOne(tx: WriteTransaction, { account, region, id, attachment }: NetworkInterface): Promise<void> {
  const row = await networkInterfaces.get(tx, account, region, id);
  if (!row?.attachment || row.attachment.id !== attachment!.id || row.attachment.status !== attachment!.status) return;
  const { attachment: present, ...free } = row;
  if (present.unsettled === 'machine') return;
  if (present.unsettled === 'network') {
    await networkInterfaces.put(tx, { ...row, attachment: { ...present, unsettled: 'machine' } });
    return;
  }
  await networkInterfaces.put(tx, present.status === 'attaching' ? { ...row, attachment: { ...present, status: 'attached' } } : free);
}
