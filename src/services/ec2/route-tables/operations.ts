/** Route tables: create, associate, describe, delete. */

import type { ReadTransaction } from '../../../store/store.ts';
import { describeWith } from '../describe.ts';
import { notBuilt, refusal, stillNeeded } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { egressOnlyGatewayType } from '../egress-only-internet-gateways/egress-only-gateway.ts';
import { internetGatewayType } from '../internet-gateways/internet-gateway.ts';
import { natGatewayType } from '../nat-gateways/nat-gateway.ts';
import { isIpv6 } from '../network/cidr6.ts';
import { networkInterfaceType } from '../network-interfaces/network-interface.ts';
import { newId, requireResource, resourcesBy, resourcesIn, type Place } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { subnets, subnetType, type Subnet } from '../subnets/subnet.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { vpcEndpointType } from '../vpc-endpoints/vpc-endpoint.ts';
import { peerings } from '../vpc-peering-connections/peering.ts';
import { vpcs, vpcType, type Vpc } from '../vpcs/vpc.ts';
import { routeTables, routeTableType, type Route, type RouteTable } from './route-table.ts';

type Association = { id: string; main: boolean; subnet?: string };
type Shown = RouteTable & { local: string[]; associations: Association[]; shownRoutes: ShownRoute[] };
type ShownRoute = Route & { state: 'active' | 'blackhole' };

async function complete(tx: ReadTransaction, row: RouteTable): Promise<Shown> {
  const vpc = await requireResource(tx, row, vpcType, row.vpc);
  const used = await resourcesBy(tx, row, subnetType, 'routeTable', row.id);
  const shownRoutes: ShownRoute[] = [];
  for (const route of row.routes) shownRoutes.push({ ...route, state: (await leads(tx, row, route)) ? 'active' : 'blackhole' });
  return {
    ...row,
    local: [...vpc.cidrs, ...(vpc.ipv6 ?? [])].map(({ cidr }) => cidr),
    shownRoutes,
    associations: [
      ...(vpc.main.routeTable === row.id ? [{ id: vpc.main.association, main: true }] : []),
      ...used.map((subnet) => ({ id: subnet.routeTable!.association, main: false, subnet: subnet.id })),
    ],
  };
}

/** A route whose target is gone swallows what is sent there. */
async function leads(tx: ReadTransaction, { account, region, vpc }: RouteTable, { target }: Route): Promise<boolean> {
  const key = [account, region, target] as const;
  switch (target.slice(0, target.indexOf('-'))) {
    case 'igw':
      return (await internetGatewayType.table.get(tx, ...key))?.vpc === vpc;
    case 'nat':
      return (await natGatewayType.table.get(tx, ...key))?.state === 'available';
    case 'eni':
      return (await networkInterfaceType.table.get(tx, ...key))?.attachment !== undefined;
    case 'pcx':
      return (await peerings.find(tx, 'id', target))?.state === 'active';
    case 'eigw':
      return (await egressOnlyGatewayType.table.get(tx, ...key))?.vpc === vpc;
    case 'vpce':
      return (await vpcEndpointType.table.get(tx, ...key)) !== undefined;
    default:
      return true;
  }
}

function destinationOf(destination: string) {
  if (destination.startsWith('pl-')) return { DestinationPrefixListId: destination };
  return isIpv6(destination) ? { DestinationIpv6CidrBlock: destination } : { DestinationCidrBlock: destination };
}

function routeOf(route: ShownRoute) {
  const { destination, target, instance, state } = route;
  const prefix = target.slice(0, target.indexOf('-'));
  return {
    ...destinationOf(destination),
    ...((prefix === 'igw' || prefix === 'vpce') && { GatewayId: target }),
    ...(prefix === 'nat' && { NatGatewayId: target }),
    ...(prefix === 'eni' && { NetworkInterfaceId: target }),
    ...(instance !== undefined && { InstanceId: instance }),
    ...(prefix === 'pcx' && { VpcPeeringConnectionId: target }),
    ...(prefix === 'eigw' && { EgressOnlyInternetGatewayId: target }),
    ...{ Origin: 'CreateRoute' as const, State: state },
  };
}

function tableOf(row: Shown) {
  return {
    ...{
      RouteTableId: row.id,
      VpcId: row.vpc,
      OwnerId: row.account,
      PropagatingVgws: (row.propagating ?? []).map((GatewayId) => ({ GatewayId })),
    },
    Routes: [
      ...row.local.map((cidr) => ({
        ...{ ...destinationOf(cidr), GatewayId: 'local', Origin: 'CreateRouteTable' as const, State: 'active' as const },
      })),
      ...row.shownRoutes.map(routeOf),
    ],
    Associations: row.associations.map(({ id, main, subnet }) => ({
      ...{ RouteTableAssociationId: id, RouteTableId: row.id, Main: main, AssociationState: { State: 'associated' as const } },
      ...(subnet !== undefined && { SubnetId: subnet }),
    })),
    ...tagSet(row),
  };
}

const targets =
  (prefix: string) =>
  (row: Shown): string[] =>
    row.routes.filter(({ target }) => target.startsWith(`${prefix}-`)).map(({ target }) => target);

const destinations = (row: Shown): string[] => [...row.local, ...row.routes.map(({ destination }) => destination)];

