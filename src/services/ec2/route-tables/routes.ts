/** Routes of a table: create, replace, delete. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { egressOnlyGatewayType } from '../egress-only-internet-gateways/egress-only-gateway.ts';
import { invalidParameterValue, limitExceeded, missingParameter, notBuilt, refusal } from '../errors.ts';
import { internetGatewayType } from '../internet-gateways/internet-gateway.ts';
import { natGatewayType } from '../nat-gateways/nat-gateway.ts';
import { networkInterfaceType } from '../network-interfaces/network-interface.ts';
import { cidrOf, contains, formatCidr, parseCidr } from '../../../framework/cidr.ts';
import { cidr6Of, contains6, formatCidr6, isIpv6, parseCidr6 } from '../network/cidr6.ts';
import { requirePrefixList } from '../prefix-lists/prefix-list.ts';
import { requireResource, resourcesBy, type AnyResourceType } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { peerings, peeringType } from '../vpc-peering-connections/peering.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { routesPerTableMax, routeTables, routeTableType, type Route, type RouteTable } from './route-table.ts';

type Destination = {
  DestinationCidrBlock?: string | undefined;
  DestinationIpv6CidrBlock?: string | undefined;
  DestinationPrefixListId?: string | undefined;
};
type Target = {
  GatewayId?: string | undefined;
  NatGatewayId?: string | undefined;
  NetworkInterfaceId?: string | undefined;
  InstanceId?: string | undefined;
  VpcPeeringConnectionId?: string | undefined;
  EgressOnlyInternetGatewayId?: string | undefined;
};
const unbuiltTargets = [
  'VpcEndpointId',
  'TransitGatewayId',
  'LocalGatewayId',
  'CarrierGatewayId',
  'CoreNetworkArn',
  'OdbNetworkArn',
  'LocalTarget',
];

export const CreateRoute: Operation<'CreateRoute'> = async (request, input) => {
  checkBuilt('CreateRoute', input);
  const destination = destinationOf(input);
  await request.store.write(async (tx) => {
    const table = await requireResource(tx, request, routeTableType, input.RouteTableId);
    await checkDestination(tx, request, table, destination);
    const route = await routeTo(tx, request, table, destination, input);
    if (table.routes.some((one) => one.destination === destination))
      throw refusal('RouteAlreadyExists')(`The route identified by ${destination} already exists.`);
    if (table.routes.length >= routesPerTableMax)
      throw limitExceeded('RouteLimitExceeded', 'The maximum number of routes has been reached.');
    await routeTables.put(tx, { ...table, routes: [...table.routes, route] });
  });
  return { Return: true };
};

export const ReplaceRoute: Operation<'ReplaceRoute'> = async (request, input) => {
  checkBuilt('ReplaceRoute', input);
  const destination = destinationOf(input);
  await request.store.write(async (tx) => {
    const table = await requireResource(tx, request, routeTableType, input.RouteTableId);
    const route = await routeTo(tx, request, table, destination, input);
    if (!table.routes.some((one) => one.destination === destination))
      throw refusal('InvalidParameterValue')(`There is no route defined for '${destination}' in the route table. Use CreateRoute instead.`);
    await routeTables.put(tx, { ...table, routes: table.routes.map((one) => (one.destination === destination ? route : one)) });
  });
  return {};
};

export const DeleteRoute: Operation<'DeleteRoute'> = async (request, input) => {
  const destination = destinationOf(input);
  await request.store.write(async (tx) => {
    const table = await requireResource(tx, request, routeTableType, input.RouteTableId);
    const vpc = await requireResource(tx, request, vpcType, table.vpc);
    if ([...vpc.cidrs, ...(vpc.ipv6 ?? [])].some(({ cidr }) => cidr === destination))
      throw invalidParameterValue(`cannot remove local route ${destination} in route table ${table.id}`);
    if (!table.routes.some((one) => one.destination === destination))
      throw refusal('InvalidRoute.NotFound')(`no route with destination-cidr-block ${destination} in route table ${table.id}`);
    if (table.routes.some((one) => one.destination === destination && one.target.startsWith('vpce-')))
      throw invalidParameterValue(`cannot remove VPC endpoint route ${destination} in route table ${table.id}`);
    await routeTables.put(tx, { ...table, routes: table.routes.filter((one) => one.destination !== destination) });
  });
  return {};
};

function checkBuilt(operation: string, input: object): void {
  const unbuilt = unbuiltTargets.find((name) => (input as Record<string, unknown>)[name] !== undefined);
  if (unbuilt) throw notBuilt(operation, unbuilt);
}

/** A range with its host bits cleared, or a prefix list. */
function destinationOf({ DestinationCidrBlock: cidr, DestinationIpv6CidrBlock: ipv6, DestinationPrefixListId: list }: Destination): string {
  const given = [cidr, ipv6, list].filter((one) => one !== undefined);
  if (given.length === 0) throw missingParameter('destinationCidrBlock');
  if (given.length > 1) throw refusal('InvalidParameterCombination')('Only one destination may be given.');
  if (ipv6 !== undefined) {
    const range = parseCidr6(ipv6);
    if (!range)
      throw invalidParameterValue(`Value (${ipv6}) for parameter destinationIpv6CidrBlock is invalid. This is not a valid CIDR block.`);
    return formatCidr6(range);
  }
  if (cidr === undefined) return given[0]!;
  const parsed = parseCidr(cidr);
  if (!parsed)
    throw invalidParameterValue(`Value (${cidr}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`);
  return formatCidr(parsed);
}

