/** Launch specifications of spot fleets, in the words of RunInstances. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotFleetLaunchSpecification.html */

import type { Input } from '../sdk.ts';
import type { LaunchSpecification, Override } from './fleet.ts';

const alike = ['ImageId', 'KeyName', 'UserData', 'EbsOptimized', 'IamInstanceProfile', 'BlockDeviceMappings', 'NetworkInterfaces'] as const;

/** All but the place, the type and the price, which are its override. */
export function launchData(given: LaunchSpecification): Partial<Input<'RunInstances'>> {
  const { SecurityGroups: groups, Placement: place, Monitoring, TagSpecifications } = given;
  const ids = groups?.flatMap(({ GroupId }) => (GroupId === undefined ? [] : [GroupId]));
  const names = groups?.flatMap(({ GroupId, GroupName }) => (GroupId === undefined && GroupName !== undefined ? [GroupName] : []));
  return {
    ...Object.fromEntries(alike.map((name) => [name, given[name]]).filter(([, value]) => value !== undefined)),
    ...(ids?.length && { SecurityGroupIds: ids }),
    ...(names?.length && { SecurityGroups: names }),
    ...((place?.GroupName || place?.Tenancy) && {
      Placement: { ...(place.GroupName && { GroupName: place.GroupName }), ...(place.Tenancy && { Tenancy: place.Tenancy }) },
    }),
    ...(Monitoring && { Monitoring: { Enabled: Monitoring.Enabled ?? false } }),
    ...(TagSpecifications && { TagSpecifications }),
  };
}

/** @param maxPrice of the fleet, for specifications without a price of their own. */
export function overrideOf(
  { InstanceType, SubnetId, Placement, SpotPrice, WeightedCapacity }: LaunchSpecification,
  maxPrice?: string,
): Override {
  const price = SpotPrice || maxPrice;
  const zone = Placement?.AvailabilityZone;
  return {
    ...(InstanceType && { InstanceType }),
    ...(SubnetId && { SubnetId }),
    ...(zone && { AvailabilityZone: zone }),
    ...(price && { MaxPrice: price }),
    ...(WeightedCapacity !== undefined && { WeightedCapacity }),
  };
}
