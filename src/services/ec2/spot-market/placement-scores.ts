/** GetSpotPlacementScores: how likely it is that a region or a zone has room. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-sps-works.html */

import { regions as allRegions, zonesOf } from '../../../framework/regions.ts';
import { invalidParameterValue, missingParameter, notBuilt } from '../errors.ts';
import { instanceTypes, launchedType, type InstanceType } from '../instance-types/instance-type.ts';
import { instancesIn } from '../instances/instance.ts';
import type { Operation } from '../sdk.ts';
import { poolInstances } from './market.ts';

const scoresMax = 10;
const capacityMax = 2_000_000_000;
const pageSizes = { min: 10, max: 1000 } as const;
/** With fewer types a request is hardly flexible, and its score is low. */
const flexibleTypes = 3;
const inflexibleScore = 3;

const regionNames = allRegions.map(({ name }) => name);

export const GetSpotPlacementScores: Operation<'GetSpotPlacementScores'> = async (request, input) => {
  if (input.InstanceRequirementsWithMetadata) throw notBuilt('GetSpotPlacementScores', 'InstanceRequirementsWithMetadata');
  const { TargetCapacity: target, MaxResults: limit = scoresMax, TargetCapacityUnitType: unit = 'units' } = input;
  if (!input.InstanceTypes?.length) throw missingParameter('InstanceTypes');
  if (!Number.isInteger(target) || target < 1 || target > capacityMax)
    throw invalidParameterValue(`Value (${target}) for parameter targetCapacity is invalid.`);
  if (limit < pageSizes.min || limit > pageSizes.max) throw invalidParameterValue(`Value (${limit}) for parameter maxResults is invalid.`);
  const types = [...new Set(input.InstanceTypes)].map(launchedType);
  const regions = input.RegionNames?.length ? [...new Set(input.RegionNames)] : [...regionNames];
  const unknown = regions.find((name) => !regionNames.includes(name));
  if (unknown !== undefined) throw invalidParameterValue(`Invalid value '${unknown}' for RegionNames.`);
  const running = await request.store.read((tx) => instancesIn(tx, ['pending', 'running']));
  const roomIn = (zone: string): number =>
    types.reduce(
      (sum, type) =>
        sum +
        unitsOf(type, unit) * Math.max(0, poolInstances - running.filter((one) => one.zone === zone && one.type === type.name).length),
      0,
    );
  const scored = (room: number): number =>
    Math.min(types.length < flexibleTypes ? inflexibleScore : scoresMax, Math.max(1, Math.floor((scoresMax * room) / target)));
  const scores = regions.flatMap((Region) => {
    const zones = zonesOf(Region);
    if (input.SingleAvailabilityZone) return zones.map(({ name, id }) => ({ Region, AvailabilityZoneId: id, Score: scored(roomIn(name)) }));
    return [{ Region, Score: scored(zones.reduce((sum, { name }) => sum + roomIn(name), 0)) }];
  });
  return { SpotPlacementScores: scores.toSorted((a, b) => b.Score - a.Score).slice(0, Math.min(limit, scoresMax)) };
};

function unitsOf(type: InstanceType, unit: string): number {
  const { vcpus, mebibytes } = instanceTypes.get(type.name)!;
  if (unit === 'vcpu') return vcpus;
  if (unit === 'memory-mib') return mebibytes;
  if (unit === 'units') return 1;
  throw invalidParameterValue(`Value (${unit}) for parameter targetCapacityUnitType is invalid.`);
}
