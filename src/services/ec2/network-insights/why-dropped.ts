/**
 * GET /_aws/ec2/why-dropped: what networks have dropped within the last hour, and why. With `from` and `to` (instances, interfaces or
 * addresses), and perhaps `port` and `protocol`, it is about these ends, and the model says too what would become of such a packet now.
 */

import { AwsError } from '../../../framework/aws-error.ts';
import type { DroppedFlow, Refusal } from '../../../framework/networks.ts';
import type { OwnerPage } from '../../../framework/service.ts';
import type { NetworkInterface } from '../network-interfaces/network-interface.ts';
import { parseAddress } from '../../../framework/cidr.ts';
import { canonicalAddress, isIpv6, parseAddress6 } from '../network/cidr6.ts';
import { echo, ephemeralPort, reach, sourceFor, type Hop, type Packet } from '../network/reachability.ts';
import { networkRecords, type NetworkRecords } from '../network/records.ts';
import { explain, type Explained } from './refusal.ts';

export type DropOf = Explained & {
  vpc: string;
  /** The interface that refused, or sent, the packets. */
  interface?: string;
  instance?: string;
  direction: 'ingress' | 'egress';
  source: string;
  destination: string;
  /** `tcp`, `udp`, `icmp`, or a number. */
  protocol: string;
  port?: number;
  packets: number;
  secondsAgo: number;
};

export type WhyDroppedAnswer = {
  /** Packets that were dropped, the latest first; flows that differ in the calling port alone are one. */
  drops: DropOf[];
  /** Where two ends were named: would a packet arrive, and its answer come back, and if not, why? */
  now?: { reached: boolean; source: string; destination: string; protocol: string; port?: number; stopped?: Explained };
};

const dropsMax = 100;

export const whyDropped: OwnerPage = async ({ store, host }, query): Promise<WhyDroppedAnswer> => {
  const asked = questionFrom(query);
  const records = await store.read(networkRecords);
  const from = asked.from === undefined ? undefined : endOf(records, asked.from);
  const to = asked.to === undefined ? undefined : endOf(records, asked.to);
  const vpcs = from?.port || to?.port ? [from?.port?.vpc, to?.port?.vpc].filter((id) => id !== undefined) : [...records.vpcs.keys()];
  const found = await host.networks.drops([...new Set(vpcs)]);
  const drops = found.filter((drop) => concerns(drop, asked, from, to));
  return {
    drops: merged(drops.map((drop) => dropOf(records, drop))).slice(0, dropsMax),
    ...(from?.port && to && { now: nowOf(records, asked, from.port, to) }),
  };
};

const isAddress = (text: string): boolean => parseAddress(text) !== undefined || parseAddress6(text) !== undefined;

const wrong = (message: string): AwsError => new AwsError('BadRequest', message, { status: 400 });

type Question = { from?: string; to?: string; protocol?: Packet['protocol']; port?: number };

function questionFrom(query: URLSearchParams): Question {
  const [from, to, protocol, port] = ['from', 'to', 'protocol', 'port'].map((name) => query.get(name) ?? undefined);
  for (const end of [from, to])
    if (end !== undefined && !/^(?:i|eni)-[0-9a-f]{8,17}$/.test(end) && !isAddress(end))
      throw wrong('an end is an instance (i-…), an interface (eni-…) or an IP address');
  if (protocol !== undefined && protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'icmp')
    throw wrong('the protocol is tcp, udp or icmp');
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)) throw wrong('the port is a number from 0 to 65535');
  if (port !== undefined && protocol === 'icmp') throw wrong('icmp has no ports');
  return {
    ...(from !== undefined && { from: canonicalAddress(from) }),
    ...(to !== undefined && { to: canonicalAddress(to) }),
    ...(protocol !== undefined && { protocol }),
    ...(port !== undefined && { port: Number(port) }),
  };
}

const addressesOf = ({ addresses, ipv6 = [] }: NetworkInterface): string[] => [
  ...addresses.flatMap((one) => [one.address, ...(one.public ? [one.public.address] : [])]),
  ...ipv6,
];

type End = { port?: NetworkInterface; addresses: string[] };

/** Throws where nothing has the id, or several interfaces have the address: VPCs may have the same ones. */
function endOf(records: NetworkRecords, given: string): End {
  const fits = (row: NetworkInterface): boolean =>
    row.id === given ||
    row.attachment?.instance === given ||
    row.addresses.some((one) => one.address === given || one.public?.address === given) ||
    row.ipv6?.includes(given) === true;
  const found = [...records.interfaces.values()].filter(fits);
  if (found.length === 0 && !isAddress(given)) throw new AwsError('NotFound', `${given} has no interface`, { status: 404 });
  const first = found.find((row) => row.attachment?.deviceIndex === 0) ?? found[0];
  if (found.length > 1 && isAddress(given))
    throw wrong(`several interfaces have this address; name one of ${found.map(({ id }) => id).join(', ')}`);
  if (!first) return { addresses: [given] };
  const of = given.startsWith('i-') ? found : [first];
  return {
    port: first,
    addresses: of.flatMap((row) => addressesOf(row)),
  };
}

const numbers = { icmp: 1, tcp: 6, udp: 17 } as const;

