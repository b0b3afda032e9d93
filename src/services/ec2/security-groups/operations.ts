/** Security groups: create, describe, delete. */

import { describe, describeWith } from '../describe.ts';
import { invalidParameterValue, limitExceeded, refusal } from '../errors.ts';
import { networkInterfaceType } from '../network-interfaces/network-interface.ts';
import { newId, requireResource, resourceArn, resourcesBy, resourcesIn, type Place } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { everythingOut6 } from '../vpcs/ipv6.ts';
import { vpcType } from '../vpcs/vpc.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { completeGroup, groupFilters, groupOf, ruleOf, securityGroupRuleFilters } from './description.ts';
import { securityGroupRules, securityGroupRuleType, securityGroups, securityGroupType, type SecurityGroup } from './security-group.ts';
import { isReferred, vpcAssociations } from './vpc-association.ts';

const groupsPerRegionMax = 2500;
const textCharacters = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/;

export const DescribeSecurityGroups: Operation<'DescribeSecurityGroups'> = async (request, input) => {
  const ids = [...(input.GroupIds ?? []), ...(await request.store.read((tx) => idsOfNames(tx, request, input.GroupNames ?? [])))];
  const { rows, next } = await describeWith(request, input, {
    ...{ type: securityGroupType, ids, filters: groupFilters, complete: completeGroup },
  });
  return { SecurityGroups: rows.map(groupOf), ...next };
};

/** Names find groups of the default VPC only. */
async function idsOfNames(tx: ReadTransaction, place: Place, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const home = (await resourcesIn(tx, place, vpcType)).find((vpc) => vpc.isDefault);
  const groups = home ? await resourcesBy(tx, place, securityGroupType, 'vpc', home.id) : [];
  return names.map((name) => {
    const group = groups.find((one) => one.name === name);
    if (!group) throw refusal('InvalidGroup.NotFound')(`The security group '${name}' does not exist in default VPC '${home?.id ?? ''}'`);
    return group.id;
  });
}

export const DescribeSecurityGroupRules: Operation<'DescribeSecurityGroupRules'> = async (request, input) => {
  const { rows, next } = await describe(request, input, {
    ...{ type: securityGroupRuleType, ids: input.SecurityGroupRuleIds, filters: securityGroupRuleFilters },
  });
  return { SecurityGroupRules: rows.map(ruleOf), ...next };
};

export const CreateSecurityGroup: Operation<'CreateSecurityGroup'> = async (request, input) => {
  const { GroupName: name, Description: description } = input;
  checkText('groupName', name);
  checkText('groupDescription', description);
  if (name.startsWith('sg-'))
    throw invalidParameterValue(`Invalid value '${name}' for groupName. Group names may not be in the format sg-*.`);
  if (name === 'default') throw refusal('InvalidGroup.Reserved')(`Cannot use reserved security group name: ${name}`);
  const tags = tagsFor(input.TagSpecifications, 'security-group');
  const ids = { group: newId(request.random, 'sg'), rule: newId(request.random, 'sgr'), rule6: newId(request.random, 'sgr') };
  const { account, region } = request;
  const group = await request.store.write(async (tx) => {
    const vpc = input.VpcId === undefined ? await defaultVpc(tx, request) : await requireResource(tx, request, vpcType, input.VpcId);
    if (await securityGroups.find(tx, 'name', account, region, vpc.id, name))
      throw refusal('InvalidGroup.Duplicate')(`The security group '${name}' already exists for VPC '${vpc.id}'`);
    if ((await resourcesIn(tx, request, securityGroupType)).length >= groupsPerRegionMax)
      throw limitExceeded('SecurityGroupLimitExceeded', 'The maximum number of security groups has been reached.');
    const made: SecurityGroup = { account, region, id: ids.group, vpc: vpc.id, name, description, ...kept(tags) };
    await securityGroups.put(tx, made);
    await securityGroupRules.put(tx, {
      ...{ account, region, id: ids.rule, group: ids.group, egress: true, protocol: '-1', peer: { cidr: '0.0.0.0/0' } },
    });
    if (vpc.ipv6) await securityGroupRules.put(tx, everythingOut6(request, ids.group, ids.rule6));
    return made;
  });
  return { GroupId: group.id, SecurityGroupArn: resourceArn(securityGroupType, group, group.id), Tags: group.tags ?? [] };
};

async function defaultVpc(tx: ReadTransaction, request: Place) {
  const found = (await resourcesIn(tx, request, vpcType)).find((vpc) => vpc.isDefault);
  if (!found) throw refusal('VPCIdNotSpecified')('No default VPC for this user');
  return found;
}

/** Throws InvalidParameterValue for what AWS does not take as a name or description. */
export function checkText(parameter: string, text: string): void {
  if (text === '' || text.length > 255 || !textCharacters.test(text))
    throw invalidParameterValue(`Value (${text}) for parameter ${parameter} is invalid. Character sets beyond ASCII are not supported.`);
}

/** A group given by its id, or by its name in the default VPC. */
export async function requireGroup(
  tx: ReadTransaction,
  request: Place,
  { GroupId: id, GroupName: name }: { GroupId?: string | undefined; GroupName?: string | undefined },
): Promise<SecurityGroup> {
  if (id !== undefined) return requireResource(tx, request, securityGroupType, id);
  if (name === undefined) throw refusal('MissingParameter')('The request must contain the parameter groupName or groupId');
  const [found] = await idsOfNames(tx, request, [name]);
  return requireResource(tx, request, securityGroupType, found!);
}

export const DeleteSecurityGroup: Operation<'DeleteSecurityGroup'> = async (request, input) => {
  const id = await request.store.write(async (tx) => {
    const group = await requireGroup(tx, request, input);
    const { account, region } = group;
    if (group.name === 'default')
      throw refusal('CannotDelete')(`the specified group: "${group.id}" name: "default" cannot be deleted by a user`);
    const members = await resourcesBy(tx, request, networkInterfaceType, 'vpc', group.vpc);
    const shared = await vpcAssociations.scan(tx, [account, region, group.id], { limit: 1 });
    if (members.some((one) => one.groups.includes(group.id)) || shared.length > 0 || (await isReferred(tx, group)))
      throw refusal('DependencyViolation')(`resource ${group.id} has a dependent object`);
    for (const { row } of await securityGroupRules.scanIndex(tx, 'group', [account, region, group.id]))
      await securityGroupRules.delete(tx, account, region, row.id);
    await securityGroups.delete(tx, account, region, group.id);
    return group.id;
  });
  return { Return: true, GroupId: id };
};
