/** Regions, zones and what an account may have. */

import { invalidParameterValue, refusal } from '../errors.ts';
import { compileFilters } from '../filters.ts';
import type { Operation } from '../sdk.ts';
import { regions, zonesOf, type Region, type Zone } from '../../../framework/regions.ts';
import { downZones } from './zone-faults.ts';

const optInStatus = (region: Region): 'opted-in' | 'opt-in-not-required' => (region.optIn ? 'opted-in' : 'opt-in-not-required');

export const DescribeRegions: Operation<'DescribeRegions'> = async (_request, input) => {
  for (const name of input.RegionNames ?? [])
    if (!regions.some((region) => region.name === name))
      throw invalidParameterValue(`Invalid region provided.  ${name} does not exist.`.replace('  ', ' '));
  const fits = compileFilters<Region>(input.Filters, {
    'region-name': (region) => region.name,
    endpoint: (region) => `ec2.${region.name}.amazonaws.com`,
    'opt-in-status': optInStatus,
  });
  const listed = regions.filter((region) => (input.RegionNames?.length ? input.RegionNames.includes(region.name) : true) && fits(region));
  return {
    Regions: listed.map((region) => ({
      RegionName: region.name,
      Endpoint: `ec2.${region.name}.amazonaws.com`,
      OptInStatus: optInStatus(region),
    })),
  };
};

export const DescribeAvailabilityZones: Operation<'DescribeAvailabilityZones'> = async (request, input) => {
  const zones = zonesOf(request.region);
  for (const name of input.ZoneNames ?? [])
    if (!zones.some((zone) => zone.name === name)) throw invalidParameterValue(`Invalid availability zone: [${name}]`);
  for (const id of input.ZoneIds ?? [])
    if (!zones.some((zone) => zone.id === id)) throw invalidParameterValue(`Invalid availability zone-id: [${id}]`);
  const down = await request.store.read(downZones);
  const stateOf = ({ name }: Zone) => (down.has(name) ? ('unavailable' as const) : ('available' as const));
  const fits = compileFilters<Zone>(input.Filters, {
    'zone-name': (zone) => zone.name,
    'zone-id': (zone) => zone.id,
    'region-name': (zone) => zone.region,
    'group-name': (zone) => `${zone.region}-zg-1`,
    state: stateOf,
    'opt-in-status': () => 'opt-in-not-required',
    'zone-type': () => 'availability-zone',
    'network-border-group': (zone) => zone.region,
    message: (zone) => messagesOf(zone, down).map(({ Message }) => Message),
  });
  const wanted = (zone: Zone): boolean =>
    (!input.ZoneNames?.length || input.ZoneNames.includes(zone.name)) && (!input.ZoneIds?.length || input.ZoneIds.includes(zone.id));
  return {
    AvailabilityZones: zones
      .filter((zone) => wanted(zone) && fits(zone))
      .map((zone) => ({
        ...{ ZoneName: zone.name, ZoneId: zone.id, RegionName: zone.region, State: stateOf(zone) },
        ...{ OptInStatus: 'opt-in-not-required' as const, Messages: messagesOf(zone, down), GroupName: `${zone.region}-zg-1` },
        ...{ NetworkBorderGroup: zone.region, ZoneType: 'availability-zone' },
      })),
  };
};

const messagesOf = ({ name }: Zone, down: ReadonlyMap<string, number>): { Message: string }[] =>
  down.has(name) ? [{ Message: `${name} has been unavailable since ${new Date(down.get(name)!).toISOString()}.` }] : [];

const attributes: Readonly<Record<string, readonly string[]>> = {
  'supported-platforms': ['VPC'],
  'default-vpc': [],
  'max-instances': ['20'],
  'vpc-max-security-groups-per-interface': ['5'],
  'max-elastic-ips': ['5'],
  'vpc-max-elastic-ips': ['5'],
};

/** @param defaultVpc its id, or `none`. */
export function accountAttributes(names: readonly string[] | undefined, defaultVpc: string): { name: string; values: string[] }[] {
  for (const name of names ?? [])
    if (!Object.hasOwn(attributes, name))
      throw refusal('InvalidParameterValue')(`Value ( ${name} ) for parameter attributeName is invalid. Unknown attribute.`);
  const listed = names?.length ? names : Object.keys(attributes);
  return listed.map((name) => ({ name, values: name === 'default-vpc' ? [defaultVpc] : [...attributes[name]!] }));
}
