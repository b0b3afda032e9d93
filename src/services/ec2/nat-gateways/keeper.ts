/** Brings NAT gateways from pending to available when their interface is there, and deleted ones out of the world. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { isDown, zoneFaults } from '../../../framework/zone-faults.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { natGateways, type NatGateway } from './nat-gateway.ts';
import { release } from './secondary.ts';

/** How long AWS shows a gateway that was deleted. */
const shownMilliseconds = 3_600_000;

export const natGatewayKeeper: Reconciler = {
  name: 'ec2/nat-gateways',
  watches: [natGateways, networkInterfaces, zoneFaults],
  run: async ({ store, now, host }) => {
    const obstacle = await host.networks.obstacle();
    const rows = (await store.read((tx) => natGateways.scan(tx))).map(({ row }) => row);
    const times: number[] = [];
    for (const row of rows) {
      if (row.state === 'pending') await store.write((tx) => advance(tx, row, obstacle));
      if (row.state === 'deleting') await store.write((tx) => remove(tx, row, now));
      const until = row.deletedAt === undefined ? undefined : row.deletedAt + shownMilliseconds;
      if (until === undefined) continue;
      if (until <= now) await store.write((tx) => natGateways.delete(tx, row.account, row.region, row.id));
      else times.push(until);
    }
    return times.length > 0 ? { nextAt: Math.min(...times) } : undefined;
  },
};

async function advance(tx: WriteTransaction, { account, region, id }: NatGateway, obstacle: string | undefined): Promise<void> {
  const row = await natGateways.get(tx, account, region, id);
  const port = row && (await networkInterfaces.get(tx, account, region, row.networkInterface));
  if (row?.state !== 'pending' || (port && (await isDown(tx, port.zone)))) return;
  if (obstacle !== undefined) await natGateways.put(tx, { ...row, state: 'failed', failure: { code: 'InternalError', message: obstacle } });
  else if (port?.attachment?.status === 'attached') await natGateways.put(tx, { ...row, state: 'available' });
}

/** Its interface goes, and its elastic addresses are free again. */
async function remove(tx: WriteTransaction, { account, region, id }: NatGateway, now: number): Promise<void> {
  const row = await natGateways.get(tx, account, region, id);
  if (row?.state !== 'deleting') return;
  for (const allocation of [row.allocation, ...(row.secondary ?? []).map((one) => one.allocation)])
    if (allocation !== undefined) await release(tx, row, allocation);
  await networkInterfaces.delete(tx, account, region, row.networkInterface);
  await natGateways.put(tx, { ...row, state: 'deleted', deletedAt: now });
}
