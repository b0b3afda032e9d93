/** What a call says of a spot fleet, checked, and with AWS's defaults, as the record of a fleet has it. */

import { invalidParameterCombination, notBuilt } from '../errors.ts';
import type { Fleet, FleetConfig, Override, Targets } from '../fleets/fleet.ts';
import { checkedConfigs, checkedOverride, checkedRules, isPrice, limits, timesOf } from '../fleets/request.ts';
import { overrideOf } from '../fleets/specification.ts';
import type { Input } from '../sdk.ts';
import { tagsFor } from '../tags/tag-specifications.ts';
import { configInvalid } from './spot-fleet.ts';

export type SpotFleetConfig = Input<'RequestSpotFleet'>['SpotFleetRequestConfig'];
type TemplateConfigs = SpotFleetConfig['LaunchTemplateConfigs'];

const operation = 'RequestSpotFleet';
const unbuilt = ['SpotMaintenanceStrategies', 'ReplaceUnhealthyInstances', 'LoadBalancersConfig', 'Context'] as const;
const unbuiltOfLaunch = ['AddressingType', 'KernelId', 'RamdiskId', 'InstanceRequirements'] as const;

type Checked = Pick<
  Fleet,
  'type' | 'configs' | 'targets' | 'spot' | 'onDemand' | 'excess' | 'validFrom' | 'validUntil' | 'terminatesAtEnd'
>;

/** Throws InvalidSpotFleetRequestConfig, what CreateFleet throws for the same, or NotImplemented. */
export function checkedSpotFleet(given: SpotFleetConfig, now: number): Checked {
  for (const name of unbuilt) if (given[name]) throw notBuilt(operation, name);
  const { Type: type = 'maintain', InstanceInterruptionBehavior: behavior = 'terminate', TargetCapacityUnitType: unit = 'units' } = given;
  if (type !== 'request' && type !== 'maintain') throw configInvalid('Type');
  if (behavior !== 'terminate') throw notBuilt(operation, `InstanceInterruptionBehavior ${behavior}`);
  if (unit !== 'units') throw notBuilt(operation, `TargetCapacityUnitType ${unit}`);
  if (given.SpotPrice && !isPrice(given.SpotPrice)) throw configInvalid('SpotPrice');
  const targets = checkedCapacity(given.TargetCapacity, given.OnDemandTargetCapacity ?? 0);
  if (targets.total === 0 && type === 'request') throw configInvalid('TargetCapacity');
  return {
    ...{ type, targets, configs: configsOf(given) },
    ...checkedRules(rulesOf(given), type),
    ...timesOf(given, now),
  };
}

export function checkedCapacity(total: number | undefined, onDemand: number): Targets {
  const isCapacity = (value: number | undefined): value is number =>
    value !== undefined && Number.isInteger(value) && value >= 0 && value <= limits.capacity;
  if (!isCapacity(total)) throw configInvalid('TargetCapacity');
  if (!isCapacity(onDemand) || onDemand > total) throw configInvalid('OnDemandTargetCapacity');
  return { total, onDemand, spot: total - onDemand, kind: 'spot' };
}

const rulesOf = (given: SpotFleetConfig): Parameters<typeof checkedRules>[0] => ({
  SpotOptions: {
    AllocationStrategy: given.AllocationStrategy as never,
    InstancePoolsToUseCount: given.InstancePoolsToUseCount,
    MaxTotalPrice: given.SpotMaxTotalPrice,
  },
  OnDemandOptions: { AllocationStrategy: given.OnDemandAllocationStrategy as never, MaxTotalPrice: given.OnDemandMaxTotalPrice },
  ExcessCapacityTerminationPolicy: excessOf(given.ExcessCapacityTerminationPolicy),
});

export function excessOf(given: SpotFleetConfig['ExcessCapacityTerminationPolicy'] = 'default'): Fleet['excess'] {
  if (given !== 'default' && given !== 'noTermination') throw configInvalid('ExcessCapacityTerminationPolicy');
  return given === 'default' ? 'termination' : 'no-termination';
}

function configsOf({
  LaunchSpecifications: launches,
  LaunchTemplateConfigs: templates,
  SpotPrice: maxPrice,
}: SpotFleetConfig): FleetConfig[] {
  if (launches?.length && templates?.length)
    throw invalidParameterCombination('LaunchSpecifications and LaunchTemplateConfigs cannot both be specified.');
  if (templates?.length) return templateConfigs(templates, maxPrice);
  if (!launches?.length || launches.length > limits.configs) throw configInvalid('LaunchSpecifications');
  return launches.map((launch) => {
    for (const name of unbuiltOfLaunch) if (launch[name]) throw notBuilt(operation, `LaunchSpecifications.${name}`);
    if (launch.ImageId === undefined) throw configInvalid('LaunchSpecifications.ImageId');
    if (launch.InstanceType === undefined) throw configInvalid('LaunchSpecifications.InstanceType');
    if (launch.Placement?.Tenancy === 'host') throw configInvalid('LaunchSpecifications.Placement.Tenancy');
    tagsFor(launch.TagSpecifications, 'instance');
    const { AvailabilityZone, SubnetId, ...override } = checkedOverride(placeless(overrideOf(launch, maxPrice)), operation);
    return { launch, overrides: [{ ...override, ...(SubnetId ? { SubnetId } : AvailabilityZone && { AvailabilityZone }) }] };
  });
}

/** A specification may name both: its subnet says the zone. */
const placeless = ({ AvailabilityZone: zone, ...rest }: Override): Override => ({
  ...rest,
  ...(!rest.SubnetId && zone && { AvailabilityZone: zone }),
});

/** Their overrides in the words of CreateFleet. */
export const templateConfigs = (given: TemplateConfigs, maxPrice?: string): FleetConfig[] =>
  checkedConfigs(
    given?.map(({ LaunchTemplateSpecification, Overrides }) => ({
      LaunchTemplateSpecification,
      Overrides: overridesOf(Overrides, maxPrice),
    })),
    operation,
  );

function overridesOf(given: NonNullable<TemplateConfigs>[number]['Overrides'], maxPrice: string | undefined): Override[] {
  const all: NonNullable<typeof given> = given?.length ? given : [{}];
  return all.map(({ SpotPrice, ...one }) => {
    const price = SpotPrice || maxPrice;
    return { ...one, ...(price && { MaxPrice: price }) } as Override;
  });
}