/** Answers on their way back count too: an ACL may stop them. */
function concerns(drop: DroppedFlow, asked: Question, from: End | undefined, to: End | undefined): boolean {
  const between = (a: End | undefined, b: End | undefined): boolean =>
    (!a || a.addresses.includes(drop.source)) && (!b || b.addresses.includes(drop.destination));
  const forth = between(from, to) && (asked.port === undefined || drop.destinationPort === asked.port);
  const back = between(to, from) && (asked.port === undefined || drop.sourcePort === asked.port);
  return (forth || back) && (asked.protocol === undefined || protocolOf(drop.protocol) === asked.protocol);
}

/** ICMP is one protocol here, of which each family has its own number. */
const icmp6 = 58;

const protocolOf = (number: number): string =>
  number === icmp6 ? 'icmp' : (Object.entries(numbers).find(([, known]) => known === number)?.[0] ?? String(number));

function dropOf(records: NetworkRecords, drop: DroppedFlow): DropOf {
  const { vpc, direction, source, destination, packets, secondsAgo } = drop;
  const at = drop.port === undefined ? undefined : records.interfaces.get(drop.port);
  const name = protocolOf(drop.protocol);
  const hasPorts = name === 'tcp' || name === 'udp';
  const known = hasPorts || name === 'icmp';
  const packet: Packet & { number?: number } = {
    ...{ protocol: (known ? name : 'tcp') as Packet['protocol'], source, destination },
    ...(hasPorts && { sourcePort: drop.sourcePort, port: drop.destinationPort }),
    ...(!known && { number: drop.protocol }),
  };
  const instance = at?.attachment?.instance;
  return {
    ...{ vpc, direction, source, destination, protocol: name, packets, secondsAgo: Math.round(secondsAgo) },
    ...(hasPorts && { port: drop.destinationPort }),
    ...(drop.port !== undefined && { interface: drop.port }),
    ...(instance !== undefined && { instance }),
    ...explain(records, { packet, refused: drop.refused, direction, ...(at && { at }) }),
  };
}

function merged(drops: readonly DropOf[]): DropOf[] {
  const found = new Map<string, DropOf>();
  for (const drop of drops) {
    const { packets, secondsAgo: _latest, ...same } = drop;
    const key = JSON.stringify(same);
    const known = found.get(key);
    if (known) known.packets += packets;
    else found.set(key, { ...drop });
  }
  return [...found.values()];
}

function nowOf(records: NetworkRecords, asked: Question, from: NetworkInterface, to: End): NonNullable<WhyDroppedAnswer['now']> {
  const protocol = asked.protocol ?? 'tcp';
  const own = to.port && from.vpc === to.port.vpc ? to.port.addresses[0]!.address : undefined;
  const ofIpv6 = isIpv6(asked.from ?? '') ? to.addresses.find(isIpv6) : undefined;
  const destination = asked.to !== undefined && isAddress(asked.to) ? asked.to : (ofIpv6 ?? own ?? to.addresses[0]!);
  const port = protocol === 'icmp' ? undefined : (asked.port ?? 0);
  const { reached, at, forward, back } = reach(records, from.id, { protocol, destination, ...(port !== undefined && { port }) });
  const told = { reached, source: sourceFor(from, destination) ?? '', destination, protocol, ...(port !== undefined && { port }) };
  const hop = [...forward, ...back].find((one) => !one.allowed);
  if (!hop) return told;
  const isBack = !forward.includes(hop);
  const ends = { near: from, far: at === undefined ? to.port : records.interfaces.get(at) };
  const packet: Packet = isBack
    ? {
        protocol,
        source: destination,
        destination: told.source,
        ...(port === undefined ? { type: echo(destination).answers } : { sourcePort: port, port: ephemeralPort }),
      }
    : {
        protocol,
        source: told.source,
        destination,
        ...(port === undefined ? { type: echo(destination).asks } : { sourcePort: ephemeralPort, port }),
      };
  return { ...told, stopped: stoppedBy(records, hop, packet, isBack ? { near: ends.far, far: ends.near } : ends) };
}

/** What the model found, in the words of what was dropped. `near` sends. */
function stoppedBy(
  records: NetworkRecords,
  hop: Hop,
  packet: Packet,
  { near, far }: { near: NetworkInterface | undefined; far: NetworkInterface | undefined },
): Explained {
  const direction = hop.direction ?? 'egress';
  const port = direction === 'egress' ? near : far;
  const refused = refusalOf(hop, direction);
  // A NAT gateway or a third subnet may have been the one that refused.
  const isNamed = hop.kind === 'network-acl' || hop.kind === 'egress-only-internet-gateway';
  const isTheirs = !isNamed || (port && records.subnets.get(port.subnet)?.acl.id === hop.id);
  if (refused === undefined || !isTheirs)
    return { refused: refused ?? 'no-route', by: { kind: hop.kind, ids: hop.id.split(', ') }, why: hop.why! };
  return explain(records, { packet, refused, direction, ...(port && { at: port }) });
}

function refusalOf({ kind }: Hop, direction: 'ingress' | 'egress'): Refusal | undefined {
  switch (kind) {
    case 'security-group':
      return direction === 'egress' ? 'group-out' : 'group-in';
    case 'network-acl':
      return direction === 'egress' ? 'acl-out' : 'acl-in';
    case 'route-table':
      return 'no-route';
    case 'internet-gateway':
      return 'no-public-address';
    case 'egress-only-internet-gateway':
      return 'egress-only';
    default:
      return undefined;
  }
}
