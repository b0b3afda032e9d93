/** The permissions of the network's folders, gathered for the contents page. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { addressPermissions } from '../addresses/permissions.ts';
import { dhcpOptionsPermissions } from '../dhcp-options/permissions.ts';
import { egressOnlyGatewayPermissions } from '../egress-only-internet-gateways/permissions.ts';
import { flowLogPermissions } from '../flow-logs/permissions.ts';
import { internetGatewayPermissions } from '../internet-gateways/permissions.ts';
import { natGatewayPermissions } from '../nat-gateways/permissions.ts';
import { networkAclPermissions } from '../network-acls/permissions.ts';
import { networkInsightsPermissions } from '../network-insights/permissions.ts';
import { networkInterfacePermissions } from '../network-interfaces/permissions.ts';
import { anywhere } from '../permissions.ts';
import { prefixListPermissions } from '../prefix-lists/permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { routeTablePermissions } from '../route-tables/permissions.ts';
import { securityGroupPermissions } from '../security-groups/permissions.ts';
import { subnetPermissions } from '../subnets/permissions.ts';
import { onCreateTags, onDeleteTags } from '../tags/operations.ts';
import { vpcEndpointPermissions } from '../vpc-endpoints/permissions.ts';
import { peeringPermissions } from '../vpc-peering-connections/permissions.ts';
import { vpnGatewayPermissions } from '../vpn-gateways/permissions.ts';
import { vpcPermissions } from '../vpcs/permissions.ts';

export const networkPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateTags: onCreateTags,
  DeleteTags: onDeleteTags,
  DescribeTags: anywhere,
  DescribeAvailabilityZones: anywhere,
  DescribeRegions: anywhere,
  DescribeAggregateIdFormat: anywhere,
  DescribeIdFormat: anywhere,
  DescribeIdentityIdFormat: anywhere,
  ModifyIdFormat: anywhere,
  ModifyIdentityIdFormat: anywhere,
  ...vpcPermissions,
  ...subnetPermissions,
  ...networkInterfacePermissions,
  ...securityGroupPermissions,
  ...internetGatewayPermissions,
  ...routeTablePermissions,
  ...networkAclPermissions,
  ...addressPermissions,
  ...natGatewayPermissions,
  ...peeringPermissions,
  ...dhcpOptionsPermissions,
  ...networkInsightsPermissions,
  ...prefixListPermissions,
  ...egressOnlyGatewayPermissions,
  ...flowLogPermissions,
  ...vpcEndpointPermissions,
  ...vpnGatewayPermissions,
};
