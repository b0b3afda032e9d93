/** What the operations on VPC peering connections ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { peeringType } from './peering.ts';

const onPeering = on<{ VpcPeeringConnectionId: string }>((input) => [[peeringType, input.VpcPeeringConnectionId]]);

export const peeringPermissions: ServiceDefinition<Ec2>['authorize'] = {
  AcceptVpcPeeringConnection: onPeering,
  CreateVpcPeeringConnection: creating(peeringType, (input) => [[vpcType, input.VpcId]]),
  DeleteVpcPeeringConnection: onPeering,
  DescribeVpcPeeringConnections: anywhere,
  ModifyVpcPeeringConnectionOptions: onPeering,
  RejectVpcPeeringConnection: onPeering,
};
