/** Opening, closing and describing rules of security groups. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { invalidParameterValue, limitExceeded, missingParameter, refusal } from '../errors.ts';
import { newId, requireResource, resourcesBy } from '../resource.ts';
import type { Operation, Output } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { ruleOf } from './description.ts';
import { requireGroup } from './operations.ts';
import { checkedDescription, permissionsIn, readRules, type RuleDraft } from './rules.ts';
import {
  peerKey,
  ruleKey,
  securityGroupRules,
  securityGroupRuleType,
  type SecurityGroup,
  type SecurityGroupRule,
} from './security-group.ts';

const rulesPerDirectionMax = 60;

export const AuthorizeSecurityGroupIngress: Operation<'AuthorizeSecurityGroupIngress'> = (request, input) =>
  authorize(request, input, false);
export const AuthorizeSecurityGroupEgress: Operation<'AuthorizeSecurityGroupEgress'> = (request, input) => authorize(request, input, true);
export const RevokeSecurityGroupIngress: Operation<'RevokeSecurityGroupIngress'> = (request, input) => revoke(request, input, false);
export const RevokeSecurityGroupEgress: Operation<'RevokeSecurityGroupEgress'> = (request, input) => revoke(request, input, true);

type GroupInput = { GroupId?: string | undefined; GroupName?: string | undefined };
type RulesInput = GroupInput &
  Parameters<typeof permissionsIn>[0] & {
    TagSpecifications?: { ResourceType?: string; Tags?: { Key?: string; Value?: string }[] }[] | undefined;
  };

/** All rules are added, or none. */
async function authorize(request: ServiceRequest, input: RulesInput, egress: boolean): Promise<Output<'AuthorizeSecurityGroupIngress'>> {
  const permissions = permissionsIn(input);
  const tags = tagsFor(input.TagSpecifications, 'security-group-rule');
  const drawn = Array.from({ length: rulesPerDirectionMax * 2 }, () => newId(request.random, 'sgr'));
  const made = await request.store.write(async (tx) => {
    const group = await requireGroup(tx, request, input);
    const drafts = await readRules(tx, request, group, egress, permissions);
    const present = (await resourcesBy(tx, request, securityGroupRuleType, 'group', group.id)).filter((rule) => rule.egress === egress);
    const known = new Set(present.map(ruleKey));
    for (const draft of drafts) {
      if (known.has(ruleKey(draft))) throw refusal('InvalidPermission.Duplicate')(`the specified rule "${inWords(draft)}" already exists`);
      known.add(ruleKey(draft));
    }
    if (known.size > rulesPerDirectionMax)
      throw limitExceeded('RulesPerSecurityGroupLimitExceeded', 'The maximum number of rules per security group has been reached.');
    const rules = drafts.map((draft, at) => ruleFrom(group, draft, drawn[at]!, kept(tags)));
    for (const rule of rules) await securityGroupRules.put(tx, rule);
    return rules;
  });
  return { Return: true, SecurityGroupRules: made.map(ruleOf) };
}

function ruleFrom({ account, region, id: group }: SecurityGroup, draft: RuleDraft, id: string, tags: object): SecurityGroupRule {
  return { account, region, id, group, ...draft, ...tags };
}

/** As AWS tells a rule: `peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW`. */
function inWords({ protocol, from, to, peer }: RuleDraft): string {
  const ports =
    from === undefined ? [] : protocol.startsWith('icmp') ? [`icmp type: ${from}, code: ${to}`] : [`from port: ${from}, to port: ${to}`];
  return [`peer: ${peerKey(peer)}`, protocol === '-1' ? 'ALL' : protocol.toUpperCase(), ...ports, 'ALLOW'].join(', ');
}

type RevokeInput = RulesInput & { SecurityGroupRuleIds?: string[] | undefined };

async function revoke(request: ServiceRequest, input: RevokeInput, egress: boolean): Promise<Output<'RevokeSecurityGroupIngress'>> {
  const ids = input.SecurityGroupRuleIds ?? [];
  const permissions = ids.length > 0 ? [] : permissionsIn(input);
  const gone = await request.store.write(async (tx) => {
    const group = await requireGroup(tx, request, input);
    const present = (await resourcesBy(tx, request, securityGroupRuleType, 'group', group.id)).filter((rule) => rule.egress === egress);
    const wanted =
      ids.length > 0
        ? ids.map((id) => present.find((rule) => rule.id === id) ?? missing(id))
        : (await readRules(tx, request, group, egress, permissions)).map(
            (draft) => present.find((rule) => ruleKey(rule) === ruleKey(draft)) ?? missing(),
          );
    for (const rule of wanted) await securityGroupRules.delete(tx, rule.account, rule.region, rule.id);
    return wanted;
  });
  return {
    Return: true,
    RevokedSecurityGroupRules: gone.map((rule) => {
      const { SecurityGroupRuleArn: _arn, Tags: _tags, GroupOwnerId: _owner, ReferencedGroupInfo: reference, ...shown } = ruleOf(rule);
      return { ...shown, ...(reference && { ReferencedGroupId: reference.GroupId }) };
    }),
  };
}

