/** Reading the permissions of a call as rules: what AWS takes, what it refuses, and in which words. */

import type { ReadTransaction } from '../../../store/store.ts';
import { invalidParameterValue, missingParameter, refusal } from '../errors.ts';
import { formatCidr, parseCidr } from '../../../framework/cidr.ts';
import { formatCidr6, parseCidr6 } from '../network/cidr6.ts';
import { requirePrefixList } from '../prefix-lists/prefix-list.ts';
import type { Place } from '../resource.ts';
import { livePeeringsOfVpc } from '../vpc-peering-connections/peering.ts';
import { requireGroup } from './operations.ts';
import { securityGroupType, type Peer, type SecurityGroup, type SecurityGroupRule } from './security-group.ts';

type Described = { Description?: string | undefined };

export type Permission = {
  IpProtocol?: string | undefined;
  FromPort?: number | undefined;
  ToPort?: number | undefined;
  IpRanges?: (Described & { CidrIp?: string | undefined })[] | undefined;
  Ipv6Ranges?: (Described & { CidrIpv6?: string | undefined })[] | undefined;
  PrefixListIds?: (Described & { PrefixListId?: string | undefined })[] | undefined;
  UserIdGroupPairs?:
    | (Described & { GroupId?: string | undefined; GroupName?: string | undefined; UserId?: string | undefined })[]
    | undefined;
};

/** The old form, in which one permission stands in the call itself. */
type PlainPermission = {
  IpPermissions?: Permission[] | undefined;
  IpProtocol?: string | undefined;
  FromPort?: number | undefined;
  ToPort?: number | undefined;
  CidrIp?: string | undefined;
  SourceSecurityGroupName?: string | undefined;
  SourceSecurityGroupOwnerId?: string | undefined;
};

/** The permissions of a call in either form. Throws MissingParameter where there is none. */
export function permissionsIn(input: PlainPermission): Permission[] {
  const {
    IpPermissions: listed,
    IpProtocol,
    FromPort,
    ToPort,
    CidrIp,
    SourceSecurityGroupName: name,
    SourceSecurityGroupOwnerId: owner,
  } = input;
  if (listed && listed.length > 0) return listed;
  if (name !== undefined)
    return [
      {
        ...{ IpProtocol: IpProtocol ?? '-1', FromPort, ToPort },
        UserIdGroupPairs: [{ GroupName: name, ...(owner !== undefined && { UserId: owner }) }],
      },
    ];
  if (CidrIp === undefined && IpProtocol === undefined) throw missingParameter('ipPermissions');
  return [{ IpProtocol, FromPort, ToPort, ...(CidrIp !== undefined && { IpRanges: [{ CidrIp }] }) }];
}

/** A rule without the id, which is drawn before the transaction. */
export type RuleDraft = Pick<SecurityGroupRule, 'egress' | 'protocol' | 'from' | 'to' | 'peer' | 'description'>;

/** Every permission as one rule for each of its peers. */
export async function readRules(
  tx: ReadTransaction,
  place: Place,
  group: SecurityGroup,
  egress: boolean,
  permissions: readonly Permission[],
): Promise<RuleDraft[]> {
  const drafts: RuleDraft[] = [];
  for (const permission of permissions) {
    const span = spanOf(permission);
    for (const { peer, description } of await peersOf(tx, place, group, permission))
      drafts.push({ egress, ...span, peer, ...(description !== undefined && { description: checkedDescription(description) }) });
  }
  return drafts;
}

const named: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' };

