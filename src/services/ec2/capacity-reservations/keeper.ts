/** The reconciler of capacity reservations: ends those whose time is over, and meters what is reserved and not used. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { forgetEnded } from '../forgetting.ts';
import { instances } from '../instances/instance.ts';
import { dedicatedDollars } from '../prices/prices.ts';
import { meteredStandings, meterStanding } from '../prices/standing.ts';
import { capacityReservations, capacityReservationType, seated, type CapacityReservation } from './capacity-reservation.ts';
import { endReservation } from './ending.ts';

/** For how long one that is over is shown. */
const shownMilliseconds = 3_600_000;

export const reservationKeeper: Reconciler = {
  name: 'ec2/capacity-reservations',
  watches: [capacityReservations, instances],
  async run(context) {
    const { store } = context;
    const times: number[] = [];
    for (const { row } of await store.read((tx) => capacityReservations.scanIndex(tx, 'active'))) {
      context.signal.throwIfAborted();
      times.push(await keep(context, row));
    }
    for (const { row } of await store.read((tx) => capacityReservations.scanIndex(tx, 'ended'))) await meter(context, row);
    const next = await forgetEnded(context, capacityReservations, {
      index: 'ended',
      until: (row) => row.ended! + shownMilliseconds,
      forget: async (tx, row) => {
        await capacityReservations.delete(tx, row.account, row.region, row.id);
        await meteredStandings.delete(tx, row.id);
      },
    });
    if (next !== undefined) times.push(next);
    return times.length > 0 ? { nextAt: Math.min(...times) } : undefined;
  },
};

async function keep(context: ReconcilerContext, row: CapacityReservation): Promise<number> {
  const now = context.clock.now();
  if (row.endsAt !== undefined && row.endsAt <= now) {
    await context.store.write(async (tx) => {
      const present = await capacityReservations.get(tx, row.account, row.region, row.id);
      if (present?.state === 'active' && present.endsAt === row.endsAt) await endReservation(tx, present, 'expired', row.endsAt!);
    });
    return now;
  }
  return Math.min(await meter(context, row), row.endsAt ?? Infinity);
}

async function meter(context: ReconcilerContext, row: CapacityReservation): Promise<number> {
  const used = row.state === 'active' ? (await context.store.read((tx) => seated(tx, row))).length : row.count;
  return meterStanding(context, {
    ...{ account: row.account, region: row.region, id: row.id, type: capacityReservationType, since: row.created },
    ...{ units: row.count - used, usageType: `${row.tenancy === 'dedicated' ? 'UnusedDed' : 'UnusedBox'}:${row.type}` },
    ...(row.tenancy === 'dedicated' && { rate: dedicatedDollars(row.type) }),
    ...(row.ended !== undefined && { ended: row.ended }),
  });
}
