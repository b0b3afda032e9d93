/** What a call says of a fleet, checked, and with AWS's defaults. */

import { invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt } from '../errors.ts';
import { launchedType } from '../instance-types/instance-type.ts';
import type { Input } from '../sdk.ts';
import type { Fleet, FleetConfig, OnDemandRules, Override, PurchaseRules, SpotRules, Targets } from './fleet.ts';

type FleetInput = Input<'CreateFleet'>;

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/fleet-quotas.html */
export const limits = { configs: 50, overrides: 300, capacity: 10_000 } as const;

/** @param operation that of the call, for what it does not have. */
export function checkedConfigs(given: FleetInput['LaunchTemplateConfigs'] | undefined, operation = 'CreateFleet'): FleetConfig[] {
  if (!given?.length) throw missingParameter('LaunchTemplateConfigs');
  if (given.length > limits.configs) throw invalidParameterValue(`A fleet has at most ${limits.configs} launch template configurations.`);
  if (given.reduce((sum, one) => sum + (one.Overrides?.length ?? 0), 0) > limits.overrides)
    throw invalidParameterValue(`A fleet has at most ${limits.overrides} overrides.`);
  return given.map(({ LaunchTemplateSpecification: template, Overrides = [] }) => {
    if (!template) throw missingParameter('LaunchTemplateSpecification');
    if (!template.Version) throw missingParameter('LaunchTemplateSpecification.Version');
    const { LaunchTemplateId, LaunchTemplateName, Version } = template;
    return {
      template: { Version, ...(LaunchTemplateId && { LaunchTemplateId }), ...(LaunchTemplateName && { LaunchTemplateName }) },
      overrides: Overrides.map((one) => checkedOverride(one, operation)),
    };
  });
}

/** Throws InvalidParameterValue, InvalidParameterCombination, or NotImplemented in the name of the operation. */
export function checkedOverride(given: Override, operation: string): Override {
  if (given.InstanceRequirements) throw notBuilt(operation, 'InstanceRequirements');
  const { InstanceType, MaxPrice, WeightedCapacity, Priority } = given;
  if (InstanceType !== undefined) launchedType(InstanceType);
  if (given.SubnetId && (given.AvailabilityZone ?? given.AvailabilityZoneId))
    throw invalidParameterCombination('An override names a subnet or an Availability Zone, but not both.');
  if (MaxPrice !== undefined && MaxPrice !== '' && !isPrice(MaxPrice))
    throw invalidParameterValue(`Invalid value '${MaxPrice}' for the maximum price.`);
  if (WeightedCapacity !== undefined && !(WeightedCapacity > 0 && WeightedCapacity <= limits.capacity))
    throw invalidParameterValue(`Value (${WeightedCapacity}) for parameter weightedCapacity is invalid.`);
  if (Priority !== undefined && !(Priority >= 0)) throw invalidParameterValue(`Value (${Priority}) for parameter priority is invalid.`);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Override;
}

export const isPrice = (text: string): boolean => /^\d{1,6}(\.\d{1,10})?$/.test(text) && Number(text) > 0;

/** What is said of neither purchase option goes to the default one. */
export function checkedTargets(given: FleetInput['TargetCapacitySpecification'] | undefined): Targets {
  if (!given) throw missingParameter('TargetCapacitySpecification');
  const { TotalTargetCapacity: total, DefaultTargetCapacityType: kind = 'on-demand', TargetCapacityUnitType: unit = 'units' } = given;
  if (unit !== 'units') throw notBuilt('CreateFleet', `TargetCapacityUnitType ${unit}`);
  if (kind === 'capacity-block' || kind === 'reserved-capacity') throw notBuilt('CreateFleet', `DefaultTargetCapacityType ${kind}`);
  if (kind !== 'spot' && kind !== 'on-demand')
    throw invalidParameterValue(`Value (${String(kind)}) for parameter defaultTargetCapacityType is invalid.`);
  const whole = (name: string, value: number | undefined): number => {
    if (value === undefined || !Number.isInteger(value) || value < 0 || value > limits.capacity)
      throw invalidParameterValue(`Value (${value}) for parameter ${name} is invalid. It must be between 0 and ${limits.capacity}.`);
    return value;
  };
  whole('totalTargetCapacity', total);
  const spot = given.SpotTargetCapacity === undefined ? 0 : whole('spotTargetCapacity', given.SpotTargetCapacity);
  const onDemand = given.OnDemandTargetCapacity === undefined ? 0 : whole('onDemandTargetCapacity', given.OnDemandTargetCapacity);
  const rest = total! - spot - onDemand;
  if (rest < 0) throw invalidParameterValue('The total target capacity is less than its Spot and On-Demand parts.');
  return { total: total!, spot: spot + (kind === 'spot' ? rest : 0), onDemand: onDemand + (kind === 'spot' ? 0 : rest), kind };
}

