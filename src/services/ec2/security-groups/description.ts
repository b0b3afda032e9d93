/** Security groups and their rules as Describe calls show them. */

import type { ReadTransaction } from '../../../store/store.ts';
import type { Filters } from '../filters.ts';
import { resourceArn, resourcesBy } from '../resource.ts';
import { tagSet } from '../tags/tag-specifications.ts';
import { securityGroupRuleType, securityGroupType, type SecurityGroup, type SecurityGroupRule } from './security-group.ts';

export type ShownGroup = SecurityGroup & { rules: SecurityGroupRule[] };

export async function completeGroup(tx: ReadTransaction, group: SecurityGroup): Promise<ShownGroup> {
  return { ...group, rules: await resourcesBy(tx, group, securityGroupRuleType, 'group', group.id) };
}

/** Rules of one protocol and one span of ports are shown as one permission. */
export function permissionsOf(rules: readonly SecurityGroupRule[]) {
  const spans = new Map<string, SecurityGroupRule[]>();
  for (const rule of rules) {
    const key = `${rule.protocol} ${rule.from} ${rule.to}`;
    spans.set(key, [...(spans.get(key) ?? []), rule]);
  }
  return [...spans.values()].map((list) => ({
    IpProtocol: list[0]!.protocol,
    ...(list[0]!.from !== undefined && { FromPort: list[0]!.from, ToPort: list[0]!.to! }),
    IpRanges: list.flatMap((rule) => ('cidr' in rule.peer ? [{ CidrIp: rule.peer.cidr, ...described(rule) }] : [])),
    Ipv6Ranges: list.flatMap((rule) => ('ipv6' in rule.peer ? [{ CidrIpv6: rule.peer.ipv6, ...described(rule) }] : [])),
    PrefixListIds: list.flatMap((rule) => ('prefixList' in rule.peer ? [{ PrefixListId: rule.peer.prefixList, ...described(rule) }] : [])),
    UserIdGroupPairs: list.flatMap((rule) =>
      'group' in rule.peer ? [{ GroupId: rule.peer.group, UserId: rule.peer.account, ...described(rule) }] : [],
    ),
  }));
}

const described = (rule: SecurityGroupRule): { Description?: string } =>
  rule.description === undefined ? {} : { Description: rule.description };

export function groupOf(group: ShownGroup) {
  return {
    ...{ GroupId: group.id, GroupName: group.name, Description: group.description, VpcId: group.vpc, OwnerId: group.account },
    SecurityGroupArn: resourceArn(securityGroupType, group, group.id),
    IpPermissions: permissionsOf(group.rules.filter((rule) => !rule.egress)),
    IpPermissionsEgress: permissionsOf(group.rules.filter((rule) => rule.egress)),
    ...tagSet(group),
  };
}

export function ruleOf(rule: SecurityGroupRule) {
  const { peer } = rule;
  return {
    ...{ SecurityGroupRuleId: rule.id, GroupId: rule.group, GroupOwnerId: rule.account, IsEgress: rule.egress },
    ...{ IpProtocol: rule.protocol, FromPort: rule.from ?? -1, ToPort: rule.to ?? -1 },
    ...('cidr' in peer && { CidrIpv4: peer.cidr }),
    ...('ipv6' in peer && { CidrIpv6: peer.ipv6 }),
    ...('prefixList' in peer && { PrefixListId: peer.prefixList }),
    ...('group' in peer && { ReferencedGroupInfo: { GroupId: peer.group, UserId: peer.account } }),
    ...described(rule),
    SecurityGroupRuleArn: resourceArn(securityGroupRuleType, rule, rule.id),
    ...tagSet(rule),
  };
}

const ofRules =
  (egress: boolean, value: (rule: SecurityGroupRule) => string | undefined) =>
  (group: ShownGroup): (string | undefined)[] =>
    group.rules.filter((rule) => rule.egress === egress).map(value);

const ruleFilters = (prefix: string, egress: boolean): Filters<ShownGroup> => ({
  [`${prefix}.cidr`]: ofRules(egress, ({ peer }) => ('cidr' in peer ? peer.cidr : undefined)),
  [`${prefix}.ipv6-cidr`]: ofRules(egress, ({ peer }) => ('ipv6' in peer ? peer.ipv6 : undefined)),
  [`${prefix}.group-id`]: ofRules(egress, ({ peer }) => ('group' in peer ? peer.group : undefined)),
  [`${prefix}.user-id`]: ofRules(egress, ({ peer }) => ('group' in peer ? peer.account : undefined)),
  [`${prefix}.prefix-list-id`]: ofRules(egress, ({ peer }) => ('prefixList' in peer ? peer.prefixList : undefined)),
  [`${prefix}.from-port`]: ofRules(egress, ({ from }) => from?.toString()),
  [`${prefix}.to-port`]: ofRules(egress, ({ to }) => to?.toString()),
  [`${prefix}.protocol`]: ofRules(egress, ({ protocol }) => protocol),
});

export const groupFilters: Filters<ShownGroup> = {
  'group-id': (group) => group.id,
  'group-name': (group) => group.name,
  description: (group) => group.description,
  'owner-id': (group) => group.account,
  'vpc-id': (group) => group.vpc,
  ...ruleFilters('ip-permission', false),
  ...ruleFilters('egress.ip-permission', true),
};

export const securityGroupRuleFilters: Filters<SecurityGroupRule> = {
  'security-group-rule-id': (rule) => rule.id,
  'group-id': (rule) => rule.group,
};
