/** The reconciler of reserved instances: meters what is paid at once, and each hour of the term, used or not. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { meterStanding } from '../prices/standing.ts';
import { resourceArn } from '../resource.ts';
import { endOf, reservedInstances, reservedType, type ReservedInstances } from './reserved-instances.ts';

export const reservedKeeper: Reconciler = {
  name: 'ec2/reserved-instances',
  watches: [reservedInstances],
  async run(context) {
    const times: number[] = [];
    for (const { row } of await context.store.read((tx) => reservedInstances.scanIndex(tx, 'live'))) {
      context.signal.throwIfAborted();
      const next = await keep(context, row);
      if (next !== undefined) times.push(next);
    }
    return times.length > 0 ? { nextAt: Math.min(...times) } : undefined;
  },
};

async function keep(context: ReconcilerContext, row: ReservedInstances): Promise<number | undefined> {
  const now = context.clock.now();
  if (row.unqueued) return finish(context, row);
  if (row.start > now) return row.start;
  if (!row.charged) await charge(context, row);
  const end = endOf(row);
  const due = await meterStanding(context, {
    ...{ account: row.account, region: row.region, id: row.id, type: reservedType, since: row.start, units: row.count },
    ...{ usageType: `HeavyUsage:${row.type}`, rate: String(row.hourly) },
    ...(end <= now && { ended: end }),
  });
  return end <= now ? finish(context, row) : Math.min(due, end);
}

const finish = (context: ReconcilerContext, row: ReservedInstances): Promise<undefined> => change(context, row, { over: true });

async function change({ store }: ReconcilerContext, row: ReservedInstances, what: Partial<ReservedInstances>): Promise<undefined> {
  await store.write(async (tx) => {
    const present = await reservedInstances.get(tx, row.account, row.region, row.id);
    if (present) await reservedInstances.put(tx, { ...present, ...what });
  });
}

/** Written down before it is metered: a crash in between forgets it rather than charging twice. */
async function charge(context: ReconcilerContext, row: ReservedInstances): Promise<void> {
  await change(context, row, { charged: true });
  if (row.modified || row.fixed === 0) return;
  context.meter.record({
    ...{ account: row.account, region: row.region, service: 'ec2', operation: 'PurchaseReservedInstancesOffering', at: row.start },
    ...{ usageType: `HeavyUsage:${row.type}`, quantity: row.count, unit: 'Count', rate: String(row.fixed) },
    resource: resourceArn(reservedType, row, row.id),
  });
}
