/** Entries of network ACLs: create, replace, delete. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameterCombination, invalidParameterValue, limitExceeded, missingParameter, refusal } from '../errors.ts';
import { formatCidr, parseCidr } from '../../../framework/cidr.ts';
import { formatCidr6, parseCidr6 } from '../network/cidr6.ts';
import { requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { networkAcls, networkAclType, type AclEntry } from './network-acl.ts';

const numberMax = 32_766;
const entriesPerDirectionMax = 40;

type EntryInput = Input<'CreateNetworkAclEntry'>;

export const CreateNetworkAclEntry: Operation<'CreateNetworkAclEntry'> = (request, input) => put(request, input, false);
export const ReplaceNetworkAclEntry: Operation<'ReplaceNetworkAclEntry'> = (request, input) => put(request, input, true);

async function put(request: ServiceRequest, input: EntryInput, replaces: boolean): Promise<object> {
  const entry = entryFrom(input);
  await request.store.write(async (tx) => {
    const acl = await requireResource(tx, request, networkAclType, input.NetworkAclId);
    const same = (one: AclEntry): boolean => one.egress === entry.egress && one.number === entry.number;
    const present = acl.entries.some(same);
    if (present && !replaces)
      throw refusal('NetworkAclEntryAlreadyExists')(`The network acl entry identified by ${entry.number} already exists.`);
    if (!present && replaces) throw entryMissing(entry.number);
    if (!present && acl.entries.filter((one) => one.egress === entry.egress).length >= entriesPerDirectionMax)
      throw limitExceeded('NetworkAclEntryLimitExceeded', 'The maximum number of network acl entries has been reached.');
    await networkAcls.put(tx, { ...acl, entries: [...acl.entries.filter((one) => !same(one)), entry] });
  });
  return {};
}

const entryMissing = (number: number) =>
  refusal('InvalidNetworkAclEntry.NotFound')(`The network acl entry identified by ${number} does not exist.`);

export const DeleteNetworkAclEntry: Operation<'DeleteNetworkAclEntry'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const acl = await requireResource(tx, request, networkAclType, input.NetworkAclId);
    const rest = acl.entries.filter((one) => !(one.egress === input.Egress && one.number === input.RuleNumber));
    if (rest.length === acl.entries.length) throw entryMissing(input.RuleNumber);
    await networkAcls.put(tx, { ...acl, entries: rest });
  });
  return {};
};

const named: Readonly<Record<string, string>> = { all: '-1', icmp: '1', tcp: '6', udp: '17', icmpv6: '58' };

/** Throws InvalidParameterValue or MissingParameter. */
function entryFrom(input: EntryInput): AclEntry {
  const { RuleNumber: number, Egress: egress, PortRange: ports, IcmpTypeCode: icmp } = input;
  if (number < 1 || number > numberMax)
    throw invalidParameterValue(`Value (${number}) for parameter ruleNumber is invalid. The allowed range is 1-${numberMax}.`);
  if ((input.RuleAction as string) !== 'allow' && (input.RuleAction as string) !== 'deny')
    throw invalidParameterValue(`Value (${String(input.RuleAction)}) for parameter ruleAction is invalid. Invalid rule action.`);
  const protocol = named[input.Protocol.toLowerCase()] ?? input.Protocol;
  if (protocol !== '-1' && !(/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255))
    throw invalidParameterValue(`Invalid value '${input.Protocol}' for IP protocol. Unknown protocol.`);
  const needsPorts = protocol === '6' || protocol === '17';
  const { From: from, To: to } = ports ?? {};
  if (needsPorts && (from === undefined || to === undefined)) throw missingParameter('portRange');
  if (needsPorts && (from! < 0 || to! > 65_535 || from! > to!)) throw invalidParameterValue(`Invalid port range (${from}-${to})`);
  if ((protocol === '1' || protocol === '58') && icmp === undefined) throw missingParameter('icmpTypeCode');
  return {
    ...{ number, egress, protocol, allow: input.RuleAction === 'allow', ...rangeOf(input) },
    ...(needsPorts && { from: from!, to: to! }),
    ...((protocol === '1' || protocol === '58') && icmp && { icmp: { type: icmp.Type ?? -1, code: icmp.Code ?? -1 } }),
  };
}

function rangeOf({ CidrBlock, Ipv6CidrBlock }: EntryInput): { cidr: string } | { ipv6: string } {
  if (CidrBlock === undefined && Ipv6CidrBlock === undefined) throw missingParameter('cidrBlock');
  if (CidrBlock !== undefined && Ipv6CidrBlock !== undefined)
    throw invalidParameterCombination('Only one of cidrBlock or ipv6CidrBlock may be specified.');
  if (CidrBlock === undefined) {
    const range = parseCidr6(Ipv6CidrBlock!);
    if (!range)
      throw invalidParameterValue(`Value (${Ipv6CidrBlock}) for parameter ipv6CidrBlock is invalid. This is not a valid CIDR block.`);
    return { ipv6: formatCidr6(range) };
  }
  const cidr = parseCidr(CidrBlock);
  if (!cidr) throw invalidParameterValue(`Value (${CidrBlock}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`);
  return { cidr: formatCidr(cidr) };
}
