/** The reconciler of dedicated hosts: meters them while they are there, and forgets those that were released. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { forgetEnded } from '../forgetting.ts';
import { hostDollars } from '../prices/prices.ts';
import { meteredStandings, meterStanding } from '../prices/standing.ts';
import { hosts, hostType, type DedicatedHost } from './host.ts';

/** For how long one that was released is shown. */
const shownMilliseconds = 3_600_000;

const standing = (row: DedicatedHost) => ({
  ...{ account: row.account, region: row.region, id: row.id, type: hostType, since: row.created, units: 1 },
  ...{ usageType: `HostUsage:${row.family}`, rate: hostDollars(row.family) },
  ...(row.released !== undefined && { ended: row.released }),
});

export const hostKeeper: Reconciler = {
  name: 'ec2/hosts',
  watches: [hosts],
  async run(context) {
    const { store } = context;
    const times: number[] = [];
    for (const { row } of await store.read((tx) => hosts.scanIndex(tx, 'live'))) times.push(await meterStanding(context, standing(row)));
    for (const { row } of await store.read((tx) => hosts.scanIndex(tx, 'released'))) await meterStanding(context, standing(row));
    const next = await forgetEnded(context, hosts, {
      index: 'released',
      until: (row) => row.released! + shownMilliseconds,
      forget: async (tx, row) => {
        await hosts.delete(tx, row.account, row.region, row.id);
        await meteredStandings.delete(tx, row.id);
      },
    });
    if (next !== undefined) times.push(next);
    return times.length > 0 ? { nextAt: Math.min(...times) } : undefined;
  },
};
