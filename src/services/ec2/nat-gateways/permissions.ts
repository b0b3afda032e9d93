/** What the operations on NAT gateways ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { elasticAddressType } from '../addresses/address.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { subnetType } from '../subnets/subnet.ts';
import { natGatewayType } from './nat-gateway.ts';

export const natGatewayPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateNatGateway: creating(natGatewayType, (input) => [
    [subnetType, input.SubnetId],
    [elasticAddressType, input.AllocationId],
  ]),
  DeleteNatGateway: on((input) => [[natGatewayType, input.NatGatewayId]]),
  DescribeNatGateways: anywhere,
};
