/** What the operations on VPCs ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { vpcType } from './vpc.ts';

const onVpc = on<{ VpcId: string }>((input) => [[vpcType, input.VpcId]]);

export const vpcPermissions: ServiceDefinition<Ec2>['authorize'] = {
  AssociateVpcCidrBlock: onVpc,
  CreateDefaultVpc: anywhere,
  CreateVpc: creating(vpcType),
  DeleteVpc: onVpc,
  DescribeAccountAttributes: anywhere,
  DescribeVpcAttribute: onVpc,
  DescribeVpcs: anywhere,
  DisassociateVpcCidrBlock: anywhere,
  ModifyVpcAttribute: onVpc,
  ModifyVpcTenancy: onVpc,
};
