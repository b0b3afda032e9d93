/** Peering connections on the clock: requests that nobody accepts run out, and those that have ended are no longer shown. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { peerings } from './peering.ts';

const shownMilliseconds = 2 * 3_600_000;

export const peeringKeeper: Reconciler = {
  name: 'ec2/vpc-peering-connections',
  watches: [peerings],
  run: async ({ store, now }) => {
    const rows = (await store.read((tx) => peerings.scan(tx))).map(({ row }) => row);
    const dated = rows.filter((row) => row.expires !== undefined);
    for (const seen of dated.filter((row) => row.expires! <= now))
      await store.write(async (tx) => {
        const row = await peerings.get(tx, seen.account, seen.region, seen.id);
        if (row?.expires === undefined || row.expires > now) return;
        if (row.state === 'pending-acceptance')
          await peerings.put(tx, { ...row, state: 'expired', message: 'Request expired.', expires: now + shownMilliseconds });
        else await peerings.delete(tx, row.account, row.region, row.id);
      });
    const coming = dated.map((row) => row.expires!).filter((time) => time > now);
    return coming.length > 0 ? { nextAt: Math.min(...coming) } : undefined;
  },
};
