/** Instance types: what a name such as `t3.micro` stands for. */

import { instancePrices } from '../../../framework/billing/products/instances.ts';
import { refusal } from '../errors.ts';
import { families, type Family } from './families.ts';

export type InstanceType = {
  name: string;
  family: Family;
  size: string;
  vcpus: number;
  mebibytes: number;
  network: string;
  /** Dollars an hour, on demand, Linux, us-east-1. */
  dollarsPerHour: number;
  architectures: Family['architectures'];
};

export const instanceTypes: ReadonlyMap<string, InstanceType> = new Map(
  families.flatMap((family) =>
    family.sizes.map(([size, vcpus, mebibytes, network]): [string, InstanceType] => {
      const name = `${family.name}.${size}`;
      const dollarsPerHour = Number(instancePrices.get(name)!.dollars);
      return [name, { name, family, size, vcpus, mebibytes, network, dollarsPerHour, architectures: family.architectures }];
    }),
  ),
);

/** Throws InvalidInstanceType, as DescribeInstanceTypes does. */
export function describedType(name: string): InstanceType {
  const found = instanceTypes.get(name);
  if (!found) throw refusal('InvalidInstanceType')(`The following supplied instance types do not exist: [${name}]`);
  return found;
}

/** Throws InvalidParameterValue, as RunInstances does. */
export function launchedType(name: string): InstanceType {
  const found = instanceTypes.get(name);
  if (!found) throw refusal('InvalidParameterValue')(`Invalid value '${name}' for InstanceType.`);
  return found;
}

/** Network interfaces and addresses of each, by size: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html */
export function interfaceLimits({ size, family }: InstanceType): { interfacesMax: number; addressesMax: number } {
  if (size === 'nano' || size === 'micro') return { interfacesMax: 2, addressesMax: 2 };
  if (size === 'small') return { interfacesMax: 3, addressesMax: 4 };
  if (size === 'medium') return family.burstable ? { interfacesMax: 3, addressesMax: 6 } : { interfacesMax: 2, addressesMax: 4 };
  if (size === 'large') return { interfacesMax: 3, addressesMax: family.burstable ? 12 : 10 };
  if (size === 'xlarge' || size === '2xlarge') return { interfacesMax: 4, addressesMax: 15 };
  if (['4xlarge', '8xlarge', '9xlarge', '12xlarge'].includes(size)) return { interfacesMax: 8, addressesMax: 30 };
  return { interfacesMax: 15, addressesMax: 50 };
}
