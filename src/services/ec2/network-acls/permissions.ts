/** What the operations on network ACLs ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { networkAclType } from './network-acl.ts';

const onAcl = on<{ NetworkAclId: string }>((input) => [[networkAclType, input.NetworkAclId]]);

export const networkAclPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateNetworkAcl: creating(networkAclType, (input) => [[vpcType, input.VpcId]]),
  CreateNetworkAclEntry: onAcl,
  DeleteNetworkAcl: onAcl,
  DeleteNetworkAclEntry: onAcl,
  DescribeNetworkAcls: anywhere,
  ReplaceNetworkAclAssociation: onAcl,
  ReplaceNetworkAclEntry: onAcl,
};
