/** What the operations on NAT gateways ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { elasticAddressType } from '../addresses/address.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { subnetType } from '../subnets/subnet.ts';
import { natGatewayType } from './nat-gateway.ts';

const onGateway = on<{ NatGatewayId: string }>((input) => [[natGatewayType, input.NatGatewayId]]);

export const natGatewayPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateNatGateway: creating(natGatewayType, (input) => [
    [subnetType, input.SubnetId],
    [elasticAddressType, input.AllocationId],
    [elasticAddressType, input.SecondaryAllocationIds],
  ]),
  DeleteNatGateway: onGateway,
  DescribeNatGateways: anywhere,
  AssociateNatGatewayAddress: on((input) => [
    [natGatewayType, input.NatGatewayId],
    [elasticAddressType, input.AllocationIds],
  ]),
  DisassociateNatGatewayAddress: onGateway,
  AssignPrivateNatGatewayAddress: onGateway,
  UnassignPrivateNatGatewayAddress: onGateway,
};
