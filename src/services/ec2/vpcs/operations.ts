/** VPCs: create, describe, delete. */

import type { ReadTransaction } from '../../../store/store.ts';
import { describe } from '../describe.ts';
import { limitExceeded, notBuilt, refusal, stillNeeded } from '../errors.ts';
import { egressOnlyGateways } from '../egress-only-internet-gateways/egress-only-gateway.ts';
import type { Filters } from '../filters.ts';
import { internetGateways } from '../internet-gateways/internet-gateway.ts';
import { natGatewaysOfVpc } from '../nat-gateways/nat-gateway.ts';
import { networkAcls } from '../network-acls/network-acl.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { accountAttributes } from '../regions/operations.ts';
import { requireResource, resourcesIn, type Place } from '../resource.ts';
import { routeTables } from '../route-tables/route-table.ts';
import type { Operation } from '../sdk.ts';
import { securityGroupRules, securityGroups } from '../security-groups/security-group.ts';
import { associationsOfVpc } from '../security-groups/vpc-association.ts';
import { subnets } from '../subnets/subnet.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { endpointsOfVpc } from '../vpc-endpoints/vpc-endpoint.ts';
import { livePeeringsOfVpc } from '../vpc-peering-connections/peering.ts';
import { vpnGateways } from '../vpn-gateways/vpn-gateway.ts';
import { drawDefaultIds, drawVpcIds, foundations, foundDefaultVpc, foundVpc } from './founding.ts';
import { associateIpv6, checkBorderGroup, drawIpv6 } from './ipv6.ts';
import { returnRange } from './ipv6-ranges.ts';
import { checkedVpcCidr, vpcs, vpcsPerRegionMax, vpcType, type Vpc } from './vpc.ts';
import { formatCidr } from '../../../framework/cidr.ts';

export function vpcOf(vpc: Vpc) {
  const state = { State: 'associated' as const };
  return {
    ...{ VpcId: vpc.id, State: 'available' as const, CidrBlock: vpc.cidrs[0]!.cidr, OwnerId: vpc.account },
    ...{ DhcpOptionsId: vpc.dhcpOptions, InstanceTenancy: vpc.tenancy, IsDefault: vpc.isDefault },
    CidrBlockAssociationSet: vpc.cidrs.map(({ id, cidr }) => ({ AssociationId: id, CidrBlock: cidr, CidrBlockState: state })),
    Ipv6CidrBlockAssociationSet: (vpc.ipv6 ?? []).map(({ id, cidr }) => ({
      ...{ AssociationId: id, Ipv6CidrBlock: cidr, Ipv6CidrBlockState: state, Ipv6Pool: 'Amazon' },
      NetworkBorderGroup: vpc.region,
    })),
    ...tagSet(vpc),
  };
}

const filters: Filters<Vpc> = {
  'vpc-id': (vpc) => vpc.id,
  cidr: (vpc) => vpc.cidrs[0]!.cidr,
  'cidr-block': (vpc) => vpc.cidrs[0]!.cidr,
  'cidr-block-association.cidr-block': (vpc) => vpc.cidrs.map(({ cidr }) => cidr),
  'cidr-block-association.association-id': (vpc) => vpc.cidrs.map(({ id }) => id),
  'cidr-block-association.state': () => 'associated',
  'ipv6-cidr-block-association.ipv6-cidr-block': (vpc) => (vpc.ipv6 ?? []).map(({ cidr }) => cidr),
  'ipv6-cidr-block-association.state': (vpc) => (vpc.ipv6 ?? []).map(() => 'associated'),
  'ipv6-cidr-block-association.association-id': (vpc) => (vpc.ipv6 ?? []).map(({ id }) => id),
  'dhcp-options-id': (vpc) => vpc.dhcpOptions,
  'is-default': (vpc) => vpc.isDefault,
  isDefault: (vpc) => vpc.isDefault,
  'owner-id': (vpc) => vpc.account,
  state: () => 'available',
};

export const DescribeVpcs: Operation<'DescribeVpcs'> = async (request, input) => {
  const { rows, next } = await describe(request, input, { type: vpcType, ids: input.VpcIds, filters });
  return { Vpcs: rows.map(vpcOf), ...next };
};

