/** Where the instance of a request may be launched, and for how much. */

import type { ReadTransaction } from '../../../store/store.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { downZones } from '../regions/zone-faults.ts';
import { resourcesIn } from '../resource.ts';
import { spotPrice } from '../spot-market/pools.ts';
import { subnets, subnetType } from '../subnets/subnet.ts';
import type { SpotRequest } from './spot-request.ts';

/** The zones that the launch leaves open: one that it names itself, or those of the default subnets. */
async function zonesFor(tx: ReadTransaction, { account, region, launch }: SpotRequest): Promise<string[]> {
  const primary = launch.NetworkInterfaces?.[0];
  const port =
    primary?.NetworkInterfaceId === undefined ? undefined : await networkInterfaces.get(tx, account, region, primary.NetworkInterfaceId);
  const subnet = launch.SubnetId ?? primary?.SubnetId ?? port?.subnet;
  if (subnet !== undefined) {
    const found = await subnets.get(tx, account, region, subnet);
    return found ? [found.zone] : [];
  }
  const zone = launch.Placement?.AvailabilityZone;
  if (zone) return [zone];
  const all = await resourcesIn(tx, { account, region }, subnetType);
  return [...new Set(all.filter((one) => one.defaultForZone).map((one) => one.zone))].sort();
}

/** The cheapest of them now; undefined where there is none, which the launch itself will say. */
export async function cheapestZone(
  tx: ReadTransaction,
  row: SpotRequest,
  now: number,
): Promise<{ zone: string; price: number; zones: string[] } | undefined> {
  const open = await zonesFor(tx, row);
  const down = await downZones(tx);
  const up = open.filter((zone) => !down.has(zone));
  // Where all are down, the launch says so.
  const zones = up.length > 0 ? up : open;
  const prices: number[] = [];
  for (const zone of zones) prices.push(await spotPrice(tx, { zone, type: row.launch.InstanceType }, now));
  const price = Math.min(...prices);
  return zones.length === 0 ? undefined : { zone: zones[prices.indexOf(price)]!, price, zones };
}
