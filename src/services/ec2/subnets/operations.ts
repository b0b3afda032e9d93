/** Subnets: create, describe, change, delete. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { describeWith } from '../describe.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt, refusal, stillNeeded } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { networkAclType } from '../network-acls/network-acl.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { cidrOf, formatCidr, overlaps, parseCidr, type Cidr } from '../../../framework/cidr.ts';
import { formatCidr6 } from '../network/cidr6.ts';
import { zoneNamed, zonesOf, type Zone } from '../../../framework/regions.ts';
import { newId, requireResource, resourceArn, resourcesBy, resourcesIn } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { defaultSubnetCidr } from '../vpcs/founding.ts';
import { vpcHolds, vpcType, type Vpc } from '../vpcs/vpc.ts';
import { cidrReservations, reservationsOf } from './cidr-reservation.ts';
import { associationOf6, checkedSubnetCidr6, checkRange6 } from './ipv6.ts';
import { freeAddresses, subnets, subnetType, takenAddresses, type Subnet } from './subnet.ts';

type Shown = Subnet & { free: number };

const complete = async (tx: ReadTransaction, subnet: Subnet): Promise<Shown> => ({
  ...subnet,
  free: freeAddresses(subnet, (await takenAddresses(tx, subnet)).size),
});

const zoneId = (subnet: Subnet): string => zoneNamed(subnet.region, subnet.zone)?.id ?? '';

export function subnetOf(subnet: Shown) {
  return {
    ...{ SubnetId: subnet.id, SubnetArn: resourceArn(subnetType, subnet, subnet.id), VpcId: subnet.vpc, State: 'available' as const },
    ...{ CidrBlock: subnet.cidr, AvailableIpAddressCount: subnet.free, OwnerId: subnet.account },
    ...{ AvailabilityZone: subnet.zone, AvailabilityZoneId: zoneId(subnet), DefaultForAz: subnet.defaultForZone },
    ...{ MapPublicIpOnLaunch: subnet.mapPublicIp, MapCustomerOwnedIpOnLaunch: false, Ipv6Native: false },
    ...{ AssignIpv6AddressOnCreation: subnet.assignIpv6 ?? false, EnableDns64: subnet.dns64 ?? false },
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: subnet.hostnameType,
      EnableResourceNameDnsARecord: subnet.resourceNameA ?? false,
      EnableResourceNameDnsAAAARecord: subnet.resourceNameAaaa ?? false,
    },
    Ipv6CidrBlockAssociationSet: subnet.ipv6 ? [associationOf6(subnet.ipv6, 'associated')] : [],
    ...tagSet(subnet),
  };
}

const filters: Filters<Shown> = {
  'subnet-id': (subnet) => subnet.id,
  'subnet-arn': (subnet) => resourceArn(subnetType, subnet, subnet.id),
  'vpc-id': (subnet) => subnet.vpc,
  cidr: (subnet) => subnet.cidr,
  cidrBlock: (subnet) => subnet.cidr,
  'cidr-block': (subnet) => subnet.cidr,
  'availability-zone': (subnet) => subnet.zone,
  availabilityZone: (subnet) => subnet.zone,
  'availability-zone-id': zoneId,
  availabilityZoneId: zoneId,
  'available-ip-address-count': (subnet) => subnet.free,
  'default-for-az': (subnet) => subnet.defaultForZone,
  defaultForAz: (subnet) => subnet.defaultForZone,
  'map-public-ip-on-launch': (subnet) => subnet.mapPublicIp,
  'ipv6-cidr-block-association.association-id': (subnet) => subnet.ipv6?.id,
  'ipv6-cidr-block-association.ipv6-cidr-block': (subnet) => subnet.ipv6?.cidr,
  'ipv6-cidr-block-association.state': (subnet) => subnet.ipv6 && 'associated',
  'ipv6-native': () => false,
  'owner-id': (subnet) => subnet.account,
  'private-dns-name-options-on-launch.hostname-type': (subnet) => subnet.hostnameType,
  state: () => 'available',
};

export const DescribeSubnets: Operation<'DescribeSubnets'> = async (request, input) => {
  const { rows, next } = await describeWith(request, input, { type: subnetType, ids: input.SubnetIds, filters, complete });
  return { Subnets: rows.map(subnetOf), ...next };
};

export const CreateSubnet: Operation<'CreateSubnet'> = async (request, input) => {
  const { CidrBlock, VpcId } = input;
  for (const name of ['OutpostArn', 'Ipv6Native', 'Ipv4IpamPoolId', 'Ipv6IpamPoolId', 'Ipv4NetmaskLength', 'Ipv6NetmaskLength'] as const)
    if (input[name] !== undefined && input[name] !== false) throw notBuilt('CreateSubnet', name);
  if (CidrBlock === undefined) throw missingParameter('cidrBlock');
  const cidr = parseCidr(CidrBlock);
  if (!cidr) throw invalidParameterValue(`Value (${CidrBlock}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`);
  const cidr6 = input.Ipv6CidrBlock === undefined ? undefined : checkedSubnetCidr6(input.Ipv6CidrBlock);
  const zone = zoneFor(request, input);
  const tags = tagsFor(input.TagSpecifications, 'subnet');
  const id = newId(request.random, 'subnet');
  const association = newId(request.random, 'aclassoc');
  const association6 = newId(request.random, 'subnet-cidr-assoc');
  const made = await request.store.write(async (tx) => {
    const vpc = await requireResource(tx, request, vpcType, VpcId);
    await checkRange(tx, request, vpc, cidr, CidrBlock);
    if (cidr6) await checkRange6(tx, vpc, cidr6, input.Ipv6CidrBlock!);
    const acl = (await resourcesBy(tx, request, networkAclType, 'vpc', vpc.id)).find((one) => one.isDefault)!;
    const subnet: Subnet = {
      ...{ account: request.account, region: request.region, id, created: request.now, vpc: vpc.id, zone: zone.name },
      ...{ cidr: formatCidr(cidr), mapPublicIp: false, hostnameType: 'ip-name', defaultForZone: false },
      acl: { id: acl.id, association },
      ...(cidr6 && { ipv6: { id: association6, cidr: formatCidr6(cidr6) } }),
      ...kept(tags),
    };
    await subnets.put(tx, subnet);
    return complete(tx, subnet);
  });
  return { Subnet: subnetOf(made) };
};

async function checkRange(tx: ReadTransaction, request: ServiceRequest, vpc: Vpc, cidr: Cidr, text: string): Promise<void> {
  if (cidr.length < 16 || cidr.length > 28 || !vpcHolds(vpc, cidr)) throw refusal('InvalidSubnet.Range')(`The CIDR '${text}' is invalid.`);
  const others = await resourcesBy(tx, request, subnetType, 'vpc', vpc.id);
  if (others.some((other) => overlaps(cidrOf(other.cidr), cidr)))
    throw refusal('InvalidSubnet.Conflict')(`The CIDR '${text}' conflicts with another subnet`);
}

/** The zone asked for, by name or id, or the first. */
function zoneFor({ region }: ServiceRequest, input: Input<'CreateSubnet'>): Zone {
  const { AvailabilityZone: name, AvailabilityZoneId: id } = input;
  if (name !== undefined && id !== undefined)
    throw invalidParameterCombination('Only one of AvailabilityZone or AvailabilityZoneId may be specified.');
  if (name === undefined && id === undefined) return zonesOf(region)[0]!;
  const zone = zoneNamed(region, name, id);
  if (zone) return zone;
  const words = zonesOf(region).map((one) => (name === undefined ? one.id : one.name));
  throw invalidParameterValue(
    `Value (${name ?? id}) for parameter ${name === undefined ? 'availabilityZoneId' : 'availabilityZone'} is invalid. Subnets can currently only be created in the following availability zones: ${words.join(', ')}.`,
  );
}

