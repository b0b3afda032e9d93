/** The permissions of the network's folders, gathered for the contents page. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { networkInterfacePermissions } from '../network-interfaces/permissions.ts';
import { anywhere } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { securityGroupPermissions } from '../security-groups/permissions.ts';
import { subnetPermissions } from '../subnets/permissions.ts';
import { onCreateTags, onDeleteTags } from '../tags/operations.ts';
import { vpcPermissions } from '../vpcs/permissions.ts';

export const networkPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateTags: onCreateTags,
  DeleteTags: onDeleteTags,
  DescribeTags: anywhere,
  DescribeAvailabilityZones: anywhere,
  DescribeRegions: anywhere,
  ...vpcPermissions,
  ...subnetPermissions,
  ...networkInterfacePermissions,
  ...securityGroupPermissions,
};
