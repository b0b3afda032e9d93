/** Who refused a packet, and the smallest rule that would have let it pass. Pure: it looks at the records alone. */

import type { Refusal } from '../../../framework/networks.ts';
import type { NetworkAcl } from '../network-acls/network-acl.ts';
import { isIpv6 } from '../network/cidr6.ts';
import type { NetworkInterface } from '../network-interfaces/network-interface.ts';
import { aclEntryFor, groupRuleFor, routeOf, type Packet } from '../network/reachability.ts';
import type { NetworkRecords } from '../network/records.ts';

/** A packet that was dropped, and the interface that it left (or was to leave), or was to reach. */
export type Refused = { packet: Packet & { number?: number }; refused: Refusal; direction: 'ingress' | 'egress'; at?: NetworkInterface };

export type Explained = {
  refused: Refusal;
  /** `security-group`, `network-acl`, `route-table`, `interface`, `internet-gateway`; absent where the network itself is meant. */
  by?: { kind: string; ids: string[] };
  why: string;
  /** What would let it pass, where a rule would: an argument vector of the AWS CLI. */
  allow?: { command: string[]; words: string };
};

export function explain(records: NetworkRecords, given: Refused): Explained {
  const { refused, at } = given;
  switch (refused) {
    case 'group-in':
    case 'group-out':
      return byGroup(records, given);
    case 'acl-in':
    case 'acl-out':
      return byAcl(records, given);
    case 'no-route':
      return byRoute(records, given);
    case 'no-public-address':
      return byGateway(given);
    case 'spoofed-address':
      return {
        ...{ refused, by: { kind: 'interface', ids: at ? [at.id] : [] } },
        why: `${given.packet.source} is no address of the interface, whose source/destination check is on`,
        ...(at && {
          allow: {
            command: ['aws', 'ec2', 'modify-network-interface-attribute', '--network-interface-id', at.id, '--no-source-dest-check'],
            words: 'an interface that forwards for others needs its source/destination check off',
          },
        }),
      };
    case 'spoofed-mac':
      return { refused, by: { kind: 'interface', ids: at ? [at.id] : [] }, why: 'the frame bears a MAC that the interface does not have' };
    case 'no-receiver':
      return { refused, why: `nothing in use has the address ${given.packet.destination}` };
    case 'egress-only':
      return byEgressOnly(records, given);
    case 'untracked':
      return { refused, why: 'it belongs to no connection that is open, and opens none' };
    case 'transit':
      return { refused, why: 'a VPC is no way through to a third network: only its own addresses are reached from outside' };
  }
}

/** The other end, as the port of `direction` sees it. */
const peerOf = ({ packet, direction }: Refused): string => (direction === 'egress' ? packet.destination : packet.source);

/** As the AWS CLI's `--protocol` of groups takes it. */
function protocolName({ packet }: Refused): string {
  if (packet.number !== undefined) return String(packet.number);
  return packet.protocol === 'icmp' && isIpv6(packet.destination) ? 'icmpv6' : packet.protocol;
}

/** The range that holds an address alone. */
const rangeOf = (address: string): string => `${address}/${isIpv6(address) ? 128 : 32}`;

function byGroup(records: NetworkRecords, given: Refused): Explained {
  const { refused, direction, at, packet } = given;
  const ids = at?.groups ?? [];
  const way = direction === 'egress' ? 'out' : 'in';
  const by = { kind: 'security-group', ids };
  const why = `no rule of ${ids.length > 1 ? 'these groups' : 'this group'} lets it ${way}`;
  const now = at && groupRuleFor(records, at, packet, direction);
  if (now && packet.number === undefined) return { refused, by, why: `no rule let it ${way} then; now ${now.id} of ${now.group} does` };
  const [group] = ids;
  if (group === undefined) return { refused, by, why };
  const ports = packet.port === undefined ? ['--port', '-1'] : ['--port', String(packet.port)];
  const what = ['--protocol', protocolName(given), ...(packet.number === undefined ? ports : [])];
  const verb = `authorize-security-group-${direction}`;
  const range = rangeOf(peerOf(given));
  const command =
    direction === 'ingress' && !isIpv6(range)
      ? ['aws', 'ec2', verb, '--group-id', group, ...what, '--cidr', range]
      : ['aws', 'ec2', verb, '--group-id', group, '--ip-permissions', shorthand(given, range)];
  return { refused, by, why, allow: { command, words: `a rule of ${group} that lets it ${way}` } };
}

/** Rules for what goes out, and those of IPv6, are given to the AWS CLI in its shorthand alone. */
function shorthand(given: Refused, range: string): string {
  const { packet } = given;
  const port = packet.port ?? -1;
  const ports = packet.number === undefined ? `FromPort=${port},ToPort=${port},` : '';
  const ranges = isIpv6(range) ? `Ipv6Ranges=[{CidrIpv6=${range}}]` : `IpRanges=[{CidrIp=${range}}]`;
  return `IpProtocol=${protocolName(given)},${ports}${ranges}`;
}