export const CreateDefaultSubnet: Operation<'CreateDefaultSubnet'> = async (request, input) => {
  const { AvailabilityZone: name, AvailabilityZoneId: zone } = input;
  if (input.Ipv6Native === true) throw notBuilt('CreateDefaultSubnet', 'Ipv6Native');
  const at = zonesOf(request.region).findIndex((one) => one.name === name || one.id === zone);
  if (at < 0) throw invalidParameterValue(`Value (${name ?? zone}) for parameter availabilityZone is invalid.`);
  const id = newId(request.random, 'subnet');
  const association = newId(request.random, 'aclassoc');
  const made = await request.store.write(async (tx) => {
    const vpc = (await resourcesIn(tx, request, vpcType)).find((one) => one.isDefault);
    if (!vpc) throw refusal('DefaultVpcDoesNotExist')('No default VPC exists for this account in this region.');
    const found = zonesOf(request.region)[at]!;
    if ((await resourcesBy(tx, request, subnetType, 'vpc', vpc.id)).some((one) => one.zone === found.name && one.defaultForZone))
      throw refusal('DefaultSubnetAlreadyExistsInAvailabilityZone')(
        `The default subnet already exists in the availability zone ${found.name}.`,
      );
    await checkRange(tx, request, vpc, cidrOf(defaultSubnetCidr(at)), defaultSubnetCidr(at));
    const acl = (await resourcesBy(tx, request, networkAclType, 'vpc', vpc.id)).find((one) => one.isDefault)!;
    const subnet: Subnet = {
      ...{ account: request.account, region: request.region, id, created: request.now, vpc: vpc.id, zone: found.name },
      ...{ cidr: defaultSubnetCidr(at), mapPublicIp: true, hostnameType: 'ip-name', defaultForZone: true },
      acl: { id: acl.id, association },
    };
    await subnets.put(tx, subnet);
    return complete(tx, subnet);
  });
  return { Subnet: subnetOf(made) };
};