export const CreateVpc: Operation<'CreateVpc'> = async (request, input) => {
  for (const name of ['Ipv4IpamPoolId', 'Ipv6IpamPoolId', 'Ipv6Pool', 'Ipv6CidrBlock', 'VpcEncryptionControl'] as const)
    if (input[name] !== undefined) throw notBuilt('CreateVpc', name);
  checkBorderGroup('CreateVpc', request, input.Ipv6CidrBlockNetworkBorderGroup);
  if (input.CidrBlock === undefined) throw refusal('MissingParameter')("Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
  const tags = tagsFor(input.TagSpecifications, 'vpc');
  const cidr = formatCidr(checkedVpcCidr(input.CidrBlock));
  const tenancy = input.InstanceTenancy ?? 'default';
  if (tenancy === 'host') throw refusal('InvalidParameterValue')('Value (host) for parameter instanceTenancy is invalid.');
  const ids = drawVpcIds(request.random);
  const ipv6 = input.AmazonProvidedIpv6CidrBlock === true ? drawIpv6(request.random) : undefined;
  const vpc = await request.store.write(async (tx) => {
    const { dhcpOptions } = (await foundations.get(tx, request.account, request.region))!;
    if ((await resourcesIn(tx, request, vpcType)).length >= vpcsPerRegionMax)
      throw limitExceeded('VpcLimitExceeded', 'The maximum number of VPCs has been reached.');
    const made = await foundVpc(tx, request, ids, {
      ...{ created: request.now, cidr, dhcpOptions, tenancy, isDefault: false, dnsSupport: true, dnsHostnames: false },
      ...kept(tags),
    });
    return ipv6 ? (await associateIpv6(tx, made, ipv6)).vpc : made;
  });
  return { Vpc: vpcOf(vpc) };
};

export const CreateDefaultVpc: Operation<'CreateDefaultVpc'> = async (request) => {
  const ids = drawDefaultIds(request);
  const vpc = await request.store.write(async (tx) => {
    if ((await resourcesIn(tx, request, vpcType)).some((one) => one.isDefault))
      throw refusal('DefaultVpcAlreadyExists')('A Default VPC already exists for this account in this region.');
    const { dhcpOptions } = (await foundations.get(tx, request.account, request.region))!;
    return foundDefaultVpc(tx, request, ids, dhcpOptions);
  });
  return { Vpc: vpcOf(vpc) };
};

/** What comes with a VPC goes with it; what a customer put into it stands in the way. */
export const DeleteVpc: Operation<'DeleteVpc'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { account, region, id, main, ipv6 = [] } = await requireResource(tx, request, vpcType, input.VpcId);
    const own: [string, string, string] = [account, region, id];
    const groups = (await securityGroups.scanIndex(tx, 'vpc', own)).map(({ row }) => row);
    const acls = (await networkAcls.scanIndex(tx, 'vpc', own)).map(({ row }) => row);
    const tables = (await routeTables.scanIndex(tx, 'vpc', own)).map(({ row }) => row);
    const others = groups.some((row) => row.name !== 'default') || acls.some((row) => !row.isDefault) || tables.length > 1;
    if (others || (await isInhabited(tx, request, id))) throw stillNeeded('vpc', id);
    for (const group of groups) {
      for (const { row } of await securityGroupRules.scanIndex(tx, 'group', [account, region, group.id]))
        await securityGroupRules.delete(tx, account, region, row.id);
      await securityGroups.delete(tx, account, region, group.id);
    }
    for (const acl of acls) await networkAcls.delete(tx, account, region, acl.id);
    await routeTables.delete(tx, account, region, main.routeTable);
    for (const { cidr } of ipv6) await returnRange(tx, cidr);
    await vpcs.delete(tx, account, region, id);
  });
  return {};
};

async function isInhabited(tx: ReadTransaction, { account, region }: Place, id: string): Promise<boolean> {
  const own = [account, region, id];
  const one = { limit: 1 };
  const found = [
    ...(await subnets.scanIndex(tx, 'vpc', own, one)),
    ...(await networkInterfaces.scanIndex(tx, 'vpc', own, one)),
    ...(await internetGateways.scanIndex(tx, 'vpc', own, one)),
    ...(await egressOnlyGateways.scanIndex(tx, 'vpc', own, one)),
    ...(await natGatewaysOfVpc(tx, { account, region }, id)),
    ...(await endpointsOfVpc(tx, { account, region }, id)),
    ...(await livePeeringsOfVpc(tx, { account, region }, id)),
    ...(await associationsOfVpc(tx, { account, region }, id)),
    ...(await vpnGateways.scanIndex(tx, 'vpc', own, one)),
  ];
  return found.length > 0;
}

export const DescribeAccountAttributes: Operation<'DescribeAccountAttributes'> = async (request, input) => {
  const all = await request.store.read((tx) => resourcesIn(tx, request, vpcType));
  const found = accountAttributes(input.AttributeNames, all.find((vpc) => vpc.isDefault)?.id ?? 'none');
  return {
    AccountAttributes: found.map(({ name, values }) => ({
      AttributeName: name,
      AttributeValues: values.map((value) => ({ AttributeValue: value })),
    })),
  };
};