function missing(id?: string): never {
  if (id !== undefined) throw securityGroupRuleType.notFound(id);
  throw refusal('InvalidPermission.NotFound')('The specified rule does not exist in this security group.');
}

export const ModifySecurityGroupRules: Operation<'ModifySecurityGroupRules'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const group = await requireGroup(tx, request, { GroupId: input.GroupId });
    for (const { SecurityGroupRuleId: id, SecurityGroupRule: wanted } of input.SecurityGroupRules) {
      if (id === undefined || !wanted) throw missingParameter('SecurityGroupRule');
      const rule = await requireResource(tx, request, securityGroupRuleType, id);
      if (rule.group !== group.id) throw securityGroupRuleType.notFound(id);
      const draft = await wantedRule(tx, request, group, rule, wanted);
      await securityGroupRules.put(tx, ruleFrom(group, draft, id, kept(rule.tags ?? [])));
    }
  });
  return { Return: true };
};

type WantedChange = {
  IpProtocol?: string | undefined;
  FromPort?: number | undefined;
  ToPort?: number | undefined;
  CidrIpv4?: string | undefined;
  CidrIpv6?: string | undefined;
  PrefixListId?: string | undefined;
  ReferencedGroupId?: string | undefined;
  Description?: string | undefined;
};

async function wantedRule(
  tx: WriteTransaction,
  request: ServiceRequest,
  group: SecurityGroup,
  rule: SecurityGroupRule,
  wanted: WantedChange,
): Promise<RuleDraft> {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId, Description } = wanted;
  const [draft, ...more] = await readRules(tx, request, group, rule.egress, [
    {
      ...{ IpProtocol: wanted.IpProtocol, FromPort: wanted.FromPort, ToPort: wanted.ToPort },
      ...(CidrIpv4 !== undefined && { IpRanges: [{ CidrIp: CidrIpv4 }] }),
      ...(CidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6 }] }),
      ...(PrefixListId !== undefined && { PrefixListIds: [{ PrefixListId }] }),
      ...(ReferencedGroupId !== undefined && { UserIdGroupPairs: [{ GroupId: ReferencedGroupId }] }),
    },
  ]);
  if (more.length > 0) throw invalidParameterValue('Only one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId may be given.');
  return { ...draft!, ...(Description !== undefined && { description: checkedDescription(Description) }) };
}

export const UpdateSecurityGroupRuleDescriptionsIngress: Operation<'UpdateSecurityGroupRuleDescriptionsIngress'> = (request, input) =>
  describeRules(request, input, false);
export const UpdateSecurityGroupRuleDescriptionsEgress: Operation<'UpdateSecurityGroupRuleDescriptionsEgress'> = (request, input) =>
  describeRules(request, input, true);

type DescriptionsInput = RulesInput & {
  SecurityGroupRuleDescriptions?: { SecurityGroupRuleId?: string | undefined; Description?: string | undefined }[] | undefined;
};

/** A description that is left out goes. */
async function describeRules(request: ServiceRequest, input: DescriptionsInput, egress: boolean): Promise<{ Return: boolean }> {
  const listed = input.SecurityGroupRuleDescriptions ?? [];
  await request.store.write(async (tx) => {
    const group = await requireGroup(tx, request, input);
    const present = (await resourcesBy(tx, request, securityGroupRuleType, 'group', group.id)).filter((rule) => rule.egress === egress);
    const drafts = listed.length > 0 ? [] : await readRules(tx, request, group, egress, permissionsIn(input));
    const changes = [
      ...listed.map((one) => ({
        rule: present.find(({ id }) => id === one.SecurityGroupRuleId) ?? missing(one.SecurityGroupRuleId),
        text: one.Description,
      })),
      ...drafts.map((draft) => ({ rule: present.find((rule) => ruleKey(rule) === ruleKey(draft)) ?? missing(), text: draft.description })),
    ];
    for (const { rule, text } of changes) {
      const { description: _old, ...bare } = rule;
      await securityGroupRules.put(tx, { ...bare, ...(text !== undefined && { description: checkedDescription(text) }) });
    }
  });
  return { Return: true };
}