const filters: Filters<Shown> = {
  'route-table-id': (row) => row.id,
  'vpc-id': (row) => row.vpc,
  'owner-id': (row) => row.account,
  'association.main': (row) => row.associations.map(({ main }) => String(main)),
  'association.subnet-id': (row) => row.associations.map(({ subnet }) => subnet),
  'association.route-table-id': (row) => (row.associations.length > 0 ? row.id : undefined),
  'association.route-table-association-id': (row) => row.associations.map(({ id }) => id),
  'association.gateway-id': () => undefined,
  'route.destination-cidr-block': (row) => destinations(row).filter((one) => !isIpv6(one)),
  'route.destination-ipv6-cidr-block': (row) => destinations(row).filter(isIpv6),
  'route.destination-prefix-list-id': (row) => row.routes.map(({ destination }) => destination),
  'route.gateway-id': (row) => ['local', ...targets('igw')(row), ...targets('vpce')(row)],
  'route.nat-gateway-id': targets('nat'),
  'route.vpc-peering-connection-id': targets('pcx'),
  'route.egress-only-internet-gateway-id': targets('eigw'),
  'route.instance-id': (row) => row.routes.map(({ instance }) => instance),
  'route.origin': (row) => ['CreateRouteTable', ...(row.routes.length > 0 ? ['CreateRoute'] : [])],
  'route.state': (row) => ['active', ...row.shownRoutes.map(({ state }) => state)],
};

export const DescribeRouteTables: Operation<'DescribeRouteTables'> = async (request, input) => {
  const { rows, next } = await describeWith(request, input, { type: routeTableType, ids: input.RouteTableIds, filters, complete });
  return { RouteTables: rows.map(tableOf), ...next };
};

export const CreateRouteTable: Operation<'CreateRouteTable'> = async (request, input) => {
  const tags = tagsFor(input.TagSpecifications, 'route-table');
  const id = newId(request.random, 'rtb');
  const made = await request.store.write(async (tx) => {
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    const row: RouteTable = { account: request.account, region: request.region, id, vpc: vpc.id, routes: [], ...kept(tags) };
    await routeTables.put(tx, row);
    return complete(tx, row);
  });
  return { RouteTable: tableOf(made) };
};

export const DeleteRouteTable: Operation<'DeleteRouteTable'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, routeTableType, input.RouteTableId);
    if ((await complete(tx, row)).associations.length > 0) throw stillNeeded('routeTable', row.id);
    await routeTables.delete(tx, row.account, row.region, row.id);
  });
  return {};
};

export const AssociateRouteTable: Operation<'AssociateRouteTable'> = async (request, input) => {
  const { SubnetId, RouteTableId } = input;
  if (input.GatewayId !== undefined) throw notBuilt('AssociateRouteTable', 'GatewayId');
  if (SubnetId === undefined) throw refusal('MissingParameter')('The request must contain the parameter subnetId');
  const drawn = newId(request.random, 'rtbassoc');
  const association = await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, routeTableType, RouteTableId);
    const subnet = await requireResource(tx, request, subnetType, SubnetId);
    checkSameNetwork(row, subnet);
    if (subnet.routeTable?.id === row.id) return subnet.routeTable.association;
    if (subnet.routeTable)
      throw refusal('Resource.AlreadyAssociated')(
        `the specified association for route table ${subnet.routeTable.id} conflicts with an existing association`,
      );
    await subnets.put(tx, { ...subnet, routeTable: { id: row.id, association: drawn } });
    return drawn;
  });
  return { AssociationId: association, AssociationState: { State: 'associated' } };
};

function checkSameNetwork(row: RouteTable, subnet: Subnet): void {
  if (row.vpc !== subnet.vpc)
    throw refusal('InvalidParameterValue')(`Route table ${row.id} and subnet ${subnet.id} belong to different networks.`);
}

/** Who holds an association: a subnet, or a VPC whose main table it is. */
async function holderOf(tx: ReadTransaction, place: Place, association: string): Promise<{ subnet: Subnet } | { vpc: Vpc }> {
  const subnet = (await resourcesIn(tx, place, subnetType)).find((one) => one.routeTable?.association === association);
  if (subnet) return { subnet };
  const vpc = (await resourcesIn(tx, place, vpcType)).find((one) => one.main.association === association);
  if (vpc) return { vpc };
  throw refusal('InvalidAssociationID.NotFound')(`The association ID '${association}' does not exist`);
}

export const DisassociateRouteTable: Operation<'DisassociateRouteTable'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const holder = await holderOf(tx, request, input.AssociationId);
    if ('vpc' in holder)
      throw refusal('InvalidParameterValue')(`cannot disassociate the main route table association ${input.AssociationId}`);
    const { routeTable: _gone, ...subnet } = holder.subnet;
    await subnets.put(tx, subnet);
  });
  return {};
};

/** Also how another table becomes a VPC's main one. */
export const ReplaceRouteTableAssociation: Operation<'ReplaceRouteTableAssociation'> = async (request, input) => {
  const association = newId(request.random, 'rtbassoc');
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, routeTableType, input.RouteTableId);
    const holder = await holderOf(tx, request, input.AssociationId);
    if ('subnet' in holder) {
      checkSameNetwork(row, holder.subnet);
      return subnets.put(tx, { ...holder.subnet, routeTable: { id: row.id, association } });
    }
    if (holder.vpc.id !== row.vpc)
      throw refusal('InvalidParameterValue')(`Route table ${row.id} and network ${holder.vpc.id} belong to different networks.`);
    return vpcs.put(tx, { ...holder.vpc, main: { routeTable: row.id, association } });
  });
  return { NewAssociationId: association, AssociationState: { State: 'associated' } };
};
