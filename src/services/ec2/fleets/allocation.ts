/** Which pools a fleet launches from, and how many instances of each: pure rules. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-allocation-strategy.html */

import type { Lifecycle, OnDemandRules, Override, SpotRules } from './fleet.ts';

/** A type in a zone, as one override of one template has it. */
export type FleetPool = {
  config: number;
  override: Override;
  type: string;
  zone: string;
  /** Units that one instance counts. */
  weight: number;
  /** The lower, the sooner. */
  priority: number;
  /** Dollars an hour for one instance. */
  price: number;
  /** How many more instances it has room for. */
  spare: number;
};

export type Portion = { pool: FleetPool; count: number };

const unitPrice = (pool: FleetPool): number => pool.price / pool.weight;
const byPrice = (a: FleetPool, b: FleetPool): number => unitPrice(a) - unitPrice(b);
/** Pools whose room differs by less are alike to a strategy that looks at capacity. */
const roomStep = 10;
const roomOf = (pool: FleetPool): number => Math.ceil(Math.max(0, pool.spare) / roomStep);

/** The best first. */
export function ranked(pools: readonly FleetPool[], strategy: SpotRules['strategy'] | OnDemandRules['strategy']): FleetPool[] {
  const compare: Readonly<Record<typeof strategy, (a: FleetPool, b: FleetPool) => number>> = {
    'lowest-price': byPrice,
    diversified: byPrice,
    prioritized: (a, b) => a.priority - b.priority || byPrice(a, b),
    'capacity-optimized': (a, b) => b.spare - a.spare || byPrice(a, b),
    'capacity-optimized-prioritized': (a, b) => roomOf(b) - roomOf(a) || a.priority - b.priority || byPrice(a, b),
    'price-capacity-optimized': (a, b) => unitPrice(a) / (1 + roomOf(a)) - unitPrice(b) / (1 + roomOf(b)),
  };
  return pools.toSorted(compare[strategy]);
}

/** Pools of one type or one zone alone, where the fleet is to have no more: those of the best one. */
export function confined(
  pools: readonly FleetPool[],
  { singleType, singleZone }: { singleType?: boolean; singleZone?: boolean },
): FleetPool[] {
  const [best] = pools;
  return pools.filter((pool) => (!singleType || pool.type === best!.type) && (!singleZone || pool.zone === best!.zone));
}

/** So many units, spread over the first of the ranked pools as the strategy has it: each pool in turn gets one instance. */
export function portions(
  pools: readonly FleetPool[],
  units: number,
  lifecycle: Lifecycle,
  spot: Pick<SpotRules, 'strategy' | 'pools'>,
): Portion[] {
  const wide = lifecycle === 'spot' && spot.strategy === 'diversified' ? pools.length : 1;
  const several = lifecycle === 'spot' && spot.strategy === 'lowest-price' ? spot.pools : 1;
  const used = pools.slice(0, Math.max(wide, several));
  const counts = new Map<FleetPool, number>();
  let left = units;
  for (let turn = 0; left > 0 && used.length > 0; turn++) {
    const pool = used[turn % used.length]!;
    counts.set(pool, (counts.get(pool) ?? 0) + 1);
    left -= pool.weight;
  }
  return [...counts].map(([pool, count]) => ({ pool, count }));
}
