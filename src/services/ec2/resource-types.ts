/** Every type of resource that tags can be put on, in one list. */

import { elasticAddressType } from './addresses/address.ts';
import { computeTypes } from './compute/records.ts';
import { dhcpOptionsType } from './dhcp-options/dhcp-options.ts';
import { egressOnlyGatewayType } from './egress-only-internet-gateways/egress-only-gateway.ts';
import { flowLogType } from './flow-logs/flow-log.ts';
import { internetGatewayType } from './internet-gateways/internet-gateway.ts';
import { natGatewayType } from './nat-gateways/nat-gateway.ts';
import { networkAclType } from './network-acls/network-acl.ts';
import { insightsAnalysisType, insightsPathType } from './network-insights/insights.ts';
import { networkInterfaceType } from './network-interfaces/network-interface.ts';
import { prefixListType } from './prefix-lists/prefix-list.ts';
import type { AnyResourceType } from './resource.ts';
import { routeTableType } from './route-tables/route-table.ts';
import { securityGroupRuleType, securityGroupType } from './security-groups/security-group.ts';
import { cidrReservationType } from './subnets/cidr-reservation.ts';
import { subnetType } from './subnets/subnet.ts';
import { vpcEndpointType } from './vpc-endpoints/vpc-endpoint.ts';
import { peeringType } from './vpc-peering-connections/peering.ts';
import { vpcType } from './vpcs/vpc.ts';
import { vpnGatewayType } from './vpn-gateways/vpn-gateway.ts';

export function resourceTypes(): readonly AnyResourceType[] {
  return [...network, ...computeTypes];
}

const network: readonly AnyResourceType[] = [
  ...[vpcType, subnetType, routeTableType, internetGatewayType, networkAclType, dhcpOptionsType],
  ...[networkInterfaceType, securityGroupType, securityGroupRuleType, elasticAddressType, natGatewayType],
  ...[insightsPathType, insightsAnalysisType, peeringType, vpcEndpointType, prefixListType, egressOnlyGatewayType, flowLogType],
  ...[cidrReservationType, vpnGatewayType],
];
