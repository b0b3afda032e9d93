/** The operations of the network's folders, gathered for the contents page. */

import { AssociateAddress, DisassociateAddress } from '../addresses/associations.ts';
import * as addressOperations from '../addresses/operations.ts';
import * as addressTransfers from '../addresses/transfers.ts';
import * as dhcpOperations from '../dhcp-options/operations.ts';
import * as egressOnlyOperations from '../egress-only-internet-gateways/operations.ts';
import * as flowLogOperations from '../flow-logs/operations.ts';
import * as internetGatewayOperations from '../internet-gateways/operations.ts';
import * as natGatewayAddresses from '../nat-gateways/addresses.ts';
import * as natGatewayOperations from '../nat-gateways/operations.ts';
import * as networkAclEntries from '../network-acls/entries.ts';
import * as networkAclOperations from '../network-acls/operations.ts';
import * as networkInsightsOperations from '../network-insights/operations.ts';
import { AssignIpv6Addresses, UnassignIpv6Addresses } from '../network-interfaces/addresses6.ts';
import { AttachNetworkInterface, DetachNetworkInterface } from '../network-interfaces/attach.ts';
import * as networkInterfaceChanges from '../network-interfaces/changes.ts';
import * as networkInterfaceOperations from '../network-interfaces/operations.ts';
import * as prefixListOperations from '../prefix-lists/operations.ts';
import * as idFormats from '../regions/id-formats.ts';
import { DescribeAvailabilityZones, DescribeRegions } from '../regions/operations.ts';
import * as routeTableOperations from '../route-tables/operations.ts';
import * as routeOperations from '../route-tables/routes.ts';
import * as securityGroupOperations from '../security-groups/operations.ts';
import * as securityGroupRuleOperations from '../security-groups/rule-operations.ts';
import * as securityGroupReferences from '../security-groups/references.ts';
import * as securityGroupVpcs from '../security-groups/vpc-associations.ts';
import * as cidrReservationOperations from '../subnets/cidr-reservations.ts';
import { AssociateSubnetCidrBlock, DisassociateSubnetCidrBlock } from '../subnets/ipv6.ts';
import * as subnetOperations from '../subnets/operations.ts';
import { CreateTags, DeleteTags, DescribeTags } from '../tags/operations.ts';
import * as vpcEndpointOperations from '../vpc-endpoints/operations.ts';
import * as vpcEndpointChanges from '../vpc-endpoints/changes.ts';
import * as endpointServiceOperations from '../vpc-endpoints/service-operations.ts';
import * as peeringOperations from '../vpc-peering-connections/operations.ts';
import * as vpcAttributes from '../vpcs/attributes.ts';
import * as vpnGatewayOperations from '../vpn-gateways/operations.ts';
import * as vpcOperations from '../vpcs/operations.ts';

const { DescribeAccountAttributes, CreateDefaultVpc, CreateVpc, DeleteVpc, DescribeVpcs } = vpcOperations;
const { CreateDefaultSubnet, CreateSubnet, DeleteSubnet, DescribeSubnets, ModifySubnetAttribute } = subnetOperations;
const { CreateNetworkInterface, DeleteNetworkInterface, DescribeNetworkInterfaces } = networkInterfaceOperations;
const { CreateSecurityGroup, DeleteSecurityGroup, DescribeSecurityGroupRules, DescribeSecurityGroups } = securityGroupOperations;

const { AllocateAddress, DescribeAddresses, DescribeAddressesAttribute, ReleaseAddress } = addressOperations;

export const networkOperations = {
  ...{ CreateTags, DeleteTags, DescribeTags },
  ...{ DescribeAccountAttributes, DescribeAvailabilityZones, DescribeRegions },
  ...{ CreateDefaultVpc, CreateVpc, DeleteVpc, DescribeVpcs, ...vpcAttributes },
  ...{ CreateDefaultSubnet, CreateSubnet, DeleteSubnet, DescribeSubnets, ModifySubnetAttribute },
  ...{ AssociateSubnetCidrBlock, DisassociateSubnetCidrBlock },
  ...{ CreateNetworkInterface, DeleteNetworkInterface, DescribeNetworkInterfaces },
  ...{ CreateSecurityGroup, DeleteSecurityGroup, DescribeSecurityGroupRules, DescribeSecurityGroups },
  ...{ ...securityGroupRuleOperations, ...securityGroupReferences, ...securityGroupVpcs },
  ...internetGatewayOperations,
  ...routeTableOperations,
  ...routeOperations,
  ...networkAclOperations,
  ...networkAclEntries,
  ...{ ...networkInterfaceChanges, AssignIpv6Addresses, UnassignIpv6Addresses, AttachNetworkInterface, DetachNetworkInterface },
  ...{ AllocateAddress, DescribeAddresses, DescribeAddressesAttribute, ReleaseAddress, AssociateAddress, DisassociateAddress },
  ...{ ...natGatewayOperations, ...natGatewayAddresses, ...addressTransfers, ...idFormats },
  ...peeringOperations,
  ...dhcpOperations,
  ...networkInsightsOperations,
  ...prefixListOperations,
  ...{ ...egressOnlyOperations, ...vpnGatewayOperations, ...cidrReservationOperations },
  ...flowLogOperations,
  ...{ ...vpcEndpointOperations, ...vpcEndpointChanges, ...endpointServiceOperations },
};
