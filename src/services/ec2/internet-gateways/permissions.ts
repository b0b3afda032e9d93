/** What the operations on internet gateways ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { internetGatewayType } from './internet-gateway.ts';

const onBoth = on<{ InternetGatewayId: string; VpcId: string }>((input) => [
  [internetGatewayType, input.InternetGatewayId],
  [vpcType, input.VpcId],
]);

export const internetGatewayPermissions: ServiceDefinition<Ec2>['authorize'] = {
  AttachInternetGateway: onBoth,
  CreateInternetGateway: creating(internetGatewayType),
  DeleteInternetGateway: on((input) => [[internetGatewayType, input.InternetGatewayId]]),
  DescribeInternetGateways: anywhere,
  DetachInternetGateway: onBoth,
};
