/**
 * Who may reach whom, by the records alone: the pure model. It follows a packet and its answer hop by hop as AWS describes it, and
 * knows nothing of how the machine carries it out: the packet matrix test compares the two.
 */

import type { AclEntry, NetworkAcl } from '../network-acls/network-acl.ts';
import type { NetworkInterface } from '../network-interfaces/network-interface.ts';
import type { SecurityGroupRule } from '../security-groups/security-group.ts';
import type { Subnet } from '../subnets/subnet.ts';
import type { Vpc } from '../vpcs/vpc.ts';
import { cidrOf, holds, parseAddress } from '../../../framework/cidr.ts';
import { cidr6Of, holds6, isIpv6, parseAddress6 } from './cidr6.ts';
import type { NetworkRecords } from './records.ts';
import { isPlugged } from './plan.ts';

export type Packet = {
  protocol: 'tcp' | 'udp' | 'icmp';
  source: string;
  destination: string;
  /** Of TCP and UDP. */
  sourcePort?: number;
  port?: number;
  /** Of ICMP: 8 asks, 0 answers; 128 and 129 in IPv6. */
  type?: number;
};

/** One thing that a packet met, in order. */
export type Hop = {
  kind:
    | 'interface'
    | 'security-group'
    | 'network-acl'
    | 'route-table'
    | 'internet-gateway'
    | 'egress-only-internet-gateway'
    | 'nat-gateway'
    | 'vpc-peering-connection'
    | 'vpc-endpoint';
  id: string;
  direction?: 'ingress' | 'egress';
  allowed: boolean;
  /** What stopped it, where something did. */
  why?: string;
};

export type Reach = { reached: boolean; /** The interface at which it arrived. */ at?: string; forward: Hop[]; back: Hop[] };

/** A port of those that systems choose for the calling side. */
export const ephemeralPort = 40_000;

/** Does a packet of this interface arrive, and does its answer come back? */
export function reach(
  records: NetworkRecords,
  from: string,
  wanted: { protocol: Packet['protocol']; destination: string; port?: number },
): Reach {
  const sender = records.interfaces.get(from);
  if (!sender || !isPlugged(sender)) return { reached: false, forward: [stopped('interface', from, 'it is not attached')], back: [] };
  const source = sourceFor(sender, wanted.destination);
  if (source === undefined) return { reached: false, forward: [stopped('interface', from, 'it has no IPv6 address')], back: [] };
  const packet: Packet = {
    ...{ protocol: wanted.protocol, source, destination: wanted.destination },
    ...(wanted.protocol === 'icmp' ? { type: echo(wanted.destination).asks } : { sourcePort: ephemeralPort, port: wanted.port ?? 0 }),
  };
  const way: Way = { records, hops: [], isReply: false, translated: new Map(), depth: 0 };
  const arrival = follow(way, sender, packet);
  if (!arrival) return { reached: false, forward: way.hops, back: [] };
  const { source: seen, destination, ...rest } = arrival.packet;
  const answer: Packet = {
    ...{ ...rest, source: destination, destination: seen },
    ...(rest.protocol === 'icmp' ? { type: echo(destination).answers } : { sourcePort: rest.port!, port: rest.sourcePort! }),
  };
  const back: Way = { ...way, hops: [], isReply: true, depth: 0 };
  const returned = follow(back, arrival.target, answer);
  return { reached: returned?.target.id === sender.id, at: arrival.target.id, forward: way.hops, back: back.hops };
}

/** With which of its own addresses an interface speaks to another. */
export const sourceFor = (sender: NetworkInterface, destination: string): string | undefined =>
  isIpv6(destination) ? sender.ipv6?.[0] : sender.addresses[0]!.address;

/** Types of ICMP. */
export const echo = (address: string): { asks: number; answers: number } =>
  isIpv6(address) ? { asks: 128, answers: 129 } : { asks: 8, answers: 0 };

