/** What running instances cost: by the second, a minute at least. https://aws.amazon.com/ec2/pricing/on-demand/ */

import { hourMilliseconds, hourOf, type Span } from '../../../framework/billing/month.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { table } from '../../../store/table.ts';
import { dedicatedDollars } from '../prices/prices.ts';
import { cover, cut, type Slice } from '../reserved-instances/coverage.ts';
import { poolFacts, priceAt, type PoolFacts } from '../spot-market/pools.ts';
import type { Instance } from './instance.ts';

/** Milliseconds; a run costs as long at least. */
export const meteredEvery = 60_000;

/** Until when the last run of an instance has been metered, so that no second counts twice, whoever looks after it. */
export type MeteredRun = {
  instance: string;
  /** The run: when it was launched. */
  run: number;
  to: number;
  /** Nothing more comes of this run. */
  ended?: true;
};

export const meteredRuns = table<MeteredRun>('ec2/metered-runs', { key: (row) => [row.instance] });

/**
 * Records what has passed since the last look, a minute at a time: the first is due at once. Written down before it is metered: a
 * crash in between forgets a minute rather than charging it twice.
 */
export async function meterInstance(context: ReconcilerContext, row: Instance): Promise<void> {
  const now = context.clock.now();
  const last = await lastRun(context, row);
  const from = last?.to ?? row.launched;
  if (last ? now - from < meteredEvery : now < from) return;
  await meter(context, row, { from, to: last ? now : Math.max(now, row.launched + meteredEvery) });
}

/** Records the rest of a run that is over. Of one that never ran there is none. */
export async function meterEnd(context: ReconcilerContext, row: Instance): Promise<void> {
  const last = await lastRun(context, row);
  if (!last || last.ended) return;
  await meter(context, row, { from: last.to, to: Math.max(last.to, context.clock.now()) }, true);
}

async function lastRun({ store }: ReconcilerContext, { id, launched }: Instance): Promise<MeteredRun | undefined> {
  const last = await store.read((tx) => meteredRuns.get(tx, id));
  return last?.run === launched ? last : undefined;
}

async function meter(context: ReconcilerContext, row: Instance, { from, to }: Span, ended = false): Promise<void> {
  const { slices, prices } = await context.store.write(async (tx) => {
    await meteredRuns.put(tx, { instance: row.id, run: row.launched, to, ...(ended && { ended }) });
    return { slices: await cover(tx, row, from, to), prices: row.spot && (await poolFacts(tx, row)) };
  });
  record(context, row, slices, prices);
  if (ended && isFree(row, to)) record(context, row, cut(row.launched, to), prices, -1);
}

/**
 * Hour by hour, also where the clock has leapt: what reservations cover costs nothing more, and the price of a spot instance is that at
 * the beginning of each of its hours.
 * @param sign minus one takes back what was recorded.
 */
function record(
  { meter: counter }: ReconcilerContext,
  row: Instance,
  slices: readonly Slice[],
  prices?: PoolFacts,
  sign: 1 | -1 = 1,
): void {
  const { account, region, id } = row;
  for (const { from, to, covered } of slices) {
    const use = (milliseconds: number, rate: string | undefined): void => {
      if (milliseconds <= 0) return;
      counter.record({
        ...{ account, region, service: 'ec2', operation: 'RunInstances', at: from, usageType: usageTypeOf(row) },
        ...{ quantity: (sign * milliseconds) / 1000, unit: 'Seconds', resource: `arn:aws:ec2:${region}:${account}:instance/${id}` },
        ...(rate !== undefined && { rate }),
      });
    };
    use(covered, '0');
    use(to - from - covered, prices ? String(priceAt(prices, Math.max(hourOf(from), row.launched))) : listless(row));
  }
}

/** As the Cost and Usage Report names it. */
function usageTypeOf({ spot, tenancy, type }: Instance): string {
  if (spot) return `SpotUsage:${type}`;
  return `${tenancy === 'host' ? 'HostBoxUsage' : tenancy === 'dedicated' ? 'DedicatedUsage' : 'BoxUsage'}:${type}`;
}

/** What no price list says: a dedicated instance's price; on a host nothing, which is paid itself. */
function listless({ tenancy, type }: Instance): string | undefined {
  if (tenancy === 'host') return '0';
  return tenancy === 'dedicated' ? dedicatedDollars(type) : undefined;
}

/**
 * A spot instance that EC2 takes back in its first hour costs nothing:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/billing-for-interrupted-spot-instances.html
 */
const isFree = ({ reason, launched }: Instance, to: number): boolean =>
  reason?.code.startsWith('Server.SpotInstance') === true && to - launched < hourMilliseconds;