type RuleNames = 'SpotOptions' | 'OnDemandOptions' | 'ExcessCapacityTerminationPolicy';

const spotStrategies: readonly string[] = [
  ...['lowest-price', 'diversified', 'capacity-optimized', 'capacity-optimized-prioritized', 'price-capacity-optimized'],
];

export function checkedRules(input: Pick<FleetInput, RuleNames>, type: Fleet['type']): Pick<Fleet, 'spot' | 'onDemand' | 'excess'> {
  const { SpotOptions: spot = {}, OnDemandOptions: onDemand = {}, ExcessCapacityTerminationPolicy: excess = 'termination' } = input;
  if (spot.MaintenanceStrategies?.CapacityRebalance) throw notBuilt('CreateFleet', 'SpotOptions.MaintenanceStrategies');
  if (spot.InstanceInterruptionBehavior && spot.InstanceInterruptionBehavior !== 'terminate')
    throw notBuilt('CreateFleet', `SpotOptions.InstanceInterruptionBehavior ${spot.InstanceInterruptionBehavior}`);
  if (onDemand.CapacityReservationOptions?.UsageStrategy) throw notBuilt('CreateFleet', 'OnDemandOptions.CapacityReservationOptions');
  const strategy = strategyNamed(spot.AllocationStrategy);
  if (!spotStrategies.includes(strategy)) throw invalidParameterValue(`Value (${strategy}) for parameter allocationStrategy is invalid.`);
  const own = strategyNamed(onDemand.AllocationStrategy);
  if (own !== 'lowest-price' && own !== 'prioritized')
    throw invalidParameterValue(`Value (${own}) for parameter allocationStrategy is invalid.`);
  const pools = spot.InstancePoolsToUseCount ?? 1;
  if (spot.InstancePoolsToUseCount !== undefined && strategy !== 'lowest-price')
    throw invalidParameterCombination('InstancePoolsToUseCount is only valid with the allocation strategy lowest-price.');
  if (!Number.isInteger(pools) || pools < 1)
    throw invalidParameterValue(`Value (${pools}) for parameter instancePoolsToUseCount is invalid.`);
  if (excess !== 'termination' && excess !== 'no-termination')
    throw invalidParameterValue(`Value (${String(excess)}) for parameter excessCapacityTerminationPolicy is invalid.`);
  return {
    spot: { ...purchaseRules(spot, type), strategy: strategy as SpotRules['strategy'], pools },
    onDemand: { ...purchaseRules(onDemand, type), strategy: own as OnDemandRules['strategy'] },
    excess,
  };
}

/** EC2 takes `lowestPrice` as well as `lowest-price`, and so for the others. */
const strategyNamed = (given = 'lowest-price'): string => given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

type PurchaseInput = {
  SingleInstanceType?: boolean | undefined;
  SingleAvailabilityZone?: boolean | undefined;
  MinTargetCapacity?: number | undefined;
  MaxTotalPrice?: string | undefined;
};

function purchaseRules(given: PurchaseInput, type: Fleet['type']): PurchaseRules {
  const { SingleInstanceType: singleType, SingleAvailabilityZone: singleZone, MinTargetCapacity: least, MaxTotalPrice: dollarsMax } = given;
  if ((singleType || singleZone || least !== undefined) && type !== 'instant')
    throw invalidParameterCombination('SingleInstanceType, SingleAvailabilityZone and MinTargetCapacity need a fleet of type instant.');
  if (least !== undefined && !singleType && !singleZone)
    throw invalidParameterCombination('MinTargetCapacity needs SingleInstanceType or SingleAvailabilityZone.');
  if (dollarsMax !== undefined && dollarsMax !== '' && !isPrice(dollarsMax))
    throw invalidParameterValue(`Invalid value '${dollarsMax}' for the maximum total price.`);
  return {
    ...(singleType && { singleType }),
    ...(singleZone && { singleZone }),
    ...(least !== undefined && { least }),
    ...(dollarsMax && { dollarsMax }),
  };
}

type TimeNames = 'ValidFrom' | 'ValidUntil' | 'TerminateInstancesWithExpiration';

export function timesOf(input: Pick<FleetInput, TimeNames>, now: number): Pick<Fleet, 'validFrom' | 'validUntil' | 'terminatesAtEnd'> {
  const from = input.ValidFrom?.getTime();
  const until = input.ValidUntil?.getTime();
  for (const time of [from, until])
    if (time !== undefined && Number.isNaN(time)) throw invalidParameterValue('Invalid value for a date of the fleet.');
  if (until !== undefined && until <= Math.max(now, from ?? 0))
    throw invalidParameterValue('The end date of the fleet must be after its start date and the current date.');
  return {
    ...(from !== undefined && { validFrom: from }),
    ...(until !== undefined && { validUntil: until }),
    terminatesAtEnd: input.TerminateInstancesWithExpiration ?? false,
  };
}
