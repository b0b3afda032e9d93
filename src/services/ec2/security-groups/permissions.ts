/** What the operations on security groups ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { securityGroupType } from './security-group.ts';

const onGroup = on<{ GroupId?: string | undefined }>((input) => [[securityGroupType, input.GroupId]]);

const onAssociation = on<{ GroupId: string; VpcId: string }>((input) => [
  [securityGroupType, input.GroupId],
  [vpcType, input.VpcId],
]);

export const securityGroupPermissions: ServiceDefinition<Ec2>['authorize'] = {
  AssociateSecurityGroupVpc: onAssociation,
  DisassociateSecurityGroupVpc: onAssociation,
  DescribeSecurityGroupReferences: anywhere,
  DescribeSecurityGroupVpcAssociations: anywhere,
  DescribeStaleSecurityGroups: anywhere,
  GetSecurityGroupsForVpc: on((input) => [[vpcType, input.VpcId]]),
  AuthorizeSecurityGroupEgress: onGroup,
  AuthorizeSecurityGroupIngress: onGroup,
  CreateSecurityGroup: creating(securityGroupType, (input) => [[vpcType, input.VpcId]]),
  DeleteSecurityGroup: onGroup,
  DescribeSecurityGroupRules: anywhere,
  DescribeSecurityGroups: anywhere,
  ModifySecurityGroupRules: onGroup,
  RevokeSecurityGroupEgress: onGroup,
  RevokeSecurityGroupIngress: onGroup,
  UpdateSecurityGroupRuleDescriptionsEgress: onGroup,
  UpdateSecurityGroupRuleDescriptionsIngress: onGroup,
};