/** Protocol and ports, as records keep them. */
export function spanOf({ IpProtocol, FromPort, ToPort }: Permission): Pick<RuleDraft, 'protocol' | 'from' | 'to'> {
  if (IpProtocol === undefined) throw missingParameter('ipProtocol');
  const given = IpProtocol.toLowerCase();
  const protocol = named[given] ?? given;
  const isNumber = /^\d{1,3}$/.test(protocol) && Number(protocol) <= 255;
  if (protocol !== '-1' && !isNumber && !Object.values(named).includes(protocol))
    throw invalidParameterValue(`Invalid value '${IpProtocol}' for IP protocol. Unknown protocol.`);
  if (protocol === '-1' || isNumber) return { protocol };
  if (protocol === 'icmp' || protocol === 'icmpv6') {
    const [type, code] = [FromPort ?? -1, ToPort ?? -1];
    if (type < -1 || type > 255 || code < -1 || code > 255 || (type === -1 && code !== -1))
      throw invalidParameterValue(`ICMP code (${code}) or type (${type}) out of range`);
    return { protocol, from: type, to: code };
  }
  if (FromPort === undefined || ToPort === undefined)
    throw invalidParameterValue(`Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.`);
  for (const port of [FromPort, ToPort])
    if (port < 0 || port > 65_535)
      throw invalidParameterValue(
        `Invalid value '${port}' for port. Must be between 0 and 65535.`.replace('port.', `${port === FromPort ? 'fromPort' : 'toPort'}.`),
      );
  if (FromPort > ToPort) throw invalidParameterValue(`Invalid TCP/UDP port range (${FromPort}-${ToPort})`);
  return { protocol, from: FromPort, to: ToPort };
}

async function peersOf(
  tx: ReadTransaction,
  place: Place,
  group: SecurityGroup,
  permission: Permission,
): Promise<{ peer: Peer; description: string | undefined }[]> {
  const peers: { peer: Peer; description: string | undefined }[] = [];
  for (const { CidrIp = '', Description: description } of permission.IpRanges ?? []) {
    const cidr = parseCidr(CidrIp);
    if (!cidr) throw invalidParameterValue(`CIDR block ${CidrIp} is malformed`);
    peers.push({ peer: { cidr: formatCidr(cidr) }, description });
  }
  for (const { CidrIpv6 = '', Description: description } of permission.Ipv6Ranges ?? []) {
    const range = parseCidr6(CidrIpv6);
    if (!range) throw invalidParameterValue(`CIDR block ${CidrIpv6} is malformed`);
    peers.push({ peer: { ipv6: formatCidr6(range) }, description });
  }
  for (const { PrefixListId = '', Description: description } of permission.PrefixListIds ?? []) {
    await requirePrefixList(tx, place, PrefixListId);
    peers.push({ peer: { prefixList: PrefixListId }, description });
  }
  for (const pair of permission.UserIdGroupPairs ?? [])
    peers.push({ peer: await groupPeer(tx, place, group, pair), description: pair.Description });
  if (peers.length === 0) throw missingParameter('CIDR block, security group or prefix list');
  return peers;
}

/** A group of the same VPC, or of one that is peered with it. */
async function groupPeer(
  tx: ReadTransaction,
  place: Place,
  group: SecurityGroup,
  pair: { GroupId?: string | undefined; GroupName?: string | undefined; UserId?: string | undefined },
): Promise<Peer> {
  const account = pair.UserId ?? place.account;
  if (account === place.account) {
    const other = await requireGroup(tx, place, pair);
    if (other.vpc === group.vpc || (await arePeered(tx, group, other.vpc, account))) return { group: other.id, account };
    throw refusal('InvalidGroup.NotFound')(`You have specified two resources that belong to different networks.`);
  }
  const id = pair.GroupId ?? '';
  const other = await securityGroupType.table.get(tx, account, place.region, id);
  if (!other || !(await arePeered(tx, group, other.vpc, account))) throw securityGroupType.notFound(id);
  return { group: id, account };
}

async function arePeered(tx: ReadTransaction, group: SecurityGroup, vpc: string, account: string): Promise<boolean> {
  const live = await livePeeringsOfVpc(tx, group, group.vpc);
  return live.some(({ requester, accepter }) => [requester, accepter].some((side) => side.vpc === vpc && side.account === account));
}

export function checkedDescription(text: string): string {
  if (text.length > 255 || !/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/.test(text))
    throw invalidParameterValue(
      `Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`,
    );
  return text;
}