type Way = {
  records: NetworkRecords;
  hops: Hop[];
  /** Groups remember a flow, so they do not ask about answers. */
  isReply: boolean;
  /** What NAT gateways have put their own address in place of, by interface. */
  translated: Map<string, string>;
  depth: number;
};
type Arrival = { target: NetworkInterface; packet: Packet };

const hopsMax = 8;
const stopped = (kind: Hop['kind'], id: string, why: string, direction?: Hop['direction']): Hop => ({
  ...{ kind, id, allowed: false, why },
  ...(direction && { direction }),
});

/** From an interface out into its subnet, and on by the subnet's routes. */
function follow(way: Way, from: NetworkInterface, packet: Packet): Arrival | undefined {
  const { records } = way;
  if (way.depth++ > hopsMax) return undefined;
  if (records.downZones.has(from.zone)) return stop(way, stopped('interface', from.id, zoneIsDown(from)));
  const subnet = records.subnets.get(from.subnet)!;
  const vpc = records.vpcs.get(from.vpc)!;
  if (!way.isReply && from.type !== 'nat_gateway' && !passesGroups(way, from, packet, 'egress')) return undefined;
  if ([...vpc.cidrs, ...(vpc.ipv6 ?? [])].some(({ cidr }) => inCidr(cidr, packet.destination))) {
    const target = portAt(records, vpc.id, packet.destination);
    if (!target) return stop(way, stopped('interface', packet.destination, 'nothing in the VPC has this address'));
    return deliver(way, subnet, target, packet);
  }
  const { table, target } = routeOf(records, vpc, subnet, packet.destination);
  if (target === undefined) return stop(way, stopped('route-table', table, `no route leads to ${packet.destination}`));
  way.hops.push({ kind: 'route-table', id: table, allowed: true });
  switch (target.slice(0, target.indexOf('-'))) {
    case 'igw':
      return throughInternet(way, from, subnet, target, packet);
    case 'eigw':
      return throughEgressOnly(way, from, subnet, target, packet);
    case 'nat':
      return throughNat(way, vpc, subnet, target, packet);
    case 'pcx':
      return throughPeering(way, vpc, subnet, target, packet);
    case 'vpce':
      // The service behind it is no interface, at which a packet could arrive.
      return passesAcl(way, subnet, packet, 'egress') ? stop(way, { kind: 'vpc-endpoint', id: target, allowed: true }) : undefined;
    default:
      return stop(way, stopped('route-table', table, `the route to ${target} is a blackhole`));
  }
}

const zoneIsDown = ({ zone }: NetworkInterface): string => `its Availability Zone ${zone} is down`;

function stop(way: Way, hop: Hop): undefined {
  way.hops.push(hop);
  return undefined;
}

/** Into a subnet and to one of its interfaces. */
function deliver(way: Way, from: Subnet | undefined, target: NetworkInterface, packet: Packet): Arrival | undefined {
  const subnet = way.records.subnets.get(target.subnet)!;
  if (way.records.downZones.has(target.zone)) return stop(way, stopped('interface', target.id, zoneIsDown(target)));
  if (from?.id !== subnet.id) {
    if (from && !passesAcl(way, from, packet, 'egress')) return undefined;
    if (!passesAcl(way, subnet, packet, 'ingress')) return undefined;
  }
  if (target.type === 'nat_gateway') return backThroughNat(way, target, packet);
  if (!way.isReply && !passesGroups(way, target, packet, 'ingress')) return undefined;
  way.hops.push({ kind: 'interface', id: target.id, allowed: true });
  return { target, packet };
}

