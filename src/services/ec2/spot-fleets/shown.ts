/** How spot fleets are shown. */

import { unitsOf, type FleetConfig, type FleetInstance, type Fleet } from '../fleets/fleet.ts';
import { activityOf } from '../fleets/shown.ts';
import type { Output } from '../sdk.ts';
import { tagSet } from '../tags/tag-specifications.ts';
import { batchState, type SpotFleet } from './spot-fleet.ts';

type Shown = NonNullable<Output<'DescribeSpotFleetRequests'>['SpotFleetRequestConfigs']>[number];
type ShownConfig = NonNullable<Shown['SpotFleetRequestConfig']>;
export type ShownFleet = SpotFleet & { members: readonly (FleetInstance & { runs: boolean })[] };

/** `price-capacity-optimized` is `priceCapacityOptimized` here. */
const camel = (strategy: string): string => strategy.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());

export function spotFleetShown(row: ShownFleet): Shown {
  const activity = activityOf(row, row.members);
  return {
    ...{ SpotFleetRequestId: row.id, SpotFleetRequestState: batchState(row.state), CreateTime: new Date(row.created) },
    ...(activity && { ActivityStatus: activity }),
    SpotFleetRequestConfig: configShown(row),
    ...tagSet(row),
  };
}

function configShown(row: ShownFleet): ShownConfig {
  const { spot, onDemand, targets, members, spotFleet } = row;
  return {
    ...{ IamFleetRole: spotFleet.role, Type: row.type, InstanceInterruptionBehavior: 'terminate', ReplaceUnhealthyInstances: false },
    ...{ TargetCapacity: targets.total, OnDemandTargetCapacity: targets.onDemand },
    ...{ FulfilledCapacity: unitsOf(members), OnDemandFulfilledCapacity: unitsOf(members, 'on-demand') },
    AllocationStrategy: camel(spot.strategy) as NonNullable<ShownConfig['AllocationStrategy']>,
    OnDemandAllocationStrategy: camel(onDemand.strategy) as NonNullable<ShownConfig['OnDemandAllocationStrategy']>,
    ...(spot.strategy === 'lowest-price' && { InstancePoolsToUseCount: spot.pools }),
    ...(spot.dollarsMax !== undefined && { SpotMaxTotalPrice: spot.dollarsMax }),
    ...(onDemand.dollarsMax !== undefined && { OnDemandMaxTotalPrice: onDemand.dollarsMax }),
    ...(spotFleet.maxPrice !== undefined && { SpotPrice: spotFleet.maxPrice }),
    ...{ ExcessCapacityTerminationPolicy: row.excess === 'termination' ? 'default' : 'noTermination' },
    TerminateInstancesWithExpiration: row.terminatesAtEnd,
    ...(row.clientToken !== undefined && { ClientToken: row.clientToken }),
    ...(row.validFrom !== undefined && { ValidFrom: new Date(row.validFrom) }),
    ...(row.validUntil !== undefined && { ValidUntil: new Date(row.validUntil) }),
    ...launchesShown(row),
  };
}

const launchesShown = ({ configs, spotFleet }: SpotFleet): Pick<ShownConfig, 'LaunchSpecifications' | 'LaunchTemplateConfigs'> =>
  configs.some((one) => one.launch)
    ? { LaunchSpecifications: configs.map((one) => one.launch!) }
    : { LaunchTemplateConfigs: configs.map((one) => templateShown(one, spotFleet.maxPrice)) };

function templateShown({ template, overrides }: FleetConfig, maxPrice: string | undefined) {
  const shown = overrides.map(({ MaxPrice, ...one }) => ({ ...one, ...(MaxPrice && MaxPrice !== maxPrice && { SpotPrice: MaxPrice }) }));
  return { LaunchTemplateSpecification: template, Overrides: shown.filter((one) => Object.keys(one).length > 0) as object[] };
}

/** What an event of a fleet is called in the history of a spot fleet. */
export const eventShown: Readonly<
  Record<'instance-change' | 'fleet-change' | 'service-error', 'instanceChange' | 'fleetRequestChange' | 'error'>
> = {
  'instance-change': 'instanceChange',
  'fleet-change': 'fleetRequestChange',
  'service-error': 'error',
};

const faultNames = new Map([
  ['MaxSpotInstanceCountExceeded', 'spotInstanceCountLimitExceeded'],
  ['UnauthorizedOperation', 'iamFleetRoleInvalid'],
  ['InsufficientInstanceCapacity', 'allLaunchSpecsTemporarilyBlacklisted'],
  ['iamFleetRoleInvalid', 'iamFleetRoleInvalid'],
]);

export const eventNamed = (type: keyof typeof eventShown, what: string): string =>
  type === 'service-error' ? (faultNames.get(what) ?? 'spotFleetRequestConfigurationInvalid') : what.replace(/^deleted/, 'cancelled');

export const isCancelled = ({ state }: Fleet): boolean => state.startsWith('deleted');
