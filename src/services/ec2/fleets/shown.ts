/** How fleets and their parts are shown. */

import type { Output } from '../sdk.ts';
import { tagSet } from '../tags/tag-specifications.ts';
import { unitsOf, type Fault, type Fleet, type FleetInstance, type Lifecycle, type PurchaseRules } from './fleet.ts';

type Shown = NonNullable<Output<'DescribeFleets'>['Fleets']>[number];
type ShownLaunch = NonNullable<Output<'CreateFleet'>['Instances']>[number];
type Member = FleetInstance & { runs: boolean };

const launchOf = ({ configs }: Fleet, { config, override }: Pick<FleetInstance, 'config' | 'override'>) => ({
  LaunchTemplateSpecification: configs[config]?.template,
  Overrides: override as object,
});

/** Instances of one launch together. */
export function launchedShown(row: Fleet, members: readonly Member[]): ShownLaunch[] {
  const groups = new Map<string, Member[]>();
  for (const one of members) {
    const key = JSON.stringify([one.config, one.override, one.lifecycle, one.type]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => ({
    LaunchTemplateAndOverrides: launchOf(row, group[0]!),
    Lifecycle: group[0]!.lifecycle,
    InstanceIds: group.map(({ instance }) => instance),
    InstanceType: group[0]!.type as NonNullable<ShownLaunch['InstanceType']>,
  }));
}

export const faultsShown = (row: Fleet) =>
  (row.faults ?? []).map((one: Fault) => ({
    ...{ LaunchTemplateAndOverrides: launchOf(row, one), Lifecycle: one.lifecycle, ErrorCode: one.code, ErrorMessage: one.message },
  }));

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FleetData.html */
export function activityOf(
  { state, faults, targets }: Fleet,
  members: readonly Member[],
): NonNullable<Shown['ActivityStatus']> | undefined {
  if (state === 'deleted_terminating') return 'pending_termination';
  if (state.startsWith('deleted')) return undefined;
  const has = (lifecycle: Lifecycle): number => unitsOf(members, lifecycle);
  if (has('spot') >= targets.spot && has('on-demand') >= targets.onDemand)
    return unitsOf(members) > targets.total ? 'pending_termination' : 'fulfilled';
  return faults?.length ? 'error' : 'pending_fulfillment';
}

const rulesShown = ({ singleType, singleZone, least, dollarsMax }: PurchaseRules) => ({
  ...(singleType && { SingleInstanceType: true }),
  ...(singleZone && { SingleAvailabilityZone: true }),
  ...(least !== undefined && { MinTargetCapacity: least }),
  ...(dollarsMax !== undefined && { MaxTotalPrice: dollarsMax }),
});

/** EC2 answers `lowestPrice`, where its model says `lowest-price`. */
const strategyShown = <Strategy extends string>(strategy: Strategy): Strategy =>
  strategy === 'lowest-price' ? ('lowestPrice' as Strategy) : strategy;

export function fleetShown(row: Fleet & { members: readonly Member[] }): Shown {
  const { targets, members, spot, onDemand } = row;
  const activity = activityOf(row, members);
  return {
    ...{ FleetId: row.id, FleetState: row.state, Type: row.type, CreateTime: new Date(row.created) },
    ...(activity && { ActivityStatus: activity }),
    ...(row.clientToken !== undefined && { ClientToken: row.clientToken }),
    ...{ FulfilledCapacity: unitsOf(members), FulfilledOnDemandCapacity: unitsOf(members, 'on-demand') },
    LaunchTemplateConfigs: row.configs.map((one) => ({ LaunchTemplateSpecification: one.template, Overrides: one.overrides as object[] })),
    TargetCapacitySpecification: {
      ...{ TotalTargetCapacity: targets.total, OnDemandTargetCapacity: targets.onDemand, SpotTargetCapacity: targets.spot },
      DefaultTargetCapacityType: targets.kind,
    },
    SpotOptions: {
      ...{ AllocationStrategy: strategyShown(spot.strategy), InstanceInterruptionBehavior: 'terminate', ...rulesShown(spot) },
      ...(spot.strategy === 'lowest-price' && { InstancePoolsToUseCount: spot.pools }),
    },
    OnDemandOptions: { AllocationStrategy: strategyShown(onDemand.strategy), ...rulesShown(onDemand) },
    ...{
      ExcessCapacityTerminationPolicy: row.excess,
      TerminateInstancesWithExpiration: row.terminatesAtEnd,
      ReplaceUnhealthyInstances: false,
    },
    ...(row.validFrom !== undefined && { ValidFrom: new Date(row.validFrom) }),
    ...(row.validUntil !== undefined && { ValidUntil: new Date(row.validUntil) }),
    ...(row.type === 'instant' && {
      Instances: launchedShown(
        row,
        members.filter(({ runs }) => runs),
      ),
      Errors: faultsShown(row),
    }),
    ...tagSet(row),
  };
}