function throughInternet(way: Way, from: NetworkInterface, subnet: Subnet, id: string, packet: Packet): Arrival | undefined {
  const { records } = way;
  if (records.internetGateways.get(id)?.vpc !== from.vpc)
    return stop(way, stopped('internet-gateway', id, 'it is not attached to the VPC'));
  if (!passesAcl(way, subnet, packet, 'egress')) return undefined;
  if (isIpv6(packet.destination)) {
    way.hops.push({ kind: 'internet-gateway', id, allowed: true });
    return outside6(way, packet);
  }
  const own = from.addresses.find(({ address }) => address === packet.source)?.public;
  if (!own) return stop(way, stopped('internet-gateway', id, `${packet.source} has no public address`));
  way.hops.push({ kind: 'internet-gateway', id, allowed: true });
  for (const target of records.interfaces.values()) {
    const held = target.addresses.find((one) => one.public?.address === packet.destination);
    if (!held || !isPlugged(target)) continue;
    const gateway = [...records.internetGateways.values()].find((one) => one.vpc === target.vpc);
    if (!gateway) return stop(way, stopped('internet-gateway', target.vpc, 'the other VPC has no gateway'));
    return deliver(way, undefined, target, { ...packet, source: own.address, destination: held.address });
  }
  return stop(way, stopped('internet-gateway', id, `${packet.destination} is nobody's public address`));
}

/** It knows what has gone out through it: what came in by another way is not answered by it. */
function throughEgressOnly(way: Way, from: NetworkInterface, subnet: Subnet, id: string, packet: Packet): Arrival | undefined {
  const kind = 'egress-only-internet-gateway';
  if (way.records.egressOnlyGateways.get(id)?.vpc !== from.vpc) return stop(way, stopped(kind, id, 'it is not attached to the VPC'));
  if (!passesAcl(way, subnet, packet, 'egress')) return undefined;
  if (way.isReply) return stop(way, stopped(kind, id, 'it lets out no answer to what came in by another way'));
  way.hops.push({ kind, id, allowed: true });
  return outside6(way, packet);
}

/** IPv6 addresses are public: whoever has one is found by it, where its subnet leads to an internet gateway. */
function outside6(way: Way, packet: Packet): Arrival | undefined {
  const { records } = way;
  const { destination } = packet;
  const target = [...records.interfaces.values()].find((row) => isPlugged(row) && row.ipv6?.includes(destination));
  if (!target) return stop(way, stopped('internet-gateway', destination, "it is nobody's address"));
  const gateway = [...records.internetGateways.values()].find((one) => one.vpc === target.vpc);
  const narrow = [...records.egressOnlyGateways.values()].find((one) => one.vpc === target.vpc);
  if (way.isReply && (gateway ?? narrow)) return deliver(way, undefined, target, packet);
  const subnet = records.subnets.get(target.subnet)!;
  if (gateway && !leavesByEgressOnly(records, records.vpcs.get(target.vpc)!, subnet)) return deliver(way, undefined, target, packet);
  if (!narrow) return stop(way, stopped('internet-gateway', target.vpc, 'the other VPC has no gateway'));
  return stop(way, stopped('egress-only-internet-gateway', narrow.id, 'it lets nothing in'));
}

/** Has the subnet routes to such a gateway of its VPC, and none of IPv6 to its internet gateway? */
function leavesByEgressOnly(
  { routeTables, prefixLists, internetGateways, egressOnlyGateways }: NetworkRecords,
  vpc: Vpc,
  subnet: Subnet,
): boolean {
  const routes = routeTables.get(subnet.routeTable?.id ?? vpc.main.routeTable)?.routes ?? [];
  const found = routes.filter(({ destination }) => isIpv6(destination) || prefixLists.get(destination)?.family === 'IPv6');
  const leads = (gateways: ReadonlyMap<string, { vpc?: string }>): boolean =>
    found.some(({ target }) => gateways.get(target)?.vpc === vpc.id);
  return leads(egressOnlyGateways) && !leads(internetGateways);
}

