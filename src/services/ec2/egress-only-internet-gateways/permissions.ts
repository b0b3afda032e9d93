/** What the operations on egress-only internet gateways ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { egressOnlyGatewayType } from './egress-only-gateway.ts';

export const egressOnlyGatewayPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateEgressOnlyInternetGateway: creating(egressOnlyGatewayType, (input) => [[vpcType, input.VpcId]]),
  DeleteEgressOnlyInternetGateway: on((input) => [[egressOnlyGatewayType, input.EgressOnlyInternetGatewayId]]),
  DescribeEgressOnlyInternetGateways: anywhere,
};
