/** What the map of a VPC is drawn from: read by the public API, put in the order in which it is drawn. */

import {
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  paginateDescribeInstances,
  type Instance,
  type NatGateway,
  type RouteTable,
  type Subnet,
  type Vpc,
} from '@aws-sdk/client-ec2';
import { ec2, nameOf } from './client.ts';

export const instancesMax = 200;

export type MapInstance = {
  id: string;
  name: string;
  address: string;
  state: string;
  groups: readonly { id: string; name: string }[];
};
export type MapSubnet = {
  id: string;
  name: string;
  cidr: string;
  isPublic: boolean;
  table: string;
  nats: readonly NatGateway[];
  instances: readonly MapInstance[];
};
export type MapZone = { name: string; subnets: readonly MapSubnet[] };
export type MapTable = {
  id: string;
  name: string;
  isMain: boolean;
  routes: readonly { to: string; by: string }[];
  subnets: readonly string[];
};
export type VpcMapData = { vpc: Vpc; gateways: readonly string[]; zones: readonly MapZone[]; tables: readonly MapTable[]; cut: boolean };

export async function loadMap(id: string): Promise<VpcMapData> {
  const inVpc = [{ Name: 'vpc-id', Values: [id] }];
  const client = ec2();
  const [vpcs, subnets, tables, gateways, nats, instances] = await Promise.all([
    client.send(new DescribeVpcsCommand({ VpcIds: [id] })),
    client.send(new DescribeSubnetsCommand({ Filters: inVpc })),
    client.send(new DescribeRouteTablesCommand({ Filters: inVpc })),
    client.send(new DescribeInternetGatewaysCommand({ Filters: [{ Name: 'attachment.vpc-id', Values: [id] }] })),
    client.send(new DescribeNatGatewaysCommand({ Filter: inVpc })),
    instancesOf(id),
  ]);
  const followed = tableOf(tables.RouteTables ?? []);
  const shaped = (subnets.Subnets ?? []).map((subnet): MapSubnet & { zone: string } => {
    const table = followed(subnet);
    return {
      zone: subnet.AvailabilityZone!,
      id: subnet.SubnetId!,
      name: nameOf(subnet),
      cidr: subnet.CidrBlock!,
      isPublic: table?.Routes?.some(({ GatewayId }) => GatewayId?.startsWith('igw-')) ?? false,
      table: table?.RouteTableId ?? '',
      nats: (nats.NatGateways ?? []).filter(({ SubnetId, State }) => SubnetId === subnet.SubnetId && State !== 'deleted'),
      instances: instances.filter(({ SubnetId }) => SubnetId === subnet.SubnetId).map(instanceOf),
    };
  });
  const zones = [...new Set(shaped.map(({ zone }) => zone))].sort();
  return {
    vpc: vpcs.Vpcs![0]!,
    gateways: (gateways.InternetGateways ?? []).map(({ InternetGatewayId }) => InternetGatewayId!),
    zones: zones.map((name) => ({ name, subnets: shaped.filter(({ zone }) => zone === name).sort(byCidr) })),
    tables: (tables.RouteTables ?? []).map((table) => ({
      id: table.RouteTableId!,
      name: nameOf(table),
      isMain: table.Associations?.some(({ Main }) => Main) ?? false,
      routes: (table.Routes ?? []).map((route) => ({
        to: route.DestinationCidrBlock ?? route.DestinationPrefixListId ?? route.DestinationIpv6CidrBlock ?? '',
        by: route.GatewayId ?? route.NatGatewayId ?? route.NetworkInterfaceId ?? route.VpcPeeringConnectionId ?? route.InstanceId ?? '–',
      })),
      subnets: shaped.filter(({ table: id_ }) => id_ === table.RouteTableId).map(({ id: id_, name }) => name || id_),
    })),
    cut: instances.length >= instancesMax,
  };
}

/** The first ones; what is terminated is nowhere any more. */
async function instancesOf(vpc: string): Promise<Instance[]> {
  const states = ['pending', 'running', 'stopping', 'stopped'];
  const found: Instance[] = [];
  const asked = {
    Filters: [
      { Name: 'vpc-id', Values: [vpc] },
      { Name: 'instance-state-name', Values: states },
    ],
    MaxResults: instancesMax,
  };
  for await (const { Reservations } of paginateDescribeInstances({ client: ec2() }, asked)) {
    found.push(...(Reservations ?? []).flatMap(({ Instances }) => Instances ?? []));
    if (found.length >= instancesMax) break;
  }
  return found.slice(0, instancesMax);
}

function instanceOf(instance: Instance): MapInstance {
  return {
    id: instance.InstanceId!,
    name: nameOf(instance),
    address: instance.PrivateIpAddress ?? '',
    state: instance.State?.Name ?? '',
    groups: (instance.SecurityGroups ?? []).map(({ GroupId, GroupName }) => ({ id: GroupId!, name: GroupName! })),
  };
}

/** The table that a subnet follows: its own, or the main one. */
function tableOf(tables: readonly RouteTable[]): (subnet: Subnet) => RouteTable | undefined {
  const main = tables.find(({ Associations }) => Associations?.some(({ Main }) => Main));
  return ({ SubnetId }) => tables.find(({ Associations }) => Associations?.some((one) => one.SubnetId === SubnetId)) ?? main;
}

function byCidr(a: { cidr: string }, b: { cidr: string }): number {
  return a.cidr.localeCompare(b.cidr, undefined, { numeric: true });
}

/** The port that the groups of an instance let somebody in to, for a first question; that of SSH where there is none. */
export async function likelyPort({ groups }: MapInstance): Promise<string> {
  const { SecurityGroupRules = [] } = await ec2().send(
    new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: groups.map(({ id }) => id) }] }),
  );
  const open = SecurityGroupRules.find(({ IsEgress, IpProtocol, FromPort }) => !IsEgress && IpProtocol === 'tcp' && (FromPort ?? 0) > 0);
  return String(open?.FromPort ?? 22);
}
