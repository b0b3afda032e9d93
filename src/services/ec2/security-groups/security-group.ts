/** Security groups and their rules: records and pure rules. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

export type SecurityGroup = {
  account: string;
  region: string;
  id: string;
  vpc: string;
  name: string;
  description: string;
  tags?: Tag[];
};

/** Whom a rule lets in or out to: a range, a group (of this VPC or a peered one) or a prefix list. */
export type Peer = { cidr: string } | { ipv6: string } | { group: string; account: string } | { prefixList: string };

export type SecurityGroupRule = {
  account: string;
  region: string;
  id: string;
  group: string;
  egress: boolean;
  /** `-1` is everything; `tcp`, `udp`, `icmp`, `icmpv6`, or a protocol's number. */
  protocol: string;
  /** Ports, or type and code of ICMP, of which -1 is any. Absent where the protocol has none. */
  from?: number;
  to?: number;
  peer: Peer;
  description?: string;
  tags?: Tag[];
};

export const securityGroups = table<SecurityGroup, 'vpc' | 'name'>('ec2/security-groups', {
  key: (group) => [group.account, group.region, group.id],
  indexes: {
    vpc: (group) => [group.account, group.region, group.vpc],
    name: (group) => [group.account, group.region, group.vpc, group.name],
  },
});
export const securityGroupRules = table<SecurityGroupRule, 'group' | 'peer'>('ec2/security-group-rules', {
  key: (rule) => [rule.account, rule.region, rule.id],
  indexes: {
    group: (rule) => [rule.account, rule.region, rule.group],
    peer: (rule) => [rule.region, peerKey(rule.peer)],
  },
});

export const securityGroupType = resourceType('security-group', 'sg', securityGroups, [
  'InvalidGroup.NotFound',
  (id) => `The security group '${id}' does not exist`,
]);
export const securityGroupRuleType = resourceType('security-group-rule', 'sgr', securityGroupRules, [
  'InvalidSecurityGroupRuleId.NotFound',
  'The security group rule ID',
]);

export const peerKey = (peer: Peer): string =>
  'cidr' in peer ? peer.cidr : 'ipv6' in peer ? peer.ipv6 : 'group' in peer ? peer.group : peer.prefixList;

/** Rules are the same when everything but their id, description and tags is. */
export const ruleKey = (rule: Pick<SecurityGroupRule, 'egress' | 'protocol' | 'from' | 'to' | 'peer'>): string =>
  [rule.egress, rule.protocol, rule.from ?? '', rule.to ?? '', peerKey(rule.peer)].join(' ');
