/** Brings a fleet as near to its target as pools and prices let it: launch after launch, from the best pool on. */

import type { WriteTransaction } from '../../../store/store.ts';
import type { Input } from '../sdk.ts';
import { spotPrice } from '../spot-market/pools.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import { confined, portions, ranked, type FleetPool } from './allocation.ts';
import { fleets, membersOf, type Fault, type Fleet, type FleetInstance, type Lifecycle } from './fleet.ts';
import { beginLaunch, finishLaunch, type Means } from './launch.ts';
import { poolsOf } from './pools.ts';

/** Of each lifecycle, in units. */
export type Missing = Record<Lifecycle, number>;

/** Resolves to what could not be launched and why. */
export async function fill(
  means: Means,
  seen: Fleet,
  missing: Missing,
  extra?: Input<'RunInstances'>['TagSpecifications'],
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const lifecycle of ['on-demand', 'spot'] as const)
    if (missing[lifecycle] > 0) faults.push(...(await fillOne(means, seen, lifecycle, missing[lifecycle], extra)));
  return faults;
}

async function fillOne(
  means: Means,
  fleet: Fleet,
  lifecycle: Lifecycle,
  units: number,
  extra?: Input<'RunInstances'>['TagSpecifications'],
): Promise<Fault[]> {
  const { store, now } = means;
  const rules = lifecycle === 'spot' ? fleet.spot : fleet.onDemand;
  const { pools, spent } = await store.read(async (tx) => ({
    pools: await poolsOf(tx, { account: fleet.account, region: fleet.region, now }, fleet.configs, lifecycle),
    spent: rules.dollarsMax === undefined ? 0 : await dollarsOf(tx, await membersOf(tx, fleet), lifecycle, now),
  }));
  const budget = { left: rules.dollarsMax === undefined ? Infinity : Number(rules.dollarsMax) - spent };
  const faults: Fault[] = [];
  const tooDear = pools.filter((pool) => lifecycle === 'spot' && pool.override.MaxPrice && pool.price > Number(pool.override.MaxPrice));
  for (const pool of tooDear)
    faults.push(
      faultOf(
        pool,
        lifecycle,
        'SpotMaxPriceTooLow',
        `Your Spot request price of ${pool.override.MaxPrice} is lower than the minimum required Spot request fulfillment price of ${pool.price}.`,
      ),
    );
  let open = ranked(
    pools.filter((pool) => !tooDear.includes(pool)),
    rules.strategy,
  );
  if (open.length > 0) open = confined(open, rules);
  let left = units;
  while (left > 0 && open.length > 0) {
    for (const { pool, count } of portions(open, left, lifecycle, fleet.spot)) {
      const affordable = Math.min(count, Math.floor(budget.left / pool.price + 1e-9));
      if (affordable < 1) {
        open = open.filter((one) => one !== pool);
        faults.push(faultOf(pool, lifecycle, 'MaxTotalPriceExceeded', 'The maximum total price of the fleet would be exceeded.'));
        continue;
      }
      const launching = await beginLaunch(means, fleet, { pool, count: affordable }, lifecycle);
      if (!launching) return faults;
      const outcome = await finishLaunch(means, fleet, launching, extra);
      if ('fault' in outcome) {
        faults.push(outcome.fault);
        open = open.filter((one) => one !== pool);
        continue;
      }
      left -= outcome.units;
      budget.left -= (outcome.units / pool.weight) * pool.price;
      // Fewer than asked for: the pool is empty.
      if (outcome.units < affordable * pool.weight || affordable < count) open = open.filter((one) => one !== pool);
    }
  }
  return faults;
}

const faultOf = ({ config, override }: FleetPool, lifecycle: Lifecycle, code: string, message: string): Fault => ({
  config,
  override,
  lifecycle,
  code,
  message,
});

async function dollarsOf(
  tx: WriteTransaction | Parameters<typeof membersOf>[0],
  members: readonly (FleetInstance & { runs: boolean })[],
  lifecycle: Lifecycle,
  now: number,
): Promise<number> {
  let sum = 0;
  for (const one of members) {
    if (!one.runs || one.lifecycle !== lifecycle) continue;
    const zone = one.override.AvailabilityZone;
    const onDemand = instanceTypes.get(one.type)!.dollarsPerHour;
    sum += lifecycle === 'spot' && zone !== undefined ? await spotPrice(tx, { zone, type: one.type }, now) : onDemand;
  }
  return sum;
}

/** Changes a fleet that is still there. */
export async function changeFleet(
  means: Pick<Means, 'store'>,
  { account, region, id }: Fleet,
  make: (present: Fleet, tx: WriteTransaction) => Fleet | Promise<Fleet>,
): Promise<void> {
  await means.store.write(async (tx) => {
    const present = await fleets.get(tx, account, region, id);
    if (present) await fleets.put(tx, await make(present, tx));
  });
}
