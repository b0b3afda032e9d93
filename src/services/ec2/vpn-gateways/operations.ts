/** Virtual private gateways: create, attach, detach, delete, describe, and whether route tables take routes from them. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { describe } from '../describe.ts';
import { incorrectState, invalidParameterValue, refusal } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { newId, requireResource, resourcesBy, resourcesIn } from '../resource.ts';
import { routeTables, routeTableType } from '../route-tables/route-table.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { zoneNamed } from '../../../framework/regions.ts';
import { vpnGateways, vpnGatewayType, type VpnGateway } from './vpn-gateway.ts';

/** Amazon's side of BGP where nothing is said: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpnGateway.html */
const defaultAsn = 64_512;
const gatewaysPerRegionMax = 5;

const shown = (row: VpnGateway) => ({
  ...{ VpnGatewayId: row.id, State: 'available' as const, Type: 'ipsec.1' as const, AmazonSideAsn: row.asn },
  ...(row.zone !== undefined && { AvailabilityZone: row.zone }),
  VpcAttachments: row.vpc === undefined ? [] : [{ VpcId: row.vpc, State: 'attached' as const }],
  ...tagSet(row),
});

const filters: Filters<VpnGateway> = {
  'amazon-side-asn': (row) => row.asn,
  'attachment.state': (row) => row.vpc && 'attached',
  'attachment.vpc-id': (row) => row.vpc,
  'availability-zone': (row) => row.zone,
  state: () => 'available',
  type: () => 'ipsec.1',
  'vpn-gateway-id': (row) => row.id,
};

export const DescribeVpnGateways: Operation<'DescribeVpnGateways'> = async (request, input) => {
  const { rows } = await describe(request, { Filters: input.Filters }, { type: vpnGatewayType, ids: input.VpnGatewayIds, filters });
  return { VpnGateways: rows.map(shown) };
};

export const CreateVpnGateway: Operation<'CreateVpnGateway'> = async (request, input) => {
  const { account, region } = request;
  if (input.Type !== 'ipsec.1') throw invalidParameterValue(`Value (${input.Type}) for parameter type is invalid.`);
  const zone = input.AvailabilityZone;
  if (zone !== undefined && !zoneNamed(region, zone)) throw invalidParameterValue(`Invalid availability zone: [${zone}]`);
  const row: VpnGateway = {
    ...{ account, region, id: newId(request.random, 'vgw'), asn: checkedAsn(input.AmazonSideAsn) },
    ...(zone !== undefined && { zone }),
    ...kept(tagsFor(input.TagSpecifications, 'vpn-gateway')),
  };
  await request.store.write(async (tx) => {
    if ((await resourcesIn(tx, request, vpnGatewayType)).length >= gatewaysPerRegionMax)
      throw refusal('VpnGatewayLimitExceeded')('The maximum number of virtual private gateways has been reached.');
    await vpnGateways.put(tx, row);
  });
  return { VpnGateway: shown(row) };
};

/** Numbers for private use. */
function checkedAsn(asn = defaultAsn): number {
  if ((asn >= 64_512 && asn <= 65_534) || (asn >= 4_200_000_000 && asn <= 4_294_967_294)) return asn;
  throw invalidParameterValue(`Value (${asn}) for parameter amazonSideAsn is invalid.`);
}

export const AttachVpnGateway: Operation<'AttachVpnGateway'> = async (request, input) => {
  const row = await request.store.write(async (tx) => {
    const gateway = await requireResource(tx, request, vpnGatewayType, input.VpnGatewayId);
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    if (gateway.vpc === vpc.id) return gateway;
    if (gateway.vpc !== undefined)
      throw refusal('VpnGatewayAttachmentLimitExceeded')(`The virtual private gateway '${gateway.id}' is attached to '${gateway.vpc}'.`);
    const [other] = await resourcesBy(tx, request, vpnGatewayType, 'vpc', vpc.id);
    if (other) throw invalidParameterValue(`VPC ${vpc.id} already has a virtual private gateway attached`);
    const next = { ...gateway, vpc: vpc.id };
    await vpnGateways.put(tx, next);
    return next;
  });
  return { VpcAttachment: { VpcId: row.vpc, State: 'attached' } };
};

/** Its VPC's route tables take no routes from it any more. */
export const DetachVpnGateway: Operation<'DetachVpnGateway'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { vpc, ...gateway } = await requireResource(tx, request, vpnGatewayType, input.VpnGatewayId);
    await requireResource(tx, request, vpcType, input.VpcId);
    if (vpc !== input.VpcId)
      throw refusal('InvalidVpnGatewayAttachment.NotFound')(
        `The attachment with vpn gateway ID '${gateway.id}' and vpc ID '${input.VpcId}' does not exist`,
      );
    await vpnGateways.put(tx, gateway);
    for (const table of await resourcesBy(tx, request, routeTableType, 'vpc', vpc))
      if (table.propagating?.includes(gateway.id))
        await routeTables.put(tx, { ...table, propagating: table.propagating.filter((id) => id !== gateway.id) });
  });
  return {};
};

export const DeleteVpnGateway: Operation<'DeleteVpnGateway'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const gateway = await requireResource(tx, request, vpnGatewayType, input.VpnGatewayId);
    if (gateway.vpc !== undefined) throw incorrectState(`VpnGateway ${gateway.id} is attached to ${gateway.vpc}`);
    await vpnGateways.delete(tx, gateway.account, gateway.region, gateway.id);
  });
  return {};
};

type Propagation = { GatewayId: string; RouteTableId: string };

export const EnableVgwRoutePropagation: Operation<'EnableVgwRoutePropagation'> = (request, input) => propagate(request, input, true);
export const DisableVgwRoutePropagation: Operation<'DisableVgwRoutePropagation'> = (request, input) => propagate(request, input, false);

async function propagate(request: ServiceRequest, input: Propagation, enabled: boolean): Promise<object> {
  await request.store.write(async (tx) => {
    const table = await requireResource(tx, request, routeTableType, input.RouteTableId);
    const gateway = await requireResource(tx, request, vpnGatewayType, input.GatewayId);
    if (enabled && gateway.vpc !== table.vpc)
      throw refusal('Gateway.NotAttached')(`resource ${gateway.id} is not attached to network ${table.vpc}`);
    const others = (table.propagating ?? []).filter((id) => id !== gateway.id);
    await routeTables.put(tx, { ...table, propagating: enabled ? [...others, gateway.id] : others });
  });
  return {};
}
