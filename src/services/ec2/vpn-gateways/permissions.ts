/** What the operations on virtual private gateways ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import { routeTableType } from '../route-tables/route-table.ts';
import type { Ec2 } from '../sdk.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { vpnGatewayType } from './vpn-gateway.ts';

const onAttachment = on<{ VpnGatewayId: string; VpcId: string }>((input) => [
  [vpnGatewayType, input.VpnGatewayId],
  [vpcType, input.VpcId],
]);
const onPropagation = on<{ GatewayId: string; RouteTableId: string }>((input) => [
  [vpnGatewayType, input.GatewayId],
  [routeTableType, input.RouteTableId],
]);

export const vpnGatewayPermissions: ServiceDefinition<Ec2>['authorize'] = {
  AttachVpnGateway: onAttachment,
  CreateVpnGateway: creating(vpnGatewayType),
  DeleteVpnGateway: on((input) => [[vpnGatewayType, input.VpnGatewayId]]),
  DescribeVpnGateways: anywhere,
  DetachVpnGateway: onAttachment,
  DisableVgwRoutePropagation: onPropagation,
  EnableVgwRoutePropagation: onPropagation,
};
