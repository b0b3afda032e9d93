/** What collections of EC2 have alike: the client, names and tags by the same calls, and what their forms choose from. */

import {
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import type { Collection } from '../resource/collection.tsx';
import type { Option } from '../resource/fields.ts';
import { ec2, nameOf, titled } from './client.ts';
import { ResourceTags } from './resource-tags.tsx';

type Tagged = { Tags?: Tag[] | undefined };

export function ec2Collection<Item extends Tagged, Keys extends string>(
  collection: Omit<Collection<Item, Keys>, 'service' | 'live' | 'send' | 'nameOf' | 'tags'>,
): Collection<Item, Keys> {
  return {
    ...collection,
    ...{ service: 'ec2', live: 'ec2', nameOf, tags: (item: Item) => <ResourceTags id={collection.idOf(item)} /> },
    send: (command) => ec2().send(command),
  };
}

/** What a describe call answers of one id; EC2 itself refuses ids that are not there. */
export async function only<Item>(found: Promise<readonly Item[] | undefined>): Promise<Item> {
  const [item] = (await found) ?? [];
  if (item === undefined) throw Object.assign(new Error('There is no such resource.'), { name: 'NotFound' });
  return item;
}

export const zoneChoices = async (): Promise<Option[]> =>
  ((await ec2().send(new DescribeAvailabilityZonesCommand({}))).AvailabilityZones ?? []).map(({ ZoneName }) => ({ value: ZoneName! }));

export const vpcChoices = async (): Promise<Option[]> =>
  ((await ec2().send(new DescribeVpcsCommand({}))).Vpcs ?? []).map((vpc) => ({
    value: vpc.VpcId!,
    label: titled(vpc.VpcId!, vpc, vpc.CidrBlock),
  }));

export const subnetChoices = async (): Promise<Option[]> =>
  ((await ec2().send(new DescribeSubnetsCommand({}))).Subnets ?? []).map((subnet) => ({
    value: subnet.SubnetId!,
    label: titled(subnet.SubnetId!, subnet),
    description: `${subnet.AvailabilityZone} · ${subnet.CidrBlock} · ${subnet.VpcId}`,
  }));

export const routeTableChoices = async (): Promise<Option[]> =>
  ((await ec2().send(new DescribeRouteTablesCommand({}))).RouteTables ?? []).map((table) => ({
    value: table.RouteTableId!,
    label: titled(table.RouteTableId!, table),
    description: table.VpcId!,
  }));

export const groupChoices = async (): Promise<Option[]> =>
  ((await ec2().send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? []).map(({ GroupId, GroupName, VpcId }) => ({
    value: GroupId!,
    label: `${GroupName} (${GroupId})`,
    description: VpcId!,
  }));

export const instanceChoices = async (): Promise<Option[]> =>
  ((await ec2().send(new DescribeInstancesCommand({}))).Reservations ?? [])
    .flatMap(({ Instances = [] }) => Instances)
    .filter(({ State }) => State?.Name !== 'terminated')
    .map((instance) => ({ value: instance.InstanceId!, label: titled(instance.InstanceId!, instance, instance.State?.Name) }));

export const freeAddressChoices = async (): Promise<Option[]> =>
  ((await ec2().send(new DescribeAddressesCommand({}))).Addresses ?? [])
    .filter(({ AssociationId }) => AssociationId === undefined)
    .map(({ AllocationId, PublicIp }) => ({ value: AllocationId!, label: `${PublicIp} (${AllocationId})` }));

export async function typeChoices(): Promise<Option[]> {
  const found: Option[] = [];
  let after: string | undefined;
  do {
    const page = await ec2().send(new DescribeInstanceTypesCommand({ MaxResults: 100, ...(after && { NextToken: after }) }));
    for (const { InstanceType, VCpuInfo, MemoryInfo } of page.InstanceTypes ?? [])
      found.push({ value: InstanceType!, description: `${VCpuInfo?.DefaultVCpus} vCPU · ${(MemoryInfo?.SizeInMiB ?? 0) / 1_024} GiB` });
    after = page.NextToken;
  } while (after);
  return found.sort((a, b) => a.value.localeCompare(b.value, undefined, { numeric: true }));
}

export async function imageChoices(): Promise<Option[]> {
  const { Images = [] } = await ec2().send(new DescribeImagesCommand({ Owners: ['amazon', 'self'] }));
  return Images.map(({ ImageId, Name, Architecture }) => ({
    value: ImageId!,
    label: Name ?? ImageId!,
    description: `${ImageId} · ${Architecture}`,
  }));
}
