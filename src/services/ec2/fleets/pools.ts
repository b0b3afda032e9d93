/** The pools that a fleet's templates and overrides name, with what they cost and have room for now. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { launchedType } from '../instance-types/instance-type.ts';
import { instancesIn } from '../instances/instance.ts';
import { requireTemplate, requireVersion } from '../launch-templates/launch-template.ts';
import { zoneAsked } from '../regions/zone-asked.ts';
import { downZones } from '../regions/zone-faults.ts';
import { requireResource, resourcesIn, type Place } from '../resource.ts';
import type { Input } from '../sdk.ts';
import { poolInstances } from '../spot-market/market.ts';
import { spotPrice } from '../spot-market/pools.ts';
import { subnetType } from '../subnets/subnet.ts';
import type { FleetPool } from './allocation.ts';
import type { FleetConfig, Lifecycle, Override } from './fleet.ts';
import { launchData } from './specification.ts';

export type TemplateData = Partial<Input<'RunInstances'>>;

/** What a launch of this configuration begins with. */
export async function templateData(tx: ReadTransaction, place: Place, { template, launch }: FleetConfig): Promise<TemplateData> {
  if (!template) return launchData(launch!);
  const row = await requireTemplate(tx, place, template);
  return (await requireVersion(tx, row, template.Version)).data as TemplateData;
}

/** All pools of a fleet. Throws what a launch would throw for templates, types and subnets that are not there. */
export async function poolsOf(
  tx: ReadTransaction,
  place: Place & Pick<ServiceRequest, 'now'>,
  configs: readonly FleetConfig[],
  lifecycle: Lifecycle,
): Promise<FleetPool[]> {
  const running = new Map<string, number>();
  for (const { zone, type } of await instancesIn(tx, ['pending', 'running']))
    running.set(`${zone} ${type}`, (running.get(`${zone} ${type}`) ?? 0) + 1);
  const down = await downZones(tx);
  const pools: FleetPool[] = [];
  for (const [config, one] of configs.entries()) {
    const data = await templateData(tx, place, one);
    for (const override of one.overrides.length > 0 ? one.overrides : [{}]) {
      const type = launchedType(override.InstanceType ?? data.InstanceType ?? 'm1.small');
      for (const { zone, where } of await placesFor(tx, place, override, data)) {
        if (down.has(zone)) continue;
        pools.push({
          ...{ config, override: { ...override, ...where }, type: type.name, zone },
          ...{ weight: override.WeightedCapacity ?? 1, priority: override.Priority ?? Infinity },
          price: lifecycle === 'spot' ? await spotPrice(tx, { zone, type: type.name }, place.now) : type.dollarsPerHour,
          spare: poolInstances - (running.get(`${zone} ${type.name}`) ?? 0),
        });
      }
    }
  }
  return pools;
}

type Somewhere = { zone: string; where: Pick<Override, 'SubnetId' | 'AvailabilityZone'> };

/** Several subnets or zones may be named, with commas between; where none is, those of the default subnets. */
async function placesFor(tx: ReadTransaction, place: Place, override: Override, data: TemplateData): Promise<Somewhere[]> {
  const list = (text: string | undefined): string[] => text?.split(',').map((one) => one.trim()) ?? [];
  const subnets = list(override.SubnetId ?? data.SubnetId ?? data.NetworkInterfaces?.[0]?.SubnetId);
  if (subnets.length > 0) {
    const found = [];
    for (const id of subnets) found.push(await requireResource(tx, place, subnetType, id));
    return found.map(({ id, zone }) => ({ zone, where: { SubnetId: id } }));
  }
  const named = list(override.AvailabilityZone ?? (override.AvailabilityZoneId ? undefined : data.Placement?.AvailabilityZone));
  const zones = [
    ...named.map((AvailabilityZone) => ({ AvailabilityZone })),
    ...list(override.AvailabilityZoneId).map((id) => ({ AvailabilityZoneId: id })),
  ];
  if (zones.length > 0)
    return zones.map((one) => {
      const { name } = zoneAsked(place.region, one)!;
      return { zone: name, where: { AvailabilityZone: name } };
    });
  const all = (await resourcesIn(tx, place, subnetType)).filter((one) => one.defaultForZone);
  return [...new Set(all.map(({ zone }) => zone))].sort().map((zone) => ({ zone, where: { AvailabilityZone: zone } }));
}
