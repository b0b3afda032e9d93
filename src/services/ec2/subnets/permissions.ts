/** What the operations on subnets ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { cidrReservationType } from './cidr-reservation.ts';
import { subnetType } from './subnet.ts';

const onSubnet = on<{ SubnetId: string }>((input) => [[subnetType, input.SubnetId]]);

export const subnetPermissions: ServiceDefinition<Ec2>['authorize'] = {
  AssociateSubnetCidrBlock: onSubnet,
  CreateDefaultSubnet: anywhere,
  CreateSubnet: creating(subnetType, (input) => [[vpcType, input.VpcId]]),
  CreateSubnetCidrReservation: creating(cidrReservationType, (input) => [[subnetType, input.SubnetId]]),
  DeleteSubnetCidrReservation: on((input) => [[cidrReservationType, input.SubnetCidrReservationId]]),
  GetSubnetCidrReservations: anywhere,
  DeleteSubnet: onSubnet,
  DescribeSubnets: anywhere,
  DisassociateSubnetCidrBlock: anywhere,
  ModifySubnetAttribute: onSubnet,
};
