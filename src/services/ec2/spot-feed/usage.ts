/** What spot instances used, hour by hour, until the data feed has told it. */

import { hourOf } from '../../../framework/billing/month.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import type { Instance } from '../instances/instance.ts';
import { cut, type Slice } from '../reserved-instances/coverage.ts';
import type { Place } from '../resource.ts';
import { priceAt, type PoolFacts } from '../spot-market/pools.ts';
import { maximumOf, spotRequests } from '../spot-requests/spot-request.ts';
import { spotFeeds } from './subscription.ts';

/** One hour of one run of an instance. Times are milliseconds of cloud time, prices dollars an hour. */
export type SpotUse = {
  account: string;
  region: string;
  /** When the hour began. */
  hour: number;
  /** The file that tells it, counted from one within the hour. */
  file: number;
  instance: string;
  /** When the instance was launched. */
  run: number;
  request: string;
  type: string;
  maxPrice: number;
  price: number;
  milliseconds: number;
  /** EC2 took the instance back in its first hour. */
  free?: true;
};

export const spotUses = table<SpotUse>('ec2/spot-uses', {
  key: (row) => [row.account, row.region, row.hour, row.file, row.instance, row.run],
});

/** The file of an hour to which use is added still; those before it are written, or about to be. No row: the first. */
export type SpotHour = { account: string; region: string; hour: number; file: number };

export const spotHours = table<SpotHour>('ec2/spot-hours', { key: (row) => [row.account, row.region, row.hour] });

/** Part of the write that meters a run, so that the feed says of each second what the bill does, once. */
export async function noteSpotUse(tx: WriteTransaction, row: Instance, slices: readonly Slice[], prices: PoolFacts): Promise<void> {
  const { account, region, id, launched, type } = row;
  const feed = await spotFeeds.get(tx, account, region);
  if (!feed || feed.fault) return;
  const request = await spotRequests.get(tx, account, region, row.spot!.request);
  const maxPrice = request ? maximumOf(request) : instanceTypes.get(type)!.dollarsPerHour;
  for (const { from, to } of slices) {
    const key = await openKey(tx, row, from);
    const known = await spotUses.get(tx, key.account, key.region, key.hour, key.file, id, launched);
    await spotUses.put(tx, {
      ...{ ...key, instance: id, run: launched, request: row.spot!.request, type, maxPrice },
      ...{ price: priceAt(prices, timeOf(key.hour, launched)), milliseconds: (known?.milliseconds ?? 0) + to - from },
    });
  }
}

/** The run that ends costs nothing. Its hours have not been told: the feed waits until an instance is an hour old. */
export async function forgiveSpotUse(tx: WriteTransaction, row: Instance, to: number): Promise<void> {
  for (const { from } of cut(row.launched, to)) {
    const key = await openKey(tx, row, from);
    const known = await spotUses.get(tx, key.account, key.region, key.hour, key.file, row.id, row.launched);
    if (known) await spotUses.put(tx, { ...known, free: true });
  }
}

/** The moment whose price holds for an hour of a run. */
export const timeOf = (hour: number, run: number): number => Math.max(hour, run);

async function openKey(tx: WriteTransaction, { account, region }: Place, at: number) {
  const hour = hourOf(at);
  return { account, region, hour, file: (await spotHours.get(tx, account, region, hour))?.file ?? 1 };
}

/** Forgets what no file will tell. */
export async function dropSpotUses(tx: WriteTransaction, { account, region }: Place): Promise<void> {
  for (const { row } of await spotUses.scan(tx, [account, region]))
    await spotUses.delete(tx, account, region, row.hour, row.file, row.instance, row.run);
  for (const { row } of await spotHours.scan(tx, [account, region])) await spotHours.delete(tx, account, region, row.hour);
}