export const DeleteSubnet: Operation<'DeleteSubnet'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { account, region, id } = await requireResource(tx, request, subnetType, input.SubnetId);
    if ((await networkInterfaces.scanIndex(tx, 'subnet', [account, region, id], { limit: 1 })).length > 0) throw stillNeeded('subnet', id);
    for (const row of await reservationsOf(tx, { account, region, id })) await cidrReservations.delete(tx, account, region, row.id);
    await subnets.delete(tx, account, region, id);
  });
  return {};
};

export const ModifySubnetAttribute: Operation<'ModifySubnetAttribute'> = async (request, input) => {
  const { SubnetId, MapPublicIpOnLaunch, PrivateDnsHostnameTypeOnLaunch, EnableResourceNameDnsARecordOnLaunch, ...more } = input;
  const { AssignIpv6AddressOnCreation, ...others } = more;
  const unbuilt = Object.entries(others).find(([, value]) => value !== undefined && (value as { Value?: boolean }).Value !== false);
  if (unbuilt) throw notBuilt('ModifySubnetAttribute', unbuilt[0]);
  const given = [
    MapPublicIpOnLaunch?.Value,
    PrivateDnsHostnameTypeOnLaunch,
    EnableResourceNameDnsARecordOnLaunch?.Value,
    AssignIpv6AddressOnCreation?.Value,
    ...Object.values(others),
  ];
  if (given.every((value) => value === undefined)) throw missingParameter('attribute');
  await request.store.write(async (tx) => {
    const subnet = await requireResource(tx, request, subnetType, SubnetId);
    if (AssignIpv6AddressOnCreation?.Value === true && !subnet.ipv6)
      throw invalidParameterValue(
        `Invalid value 'true' for assignIpv6AddressOnCreation. The subnet '${subnet.id}' does not have an IPv6 CIDR block associated with it.`,
      );
    await subnets.put(tx, {
      ...subnet,
      ...(AssignIpv6AddressOnCreation?.Value !== undefined && { assignIpv6: AssignIpv6AddressOnCreation.Value }),
      mapPublicIp: MapPublicIpOnLaunch?.Value ?? subnet.mapPublicIp,
      hostnameType: PrivateDnsHostnameTypeOnLaunch ?? subnet.hostnameType,
      ...(EnableResourceNameDnsARecordOnLaunch?.Value !== undefined && { resourceNameA: EnableResourceNameDnsARecordOnLaunch.Value }),
    });
  });
  return {};
};