function throughNat(way: Way, vpc: Vpc, subnet: Subnet, id: string, packet: Packet): Arrival | undefined {
  const nat = way.records.natGateways.get(id);
  const port = nat && way.records.interfaces.get(nat.networkInterface);
  if (nat?.state !== 'available' || !port) return stop(way, stopped('nat-gateway', id, `it is ${nat?.state ?? 'gone'}`));
  // It knows only what has gone out through it: the answer to what came in by another way is none of its flows.
  if (way.isReply) return stop(way, stopped('nat-gateway', id, 'the answer takes another way than what it answers'));
  const own = way.records.subnets.get(port.subnet)!;
  if (own.id !== subnet.id && !(passesAcl(way, subnet, packet, 'egress') && passesAcl(way, own, packet, 'ingress'))) return undefined;
  if (!vpc.cidrs.some(({ cidr }) => inCidr(cidr, packet.source)))
    return stop(way, stopped('nat-gateway', id, 'the sender is not of its VPC'));
  way.hops.push({ kind: 'nat-gateway', id, allowed: true });
  way.translated.set(port.id, packet.source);
  return follow(way, port, { ...packet, source: nat.privateAddress });
}

/** Only answers come in through a NAT gateway; it knows whose they are. */
function backThroughNat(way: Way, port: NetworkInterface, packet: Packet): Arrival | undefined {
  const asker = way.translated.get(port.id);
  if (!way.isReply || asker === undefined) return stop(way, stopped('nat-gateway', port.id, 'nobody behind it has asked'));
  return follow(way, port, { ...packet, destination: asker });
}

function throughPeering(way: Way, vpc: Vpc, subnet: Subnet, id: string, packet: Packet): Arrival | undefined {
  const peering = way.records.peerings.get(id);
  if (peering?.state !== 'active') return stop(way, stopped('vpc-peering-connection', id, `it is ${peering?.state ?? 'gone'}`));
  if (!passesAcl(way, subnet, packet, 'egress')) return undefined;
  const other = peering.requester.vpc === vpc.id ? peering.accepter.vpc : peering.requester.vpc;
  const target = portAt(way.records, other, packet.destination);
  if (!target) return stop(way, stopped('vpc-peering-connection', id, `nothing in ${other} has the address ${packet.destination}`));
  way.hops.push({ kind: 'vpc-peering-connection', id, allowed: true });
  return deliver(way, undefined, target, packet);
}

function portAt(records: NetworkRecords, vpc: string, address: string): NetworkInterface | undefined {
  for (const row of records.interfaces.values()) if (row.vpc === vpc && isPlugged(row) && hasAddress(row, address)) return row;
  return undefined;
}

const hasAddress = (row: NetworkInterface, address: string): boolean =>
  row.addresses.some((one) => one.address === address) || row.ipv6?.includes(address) === true;

/** Does a range hold an address of either family? */
export function inCidr(cidr: string, address: string): boolean {
  if (isIpv6(cidr) !== isIpv6(address)) return false;
  return isIpv6(cidr) ? holds6(cidr6Of(cidr), parseAddress6(address)!) : holds(cidrOf(cidr), parseAddress(address)!);
}

/** The most specific route of the subnet's table. */
export function routeOf(records: NetworkRecords, vpc: Vpc, subnet: Subnet, address: string): { table: string; target: string | undefined } {
  const table = subnet.routeTable?.id ?? vpc.main.routeTable;
  let best: { length: number; target: string } | undefined;
  for (const { destination, target } of records.routeTables.get(table)?.routes ?? []) {
    const ranges = records.prefixLists.get(destination)?.entries.map(({ cidr }) => cidr) ?? [destination];
    for (const range of ranges) {
      if (range.startsWith('pl-') || !inCidr(range, address)) continue;
      const length = Number(range.slice(range.indexOf('/') + 1));
      if (!best || length > best.length) best = { length, target };
    }
  }
  return { table, target: best?.target };
}

/** A rule of the port's groups that lets a packet pass. */
export function groupRuleFor(
  records: NetworkRecords,
  port: NetworkInterface,
  packet: Packet,
  direction: 'ingress' | 'egress',
): SecurityGroupRule | undefined {
  const rules = [...records.rules.values()].filter((rule) => port.groups.includes(rule.group) && rule.egress === (direction === 'egress'));
  const other = direction === 'egress' ? packet.destination : packet.source;
  return rules.find((rule) => ruleFits(records, port, rule, packet, other));
}

