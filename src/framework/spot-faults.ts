/**
 * What the owner of the cloud does to the spot market, so that a program meets an interruption when its author wants it to: an instance
 * is reclaimed, a price is set, the market follows another seed. Durable; the market of EC2 watches these tables.
 */

import type { ReadTransaction } from '../store/store.ts';
import { table } from '../store/table.ts';

/** An instance that is to be interrupted for want of capacity. */
export type SpotReclaim = {
  instance: string;
  /** Since when, cloud time. */
  at: number;
  /** Why that cannot be, for the owner. */
  refused?: string;
};

/** From `at` on the price of a type in a zone is this one, whatever the market says; without a price it is the market's again. */
export type SetSpotPrice = { zone: string; type: string; at: number; dollarsPerHour?: number };

export const spotReclaims = table<SpotReclaim>('framework/spot-reclaims', { key: ({ instance }) => [instance] });
export const setSpotPrices = table<SetSpotPrice>('framework/set-spot-prices', { key: ({ zone, type, at }) => [zone, type, at] });
/** One row: what the market's prices are drawn from. */
export const spotSeeds = table<{ name: 'market'; seed: number }>('framework/spot-seeds', { key: ({ name }) => [name] });

const defaultSeed = 1;

export async function spotSeed(tx: ReadTransaction): Promise<number> {
  return (await spotSeeds.get(tx, 'market'))?.seed ?? defaultSeed;
}
