/** Security groups in VPCs beside their own: associate, disassociate, describe, and which groups a VPC may use. */

import type { Page } from '../../../store/table.ts';
import { dependencyViolation, invalidParameterValue, refusal } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { networkInterfaceType } from '../network-interfaces/network-interface.ts';
import { pageOf, readPage } from '../pagination.ts';
import { requireResource, resourcesBy } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { tagSet } from '../tags/tag-specifications.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { securityGroups, securityGroupType, type SecurityGroup } from './security-group.ts';
import { associationsOfVpc, servesVpc, vpcAssociations, type VpcAssociation } from './vpc-association.ts';

export const AssociateSecurityGroupVpc: Operation<'AssociateSecurityGroupVpc'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const group = await requireResource(tx, request, securityGroupType, input.GroupId);
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    const home = await requireResource(tx, request, vpcType, group.vpc);
    if (group.name === 'default') throw invalidParameterValue(`The default security group '${group.id}' cannot be associated with a VPC.`);
    if (vpc.isDefault || home.isDefault) throw invalidParameterValue('Security groups cannot be associated from or with a default VPC.');
    if (await servesVpc(tx, group, vpc.id))
      throw invalidParameterValue(`The security group '${group.id}' is already associated with the VPC '${vpc.id}'.`);
    await vpcAssociations.put(tx, { account: group.account, region: group.region, group: group.id, vpc: vpc.id });
  });
  return { State: 'associating' };
};

/** Refused while an interface there is in the group. */
export const DisassociateSecurityGroupVpc: Operation<'DisassociateSecurityGroupVpc'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const group = await requireResource(tx, request, securityGroupType, input.GroupId);
    const found = await vpcAssociations.get(tx, group.account, group.region, group.id, input.VpcId);
    if (!found) throw refusal('InvalidVpcID.NotFound')(`The security group '${group.id}' is not associated with the VPC '${input.VpcId}'.`);
    const members = await resourcesBy(tx, request, networkInterfaceType, 'vpc', found.vpc);
    if (members.some((one) => one.groups.includes(group.id)))
      throw dependencyViolation(`Network interfaces of the VPC '${found.vpc}' are in the security group '${group.id}'.`);
    await vpcAssociations.delete(tx, found.account, found.region, found.group, found.vpc);
  });
  return { State: 'disassociating' };
};

const associationFilters: Filters<VpcAssociation> = {
  'group-id': (row) => row.group,
  'group-owner-id': (row) => row.account,
  'vpc-id': (row) => row.vpc,
  'vpc-owner-id': (row) => row.account,
  state: () => 'associated',
};

export const DescribeSecurityGroupVpcAssociations: Operation<'DescribeSecurityGroupVpcAssociations'> = async (request, input) => {
  const page = pageOf('security-group-vpc-associations', input);
  const fits = compileFilters(input.Filters, associationFilters);
  const { rows, next } = await request.store.read((tx) => {
    const read = (range: Page) => vpcAssociations.scan(tx, [request.account, request.region], range);
    return readPage('security-group-vpc-associations', page, read, (row) => (fits(row) ? row : undefined));
  });
  return {
    SecurityGroupVpcAssociations: rows.map((row) => ({
      ...{ GroupId: row.group, GroupOwnerId: row.account, VpcId: row.vpc, VpcOwnerId: row.account, State: 'associated' as const },
    })),
    ...next,
  };
};

const groupFilters: Filters<SecurityGroup> = {
  'group-id': (group) => group.id,
  'group-name': (group) => group.name,
  description: (group) => group.description,
  'owner-id': (group) => group.account,
  'primary-vpc-id': (group) => group.vpc,
};

/** Its own, and those that are associated with it. */
export const GetSecurityGroupsForVpc: Operation<'GetSecurityGroupsForVpc'> = async (request, input) => {
  const page = pageOf('security-groups-for-vpc', input);
  const fits = compileFilters(input.Filters, groupFilters);
  const { account, region } = request;
  const { rows, next } = await request.store.read(async (tx) => {
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    const guests: SecurityGroup[] = [];
    // On the first page, before the VPC's own.
    if (!page.after)
      for (const { group } of await associationsOfVpc(tx, request, vpc.id))
        guests.push(await requireResource(tx, request, securityGroupType, group));
    const read = (range: Page) => securityGroups.scanIndex(tx, 'vpc', [account, region, vpc.id], range);
    return readPage('security-groups-for-vpc', page, read, (row) => (fits(row) ? row : undefined), guests.filter(fits));
  });
  return {
    SecurityGroupForVpcs: rows.map((group) => ({
      ...{ GroupId: group.id, GroupName: group.name, Description: group.description, OwnerId: group.account, PrimaryVpcId: group.vpc },
      ...tagSet(group),
    })),
    ...next,
  };
};
