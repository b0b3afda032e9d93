/** One launch of a fleet: written down first, made by RunInstances with a token of its own, and then written down as made. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { Store, WriteTransaction } from '../../../store/store.ts';
import { instances } from '../instances/instance.ts';
import type { Input } from '../sdk.ts';
import type { Portion } from './allocation.ts';
import { recordEvent } from './events.ts';
import { fleetInstances, fleets, type Fault, type Fleet, type Launching, type Lifecycle } from './fleet.ts';
import { templateData } from './pools.ts';

type Specifications = NonNullable<Input<'RunInstances'>['TagSpecifications']>;
export type Means = { aws: Aws; store: Store; now: number };

/** Writes down what is to be launched. Undefined where the fleet is no more, or launches something already. */
export async function beginLaunch(
  { store }: Means,
  seen: Fleet,
  { pool, count }: Portion,
  lifecycle: Lifecycle,
): Promise<Launching | undefined> {
  return store.write(async (tx) => {
    const present = await fleets.get(tx, seen.account, seen.region, seen.id);
    if (!present || present.launching || present.state.startsWith('deleted')) return undefined;
    const launching: Launching = {
      ...{
        token: `${present.id}.${present.launches}`,
        config: pool.config,
        override: pool.override,
        lifecycle,
        count,
        weight: pool.weight,
      },
    };
    await fleets.put(tx, { ...present, launching, launches: present.launches + 1 });
    return launching;
  });
}

/**
 * Makes a launch that was written down, again after a crash. Resolves to the units that it brought, or to why it did not.
 * @param extra tags of the call that made the fleet.
 */
export async function finishLaunch(
  means: Means,
  fleet: Fleet,
  launching: Launching,
  extra: Specifications = [],
): Promise<{ units: number } | { fault: Fault }> {
  const { aws, store, now } = means;
  const data = await store.read((tx) => templateData(tx, fleet, fleet.configs[launching.config]!)).catch(refusedOnly);
  const answer = data instanceof AwsError ? data : await aws.ec2('RunInstances', inputOf(fleet, launching, data, extra)).catch(refusedOnly);
  if (answer instanceof AwsError) {
    const { config, override, lifecycle } = launching;
    const fault: Fault = { config, override, lifecycle, code: answer.code, message: answer.message };
    await store.write(async (tx) => {
      const present = await settled(tx, fleet, launching);
      if (present) await recordEvent(tx, present, now, { type: 'service-error', what: fault.code, description: fault.message });
    });
    return { fault };
  }
  const made = answer.Instances!.map(({ InstanceId, InstanceType }) => ({ id: InstanceId!, type: InstanceType! }));
  const units = made.length * launching.weight;
  await store.write(async (tx) => {
    const present = await settled(tx, fleet, launching);
    if (!present) return;
    const launched = { ...present.launched, [launching.lifecycle]: present.launched[launching.lifecycle] + units };
    await fleets.put(tx, { ...present, launched });
    for (const { id, type } of made) await join(tx, present, launching, { id, type }, now);
  });
  return { units };
}

/** What was refused is an answer; all else is thrown. */
function refusedOnly(error: unknown): AwsError {
  if (error instanceof AwsError && (error.status ?? 400) < 500) return error;
  if (error instanceof AwsError && error.code === 'InsufficientInstanceCapacity') return error;
  throw error;
}

/** The fleet with its launch done; undefined where it was done already. */
async function settled(tx: WriteTransaction, { account, region, id }: Fleet, { token }: Launching): Promise<Fleet | undefined> {
  const present = await fleets.get(tx, account, region, id);
  if (present?.launching?.token !== token) return undefined;
  const { launching: _done, ...rest } = present;
  await fleets.put(tx, rest);
  return rest;
}

async function join(tx: WriteTransaction, fleet: Fleet, launching: Launching, { id, type }: { id: string; type: string }, now: number) {
  const { account, region } = fleet;
  const { config, override, lifecycle, weight } = launching;
  await fleetInstances.put(tx, { account, region, fleet: fleet.id, instance: id, type, at: now, config, override, lifecycle, weight });
  const row = await instances.get(tx, account, region, id);
  const tag = { Key: fleet.spotFleet ? 'aws:ec2spot:fleet-request-id' : 'aws:ec2:fleet-id', Value: fleet.id };
  if (row) await instances.put(tx, { ...row, tags: [...(row.tags ?? []).filter(({ Key }) => Key !== tag.Key), tag] });
  await recordEvent(tx, fleet, now, {
    type: 'instance-change',
    what: 'launched',
    instance: id,
    description: JSON.stringify({ instanceType: type }),
  });
}

function inputOf(
  { configs }: Fleet,
  launching: Launching,
  data: Partial<Input<'RunInstances'>>,
  extra: Specifications,
): Input<'RunInstances'> {
  const { config, override, lifecycle, count, token } = launching;
  const { SubnetId: subnet, AvailabilityZone: zone, InstanceType, ImageId, MaxPrice } = override;
  const [primary, ...others] = data.NetworkInterfaces ?? [];
  const TagSpecifications = merged(data.TagSpecifications ?? [], extra);
  const { template } = configs[config]!;
  return {
    ...(template ? { LaunchTemplate: template } : data),
    ...{ MinCount: 1, MaxCount: count, ClientToken: token },
    ...(InstanceType !== undefined && { InstanceType }),
    ...(ImageId !== undefined && { ImageId }),
    ...(subnet !== undefined && (primary ? { NetworkInterfaces: [{ ...primary, SubnetId: subnet }, ...others] } : { SubnetId: subnet })),
    ...((zone !== undefined || override.Placement) && {
      Placement: { ...data.Placement, ...override.Placement, ...(zone !== undefined && { AvailabilityZone: zone }) },
    }),
    ...(override.BlockDeviceMappings?.length && { BlockDeviceMappings: override.BlockDeviceMappings }),
    ...(lifecycle === 'spot' && { InstanceMarketOptions: { MarketType: 'spot', ...(MaxPrice && { SpotOptions: { MaxPrice } }) } }),
    ...(TagSpecifications.length > 0 && { TagSpecifications }),
  } as Input<'RunInstances'>;
}

/** Tags of the template and of the call, each type of resource once; those of the call win. */
function merged(template: Specifications, call: Specifications): Specifications {
  const types = [...new Set([...template, ...call].map((one) => one.ResourceType))];
  return types.map((ResourceType) => {
    const tags = new Map(
      [...template, ...call]
        .filter((one) => one.ResourceType === ResourceType)
        .flatMap((one) => (one.Tags ?? []).map((tag) => [tag.Key, tag])),
    );
    return { ResourceType, Tags: [...tags.values()] };
  });
}