const aclNumbers: Readonly<Record<string, string>> = { icmp: '1', icmpv6: '58', tcp: '6', udp: '17' };
/** The ports that calling systems choose: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html */
const ephemeral = { from: 1024, to: 65_535 } as const;
const isAnswer = ({ port, sourcePort }: Packet): boolean => (port ?? 0) >= 32_768 && (sourcePort ?? 65_535) < 32_768;

function byAcl(records: NetworkRecords, given: Refused): Explained {
  const { refused, direction, at, packet } = given;
  const acl = at && records.acls.get(records.subnets.get(at.subnet)?.acl.id ?? '');
  if (!acl) return { refused, by: { kind: 'network-acl', ids: [] }, why: 'the network ACL of its subnet lets it not pass' };
  const denied = aclEntryFor(acl, packet, direction);
  const way = direction === 'egress' ? 'out of' : 'into';
  // The last hour's packets may have met other rules than there are now.
  if (denied?.allow === true)
    return { refused, by: { kind: 'network-acl', ids: [acl.id] }, why: `it did not let it pass then; now entry ${denied.number} does` };
  const why = denied ? `entry ${denied.number} denies it` : `no entry lets it ${way} the subnet ${at.subnet}`;
  const by = { kind: 'network-acl', ids: [acl.id] };
  const number = freeNumber(acl, direction, denied?.number);
  if (number === undefined) return { refused, by, why };
  const [from, to] = isAnswer(packet) ? [ephemeral.from, ephemeral.to] : [packet.port ?? 0, packet.port ?? 0];
  const command = [
    ...['aws', 'ec2', 'create-network-acl-entry', '--network-acl-id', acl.id, '--rule-number', String(number), `--${direction}`],
    ...['--protocol', aclNumbers[protocolName(given)] ?? protocolName(given)],
    ...(packet.number !== undefined
      ? []
      : packet.protocol === 'icmp'
        ? ['--icmp-type-code', `Type=${packet.type ?? -1},Code=-1`]
        : ['--port-range', `From=${from},To=${to}`]),
    ...[isIpv6(peerOf(given)) ? '--ipv6-cidr-block' : '--cidr-block', rangeOf(peerOf(given)), '--rule-action', 'allow'],
  ];
  const answers = isAnswer(packet) ? '; ACLs keep no state, so answers need the ports from which callers call' : '';
  return { refused, by, why, allow: { command, words: `an entry that is tried before${answers}` } };
}

const entryNumberMax = 32_766;

/** Below the entry that denies, or behind all others. */
function freeNumber(acl: NetworkAcl, direction: Refused['direction'], denied: number | undefined): number | undefined {
  const taken = new Set(acl.entries.filter((entry) => entry.egress === (direction === 'egress')).map((entry) => entry.number));
  const start = denied === undefined ? Math.min(Math.max(0, ...taken) + 10, entryNumberMax) : denied - 1;
  for (let number = start; number > 0; number--) if (!taken.has(number)) return number;
  return undefined;
}

const destinationWord = (address: string): string => (isIpv6(address) ? '--destination-ipv6-cidr-block' : '--destination-cidr-block');

function byRoute(records: NetworkRecords, { refused, at, packet }: Refused): Explained {
  const subnet = at && records.subnets.get(at.subnet);
  const vpc = at && records.vpcs.get(at.vpc);
  if (!subnet || !vpc) return { refused, why: `no route leads to ${packet.destination}` };
  const { table, target } = routeOf(records, vpc, subnet, packet.destination);
  const by = { kind: 'route-table', ids: [table] };
  if (target !== undefined)
    return { refused, by, why: `its route to ${packet.destination} leads to ${target}, which takes nothing, or took nothing then` };
  const why = `it has no route to ${packet.destination}`;
  const gateway = [...records.internetGateways.values()].find((one) => one.vpc === vpc.id);
  if (!gateway) return { refused, by, why };
  const command = ['aws', 'ec2', 'create-route', '--route-table-id', table];
  return {
    ...{ refused, by, why },
    allow: {
      command: [...command, destinationWord(packet.destination), rangeOf(packet.destination), '--gateway-id', gateway.id],
      words: `a route through the internet gateway${isIpv6(packet.destination) ? '' : '; the interface needs a public address too'}`,
    },
  };
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html */
function byEgressOnly({ egressOnlyGateways }: NetworkRecords, { refused, at }: Refused): Explained {
  const ids = [...egressOnlyGateways.values()].filter((one) => one.vpc === at?.vpc).map(({ id }) => id);
  return { refused, by: { kind: 'egress-only-internet-gateway', ids }, why: 'it lets nothing in that was not asked for' };
}

function byGateway({ refused, at, packet, direction }: Refused): Explained {
  const by = { kind: 'internet-gateway', ids: [] };
  if (direction === 'ingress' || !at) return { refused, by, why: `${packet.destination} is nobody's public address` };
  if (isIpv6(packet.source)) return { refused, by, why: `${packet.source} is no address of an interface in the VPC` };
  return {
    ...{ refused, by, why: `${packet.source} has no public address, so it cannot speak through an internet gateway` },
    allow: {
      command: ['aws', 'ec2', 'associate-address', '--network-interface-id', at.id, '--allocation-id', 'eipalloc-…'],
      words: 'an elastic address of its own (aws ec2 allocate-address), or a route through a NAT gateway',
    },
  };
}
