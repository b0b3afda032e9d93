/** The operations of the network's folders, gathered for the contents page. */

import * as networkInterfaceOperations from '../network-interfaces/operations.ts';
import { DescribeAvailabilityZones, DescribeRegions } from '../regions/operations.ts';
import * as securityGroupOperations from '../security-groups/operations.ts';
import * as subnetOperations from '../subnets/operations.ts';
import { CreateTags, DeleteTags, DescribeTags } from '../tags/operations.ts';
import * as vpcAttributes from '../vpcs/attributes.ts';
import * as vpcOperations from '../vpcs/operations.ts';

const { DescribeAccountAttributes, CreateDefaultVpc, CreateVpc, DeleteVpc, DescribeVpcs } = vpcOperations;
const { CreateDefaultSubnet, CreateSubnet, DeleteSubnet, DescribeSubnets, ModifySubnetAttribute } = subnetOperations;
const { CreateNetworkInterface, DeleteNetworkInterface, DescribeNetworkInterfaces } = networkInterfaceOperations;
const { CreateSecurityGroup, DeleteSecurityGroup, DescribeSecurityGroupRules, DescribeSecurityGroups } = securityGroupOperations;

export const networkOperations = {
  ...{ CreateTags, DeleteTags, DescribeTags },
  ...{ DescribeAccountAttributes, DescribeAvailabilityZones, DescribeRegions },
  ...{ CreateDefaultVpc, CreateVpc, DeleteVpc, DescribeVpcs, ...vpcAttributes },
  ...{ CreateDefaultSubnet, CreateSubnet, DeleteSubnet, DescribeSubnets, ModifySubnetAttribute },
  ...{ CreateNetworkInterface, DeleteNetworkInterface, DescribeNetworkInterfaces },
  ...{ CreateSecurityGroup, DeleteSecurityGroup, DescribeSecurityGroupRules, DescribeSecurityGroups },
};