function passesGroups(way: Way, port: NetworkInterface, packet: Packet, direction: 'ingress' | 'egress'): boolean {
  const fitting = groupRuleFor(way.records, port, packet, direction);
  if (fitting) way.hops.push({ kind: 'security-group', id: fitting.group, direction, allowed: true });
  else way.hops.push(stopped('security-group', port.groups.join(', '), 'no rule lets it through', direction));
  return fitting !== undefined;
}

function ruleFits(records: NetworkRecords, port: NetworkInterface, rule: SecurityGroupRule, packet: Packet, other: string): boolean {
  return protocolFits(rule.protocol, rule.from, rule.to, packet) && peerFits(records, port, rule, other);
}

function peerFits(records: NetworkRecords, port: NetworkInterface, { peer }: SecurityGroupRule, other: string): boolean {
  if ('cidr' in peer) return inCidr(peer.cidr, other);
  if ('ipv6' in peer) return inCidr(peer.ipv6, other);
  if ('prefixList' in peer) return (records.prefixLists.get(peer.prefixList)?.entries ?? []).some(({ cidr }) => inCidr(cidr, other));
  const near = new Set([port.vpc]);
  for (const { state, requester, accepter } of records.peerings.values()) {
    if (state !== 'active') continue;
    if (requester.vpc === port.vpc) near.add(accepter.vpc);
    if (accepter.vpc === port.vpc) near.add(requester.vpc);
  }
  for (const row of records.interfaces.values())
    if (near.has(row.vpc) && isPlugged(row) && row.groups.includes(peer.group) && hasAddress(row, other)) return true;
  return false;
}

const numbers = { icmp: '1', icmpv6: '58', tcp: '6', udp: '17' } as const;

function protocolFits(protocol: string, from: number | undefined, to: number | undefined, packet: Packet): boolean {
  if (protocol === '-1') return true;
  const name = packet.protocol === 'icmp' && isIpv6(packet.destination) ? 'icmpv6' : packet.protocol;
  if (protocol !== name && protocol !== numbers[name]) return false;
  if (from === undefined || from === -1) return true;
  if (packet.protocol !== 'icmp') return packet.port! >= from && packet.port! <= (to ?? from);
  return packet.type === from && (to === undefined || to === -1 || to === 0);
}

/** The entry with the lowest number that fits decides; answers are asked about like everything else. */
function passesAcl(way: Way, subnet: Subnet, packet: Packet, direction: 'ingress' | 'egress'): boolean {
  const acl = way.records.acls.get(subnet.acl.id);
  const fitting = acl && aclEntryFor(acl, packet, direction);
  const allowed = fitting?.allow === true;
  way.hops.push({
    ...{ kind: 'network-acl', id: subnet.acl.id, direction, allowed },
    ...(!allowed && { why: fitting ? `entry ${fitting.number} denies it` : 'no entry lets it through' }),
  });
  return allowed;
}

/** The entry that decides about a packet. */
export function aclEntryFor(
  { entries }: Pick<NetworkAcl, 'entries'>,
  packet: Packet,
  direction: 'ingress' | 'egress',
): AclEntry | undefined {
  const inOrder = entries.filter((entry) => entry.egress === (direction === 'egress')).sort((a, b) => a.number - b.number);
  return inOrder.find((entry) => entryFits(entry, packet, direction === 'egress' ? packet.destination : packet.source));
}

function entryFits({ protocol, cidr, ipv6, from, to, icmp }: AclEntry, packet: Packet, other: string): boolean {
  const range = cidr ?? ipv6;
  if (range === undefined || !inCidr(range, other)) return false;
  return icmp ? protocolFits(protocol, icmp.type, icmp.code, packet) : protocolFits(protocol, from, to, packet);
}
