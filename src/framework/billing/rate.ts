/**
 * Rates use: from what the meter counted to the lines of a bill. Pure, and exact: what is used in a month climbs through free allowances
 * and tiers in the order of time, and a record is charged what the sum rises by. Rounding happens to that sum alone, so the charges add up
 * to it however they are grouped: by day, by resource, by account.
 */

import type { DayOfUsage } from '../meter.ts';
import { micros, microsPerUnit, picodollars, picodollarsPerDollar, roundedHalfUp } from './decimal.ts';
import type { Month } from './month.ts';
import { meterUnitsPer, type Allowance, type BillUnit, type Price, type Product, type Tier } from './price.ts';
import { pricedBy, type Priced } from './price-list.ts';
import { prefixed } from './region-prefixes.ts';

/** A part of a record's use that has one rate. */
export type Charge = Pick<DayOfUsage, 'day' | 'account' | 'region' | 'service' | 'operation' | 'resource'> & {
  product: Product;
  /** As on a bill, with its region's prefix: `EU-TimedStorage-ByteHrs`. */
  usageType: string;
  unit: BillUnit;
  about: string;
  /** Millionths of a millionth of a unit of the bill. */
  quantity: bigint;
  /** Dollars a unit, as decimal text. */
  rate: string;
  /** Picodollars. */
  amount: bigint;
  /** Covered by a free allowance; what it would have cost is not said. */
  free?: Allowance['from'];
  /** The region's own figure is not known: the rate is that of us-east-1. */
  borrowed?: true;
  /** No price list has this usage type. */
  unknown?: true;
};

export type FreeTier = {
  always: boolean;
  /** The first year's allowances end here, milliseconds since the epoch; absent: there are none. */
  firstYearUntil?: number;
};

/** What has been used of a pool so far in the month. */
type Pool = {
  /** Millionths of the meter's unit. */
  used: bigint;
  /** The exact amount is this, in picodollars, over millionths of the meter's units in a unit of the bill. */
  exact: bigint;
};

/** Regions that cost what us-east-1 does. */
const alike = new Set(['us-east-1', 'us-east-2', 'us-west-2']);

/** Whether a region's own figure is known. */
export function isKnownIn({ everywhere, elsewhere }: Price, region: string): boolean {
  return everywhere === true || alike.has(region) || (elsewhere !== undefined && Object.hasOwn(elsewhere, region));
}

/**
 * The charges of one month of one bill, in the order of the records, which is to be that of time. Records of several accounts climb the
 * tiers and use up the allowances together, as in consolidated billing.
 */
export function* rate(records: Iterable<DayOfUsage>, month: Pick<Month, 'hours'>, free: FreeTier): Generator<Charge> {
  const pools = new Map<string, Pool>();
  const poolOf = (key: string): Pool => {
    let pool = pools.get(key);
    if (!pool) pools.set(key, (pool = { used: 0n, exact: 0n }));
    return pool;
  };
  for (const record of records) {
    const priced = pricedBy(record);
    if (!priced) continue;
    const { price } = priced;
    const per = meterUnitsPer(price.unit, month.hours) * microsPerUnit;
    const common = commonOf(record, priced);
    let left = micros(record.quantity);
    for (const allowance of price.free ?? []) {
      if (!applies(allowance, free, record.day)) continue;
      const pool = poolOf(`free\n${allowance.from}\n${allowance.shared ?? `${record.service}\n${price.usageType}`}`);
      const room = BigInt(allowance.units) * per - pool.used;
      const taken = room < left ? room : left;
      if (taken <= 0n) continue;
      const quantity = climb(pool, taken, 0n, per).quantity;
      left -= taken;
      yield { ...common, quantity, rate: '0', amount: 0n, free: allowance.from };
    }
    if (left === 0n) continue;
    const pool = poolOf(`${record.region}\n${price.climbsWith ?? `${record.service}\n${price.usageType}\n${record.rate ?? ''}`}`);
    for (const { taken, dollars } of stepsOf(tiersOf(price, record.region), pool, left, per))
      yield { ...common, ...climb(pool, taken, picodollars(dollars), per), rate: dollars };
  }
}

function commonOf(record: DayOfUsage, { product, price, unknown }: Priced) {
  const { day, account, region, service, operation, resource } = record;
  return {
    ...{ day, account, region, service, operation, resource, product },
    ...{ usageType: prefixed(price.usageType, region, product.prefix), unit: price.unit, about: price.about },
    ...(!isKnownIn(price, region) && { borrowed: true as const }),
    ...(unknown && { unknown }),
  };
}

function applies({ from }: Allowance, { always, firstYearUntil }: FreeTier, day: number): boolean {
  return from === 'always' ? always : firstYearUntil !== undefined && day < firstYearUntil;
}

/** The tiers of a price in a region. */
export function tiersOf({ tiers, elsewhere }: Pick<Price, 'tiers' | 'elsewhere'>, region: string): readonly Tier[] {
  return elsewhere && Object.hasOwn(elsewhere, region) ? elsewhere[region]! : tiers;
}

/** What is left, cut where tiers end. The pool is read as it is when each step is asked for. */
function* stepsOf(tiers: readonly Tier[], pool: Pool, left: bigint, per: bigint): Generator<{ taken: bigint; dollars: string }> {
  let rest = left;
  for (const [dollars, to] of tiers) {
    const room = to === undefined ? rest : BigInt(to) * per - pool.used;
    const taken = room < rest ? room : rest;
    if (taken <= 0n) continue;
    rest -= taken;
    yield { taken, dollars };
    if (rest === 0n) return;
  }
}

/** Adds use to a pool; says by how much its rounded quantity and amount have risen. */
function climb(pool: Pool, taken: bigint, price: bigint, per: bigint): { quantity: bigint; amount: bigint } {
  const before = { quantity: unitsOf(pool.used, per), amount: roundedHalfUp(pool.exact, per) };
  pool.used += taken;
  pool.exact += taken * price;
  return { quantity: unitsOf(pool.used, per) - before.quantity, amount: roundedHalfUp(pool.exact, per) - before.amount };
}

const unitsOf = (used: bigint, per: bigint): bigint => roundedHalfUp(used * picodollarsPerDollar, per);
