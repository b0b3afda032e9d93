/** What the operations on VPC endpoints ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import { routeTableType } from '../route-tables/route-table.ts';
import type { Ec2 } from '../sdk.ts';
import { securityGroupType } from '../security-groups/security-group.ts';
import { subnetType } from '../subnets/subnet.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { vpcEndpointType } from './vpc-endpoint.ts';

export const vpcEndpointPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateVpcEndpoint: creating(
    vpcEndpointType,
    (input) => [
      [vpcType, input.VpcId],
      [routeTableType, input.RouteTableIds],
      [subnetType, input.SubnetIds],
      [securityGroupType, input.SecurityGroupIds],
    ],
    (input) => ({ 'ec2:VpceServiceName': input.ServiceName, 'ec2:VpceServiceOwner': 'amazon' }),
  ),
  DeleteVpcEndpoints: on((input) => [[vpcEndpointType, input.VpcEndpointIds]]),
  DescribePrefixLists: anywhere,
  DescribeVpcEndpoints: anywhere,
  DescribeVpcEndpointServices: anywhere,
  ModifyVpcEndpoint: on((input) => [
    [vpcEndpointType, input.VpcEndpointId],
    [routeTableType, [...(input.AddRouteTableIds ?? []), ...(input.RemoveRouteTableIds ?? [])]],
    [subnetType, [...(input.AddSubnetIds ?? []), ...(input.RemoveSubnetIds ?? [])]],
    [securityGroupType, [...(input.AddSecurityGroupIds ?? []), ...(input.RemoveSecurityGroupIds ?? [])]],
  ]),
};
