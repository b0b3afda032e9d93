/** The prices of pools: the market's, with the load that was there, and what the owner of the cloud has set instead. */

import { setSpotPrices, spotSeed, type SetSpotPrice } from '../../../framework/spot-faults.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { table, type Scanned } from '../../../store/table.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import { instancesIn } from '../instances/instance.ts';
import { marketPrice, nextStep, stepStart, type Pool } from './market.ts';

/** From `at` on so many instances of a type run in a zone, whosever they are. */
export type PoolLoad = { zone: string; type: string; at: number; running: number; /** There is no newer one. */ latest?: true };

export const poolLoads = table<PoolLoad, 'latest'>('ec2/spot-loads', {
  key: (row) => [row.zone, row.type, row.at],
  indexes: { latest: (row) => (row.latest ? [row.zone, row.type] : undefined) },
});

/** All that a pool's prices are made of. Loads and set prices are in the order of time. */
export type PoolFacts = { pool: Pool; onDemand: number; seed: number; loads: readonly PoolLoad[]; set: readonly SetSpotPrice[] };

export async function poolFacts(tx: ReadTransaction, pool: Pool): Promise<PoolFacts> {
  const key = [pool.zone, pool.type];
  return factsOf(tx, pool, await poolLoads.scan(tx, key), await setSpotPrices.scan(tx, key));
}

async function factsOf(
  tx: ReadTransaction,
  pool: Pool,
  loads: readonly Scanned<PoolLoad>[],
  set: readonly Scanned<SetSpotPrice>[],
): Promise<PoolFacts> {
  return {
    ...{ pool, onDemand: instanceTypes.get(pool.type)!.dollarsPerHour, seed: await spotSeed(tx) },
    ...{ loads: loads.map(({ row }) => row), set: set.map(({ row }) => row) },
  };
}

/** Dollars an hour at a moment. */
export function priceAt({ pool, onDemand, seed, loads, set }: PoolFacts, at: number): number {
  const forced = set.findLast((row) => row.at <= at)?.dollarsPerHour;
  if (forced !== undefined) return forced;
  const start = stepStart(pool, at);
  const running = loads.findLast((row) => row.at <= start)?.running ?? 0;
  return marketPrice({ seed, pool, onDemand, at, running });
}

/** The price of a pool now, in dollars an hour: of all that was before, what holds still is read alone. */
export async function spotPrice(tx: ReadTransaction, pool: Pool, now: number): Promise<number> {
  const key = [pool.zone, pool.type];
  const last = { limit: 1, reverse: true };
  const loads = await poolLoads.between(tx, key, [...key, stepStart(pool, now) + 1], last);
  const set = await setSpotPrices.between(tx, key, [...key, now + 1], last);
  return priceAt(await factsOf(tx, pool, loads, set), now);
}

/** As AWS writes it: `0.003100`. */
export const priceText = (dollars: number): string => dollars.toFixed(6);

export type PriceChange = { at: number; dollarsPerHour: number };

/** How far back the last change before a history may lie. */
const lookBackSteps = 24 * 14;

/** The changes of a pool's price in a span of time, newest first, and the last one before it, which is the price at its start. */
export function priceChanges(facts: PoolFacts, from: number, to: number): PriceChange[] {
  const changes: PriceChange[] = [];
  const moments = momentsOf(facts, from, to);
  let later: PriceChange | undefined;
  // From the newest to the oldest: a moment is a change when the price before it was another one.
  for (const at of moments) {
    const dollarsPerHour = priceAt(facts, at);
    if (later && later.dollarsPerHour !== dollarsPerHour) {
      changes.push(later);
      if (later.at <= from) return changes;
    }
    later = { at, dollarsPerHour };
  }
  return later ? [...changes, later] : changes;
}

/** When the price may have moved, newest first, from some way before the span. */
function momentsOf({ pool, set }: PoolFacts, from: number, to: number): number[] {
  const first = stepStart(pool, from) - lookBackSteps * 3_600_000;
  const moments: number[] = [];
  for (let at = first; at <= to; at = nextStep(pool, at)) moments.push(at);
  moments.push(...set.map(({ at }) => at).filter((at) => at >= first && at <= to));
  return moments.sort((a, b) => b - a);
}

/** Writes down what runs where, when that is not what was written last. */
export async function recordLoads(tx: WriteTransaction, now: number): Promise<void> {
  const running = new Map<string, PoolLoad>();
  for (const { zone, type } of await instancesIn(tx, ['pending', 'running'])) {
    const pool = running.get(`${zone} ${type}`) ?? { zone, type, at: now, running: 0 };
    running.set(`${zone} ${type}`, { ...pool, running: pool.running + 1 });
  }
  for (const { row: old } of await poolLoads.scanIndex(tx, 'latest')) {
    const key = `${old.zone} ${old.type}`;
    const next = running.get(key) ?? { ...old, at: now, running: 0 };
    running.delete(key);
    if (next.running === old.running) continue;
    await replace(tx, old, now);
    await poolLoads.put(tx, { ...next, latest: true });
  }
  for (const row of running.values()) await poolLoads.put(tx, { ...row, latest: true });
}

/** A load that no step began with was in no price. */
async function replace(tx: WriteTransaction, old: PoolLoad, now: number): Promise<void> {
  if (stepStart(old, old.at) === stepStart(old, now)) return poolLoads.delete(tx, old.zone, old.type, old.at).then(() => {});
  const { latest: _no, ...rest } = old;
  await poolLoads.put(tx, rest);
}