/** The network's own ranges, and what lies in them, are reached by the local routes. */
async function checkDestination(tx: ReadTransaction, request: ServiceRequest, table: RouteTable, destination: string): Promise<void> {
  if (destination.startsWith('pl-')) return void (await requirePrefixList(tx, request, destination));
  const vpc = await requireResource(tx, request, vpcType, table.vpc);
  const own = isIpv6(destination) ? (vpc.ipv6 ?? []) : vpc.cidrs;
  if (own.some(({ cidr }) => cidr === destination))
    throw refusal('RouteAlreadyExists')(`The route identified by ${destination} already exists.`);
  if (own.some(({ cidr }) => isWithin(cidr, destination))) throw notBuilt('CreateRoute', 'a destination inside the VPC');
}

const isWithin = (outer: string, inner: string): boolean =>
  isIpv6(outer) ? contains6(cidr6Of(outer), cidr6Of(inner)) : contains(cidrOf(outer), cidrOf(inner));

async function routeTo(
  tx: ReadTransaction,
  request: ServiceRequest,
  table: RouteTable,
  destination: string,
  input: Target,
): Promise<Route> {
  const given = [
    input.GatewayId,
    input.NatGatewayId,
    input.NetworkInterfaceId,
    input.InstanceId,
    input.VpcPeeringConnectionId,
    input.EgressOnlyInternetGatewayId,
  ];
  if (given.filter((one) => one !== undefined).length !== 1)
    throw refusal('InvalidParameterCombination')(
      'The request must contain exactly one of: gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, localGatewayId, carrierGatewayId, vpcEndpointId, coreNetworkArn or instanceId',
    );
  const target = given.find((one) => one !== undefined)!;
  checkFamily(destination, input);
  if (input.InstanceId !== undefined) return throughInstance(tx, request, table, destination, input.InstanceId);
  if (input.VpcPeeringConnectionId !== undefined) return throughPeering(tx, request, table, destination, target);
  const type = typeOf(input, target);
  const row = (await requireResource(tx, request, type, target)) as { vpc?: string };
  if (row.vpc === undefined)
    throw refusal('InvalidParameterValue')(`resource ${target} is not attached to a network`.replace('resource', 'Gateway'));
  if (row.vpc !== table.vpc)
    throw refusal('InvalidParameterValue')(
      `route table ${table.id} and ${type.name.replace('-', ' ')} ${target} belong to different networks`,
    );
  return { destination, target };
}

/** NAT gateways translate IPv4, egress-only gateways are for IPv6. */
function checkFamily(destination: string, input: Target): void {
  if (isIpv6(destination) && input.NatGatewayId !== undefined) throw notBuilt('CreateRoute', 'a NAT gateway for IPv6');
  if (!isIpv6(destination) && input.EgressOnlyInternetGatewayId !== undefined)
    throw invalidParameterValue(`Egress-only internet gateways are for IPv6: ${destination} is no IPv6 CIDR block`);
}

function typeOf(input: Target, target: string): AnyResourceType {
  if (input.NatGatewayId !== undefined) return natGatewayType;
  if (input.NetworkInterfaceId !== undefined) return networkInterfaceType;
  if (input.EgressOnlyInternetGatewayId !== undefined) return egressOnlyGatewayType;
  if (target === 'local') throw notBuilt('CreateRoute', 'GatewayId local');
  return internetGatewayType;
}

async function throughInstance(
  tx: ReadTransaction,
  request: ServiceRequest,
  table: RouteTable,
  destination: string,
  instance: string,
): Promise<Route> {
  const interfaces = await resourcesBy(tx, request, networkInterfaceType, 'instance', instance);
  if (interfaces.length === 0) throw refusal('InvalidInstanceID.NotFound')(`The instance ID '${instance}' does not exist`);
  if (interfaces.length > 1)
    throw refusal('InvalidInstanceID')(
      `There are multiple interfaces attached to instance '${instance}'. Please specify an interface ID for the operation instead.`,
    );
  const [only] = interfaces;
  if (only!.vpc !== table.vpc)
    throw invalidParameterValue(`route table ${table.id} and network interface ${only!.id} belong to different networks`);
  return { destination, target: only!.id, instance };
}

async function throughPeering(
  tx: ReadTransaction,
  request: ServiceRequest,
  table: RouteTable,
  destination: string,
  id: string,
): Promise<Route> {
  const peering = await peerings.find(tx, 'id', id);
  const mine =
    peering &&
    [peering.requester, peering.accepter].some(
      (side) => side.account === request.account && side.region === request.region && side.vpc === table.vpc,
    );
  if (!peering) throw peeringType.notFound(id);
  if (!mine) throw invalidParameterValue(`route table ${table.id} and peering connection ${id} belong to different networks`);
  if (peering.state !== 'active' && peering.state !== 'pending-acceptance')
    throw refusal('InvalidStateTransition')(`The VPC peering connection ${id} is not active.`);
  return { destination, target: id };
}
