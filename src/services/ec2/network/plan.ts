/** The plan compiler: what the records say, as networks that the machine can make. Pure. */

import type {
  WantedAcl,
  WantedAclEntry,
  WantedEndpoint,
  WantedGroup,
  WantedNat,
  WantedNetwork,
  WantedPeering,
  WantedPort,
  WantedRoute,
  WantedRule,
  WantedSubnet,
  WantedVpc,
} from '../../../framework/networks.ts';
import type { AclEntry } from '../network-acls/network-acl.ts';
import type { NetworkInterface } from '../network-interfaces/network-interface.ts';
import type { Route } from '../route-tables/route-table.ts';
import type { SecurityGroupRule } from '../security-groups/security-group.ts';
import { gatewayOf, type Subnet } from '../subnets/subnet.ts';
import type { PeeringSide } from '../vpc-peering-connections/peering.ts';
import { addressOf, apiAddresses, homeOf, serviceNamed } from '../vpc-endpoints/services.ts';
import { machineAddress6 } from '../vpcs/ipv6-ranges.ts';
import { primaryCidr, type Vpc } from '../vpcs/vpc.ts';
import { formatAddress } from '../../../framework/cidr.ts';
import { isIpv6 } from './cidr6.ts';
import type { NetworkRecords } from './records.ts';

/** Where guests find metadata, names and nothing else. */
export const metadataAddress = '169.254.169.254';
export const resolverAddress = '169.254.169.253';

/** A VPC's own name server: the second address after its primary range's first. */
export const dnsAddress = (vpc: Vpc): string => formatAddress(primaryCidr(vpc).first + 2);

export type Means = { namespaceOf(instance: string): string };

/** Only networks in which something lives are made; the others are records. */
export function planNetwork(records: NetworkRecords, means: Means): WantedNetwork {
  const plan = new Plan(records, means);
  return { vpcs: [...records.vpcs.values()].filter((vpc) => plan.lives(vpc.id)).map((vpc) => plan.vpc(vpc)), doors: apiAddresses };
}

/** A port is there from the moment in which its attachment is wanted until it is to be detached, and a machine that runs has let go of it. */
export const isPlugged = ({ attachment }: NetworkInterface): boolean =>
  attachment?.status === 'attaching' ||
  attachment?.status === 'attached' ||
  (attachment?.status === 'detaching' && attachment.unsettled !== undefined);

/** What is looked up again and again while one plan is made. */
class Plan {
  readonly #records: NetworkRecords;
  readonly #means: Means;
  readonly #ports = new Map<string, NetworkInterface[]>();
  readonly #rules = new Map<string, SecurityGroupRule[]>();
  readonly #subnets = new Map<string, Subnet[]>();

  constructor(records: NetworkRecords, means: Means) {
    this.#records = records;
    this.#means = means;
    // While a cloud is reset, records of different tables go one after the other.
    for (const row of records.interfaces.values())
      if (isPlugged(row) && records.vpcs.has(row.vpc) && records.subnets.has(row.subnet)) push(this.#ports, row.vpc, row);
    for (const rule of records.rules.values()) push(this.#rules, rule.group, rule);
    for (const subnet of records.subnets.values()) push(this.#subnets, subnet.vpc, subnet);
  }

  lives(vpc: string): boolean {
    return this.#ports.has(vpc);
  }

  vpc(vpc: Vpc): WantedVpc {
    const ports = this.#ports.get(vpc.id) ?? [];
    const subnets = this.#subnets.get(vpc.id) ?? [];
    const peerings = this.#peerings(vpc);
    const gateway = [...this.#records.internetGateways.values()].some((one) => one.vpc === vpc.id);
    const egressOnly = vpc.ipv6 !== undefined && [...this.#records.egressOnlyGateways.values()].some((one) => one.vpc === vpc.id);
    const endpoints = subnets.flatMap((subnet) => this.#endpoints(vpc, subnet));
    const acls = new Set(subnets.map((subnet) => subnet.acl.id));
    return {
      id: vpc.id,
      cidrs: vpc.cidrs.map(({ cidr }) => cidr),
      ...cidrs6Of(vpc),
      services: servicesOf(vpc),
      subnets: subnets.map((subnet) => this.#subnet(vpc, subnet, peerings, gateway)),
      ports: ports.map((row) => this.#port(row)),
      groups: this.#groups(ports, peerings),
      acls: [...acls].map((id) => wantedAcl(id, this.#records.acls.get(id)?.entries ?? [])),
      nats: this.#nats(vpc),
      peerings,
      ...([...this.#records.flowLogs.values()].some((row) => row.vpc === vpc.id) && { counted: true }),
      ...(endpoints.length > 0 && { endpoints }),
      ...((gateway || egressOnly) && {
        internet: {
          addresses: gateway ? ports.flatMap(publicPairs) : [],
          ...(vpc.ipv6 && { ipv6: { machine: machineAddress6(vpc.ipv6[0]!.cidr), inward: gateway } }),
        },
      }),
    };
  }

  #subnet(vpc: Vpc, subnet: Subnet, peerings: readonly WantedPeering[], gateway: boolean): WantedSubnet {
    const table = this.#records.routeTables.get(subnet.routeTable?.id ?? vpc.main.routeTable);
    const routes = (table?.routes ?? []).flatMap((route) => this.#route(vpc, route, peerings, gateway));
    return {
      id: subnet.id,
      cidr: subnet.cidr,
      ...(subnet.ipv6 && { cidr6: subnet.ipv6.cidr }),
      gateway: gatewayOf(subnet),
      acl: subnet.acl.id,
      routes,
    };
  }

  /** A prefix list stands for a route to each of its ranges. */
  #route(vpc: Vpc, route: Route, peerings: readonly WantedPeering[], gateway: boolean): WantedRoute[] {
    if (route.target.startsWith('vpce-')) return [];
    const list = this.#records.prefixLists.get(route.destination);
    const destinations = list ? list.entries.map(({ cidr }) => cidr) : [route.destination];
    return destinations
      .filter((destination) => !destination.startsWith('pl-') && (vpc.ipv6 !== undefined || !isIpv6(destination)))
      .map((destination) => ({ destination, to: this.#target(vpc, route.target, peerings, gateway, isIpv6(destination)) }));
  }

  #target(vpc: Vpc, target: string, peerings: readonly WantedPeering[], gateway: boolean, ipv6: boolean): WantedRoute['to'] {
    const blackhole = { kind: 'blackhole' } as const;
    switch (target.slice(0, target.indexOf('-'))) {
      case 'igw':
        return gateway && this.#records.internetGateways.get(target)?.vpc === vpc.id ? { kind: 'internet' } : blackhole;
      case 'pcx':
        return peerings.some(({ id, cidrs6 }) => id === target && (!ipv6 || cidrs6)) ? { kind: 'peering', id: target } : blackhole;
      case 'eigw':
        return ipv6 && this.#records.egressOnlyGateways.get(target)?.vpc === vpc.id ? { kind: 'egress-only' } : blackhole;
      case 'nat': {
        const nat = this.#records.natGateways.get(target);
        const port = nat && this.#records.interfaces.get(nat.networkInterface);
        return !ipv6 && nat?.state === 'available' && port ? portOf(port, vpc, port.addresses[0]!.address) : blackhole;
      }
      case 'eni': {
        const port = this.#records.interfaces.get(target);
        return port ? portOf(port, vpc, ipv6 ? port.ipv6?.[0] : port.addresses[0]!.address) : blackhole;
      }
      default:
        return blackhole;
    }
  }

  /** Gateway endpoints to which the routes of a subnet lead. */
  #endpoints(vpc: Vpc, subnet: Subnet): WantedEndpoint[] {
    const table = this.#records.routeTables.get(subnet.routeTable?.id ?? vpc.main.routeTable);
    return (table?.routes ?? []).flatMap(({ target }) => {
      const endpoint = this.#records.endpoints.get(target);
      const service = endpoint && serviceNamed(endpoint.region, endpoint.serviceName);
      return service ? [{ subnet: subnet.id, address: addressOf(service.short), home: homeOf(service.short) }] : [];
    });
  }

  #port(row: NetworkInterface): WantedPort {
    const nat = row.type === 'nat_gateway';
    const owner =
      row.attachment!.instance ?? [...this.#records.natGateways.values()].find((one) => one.networkInterface === row.id)?.id ?? row.id;
    return {
      ...{ id: row.id, subnet: row.subnet, mac: row.mac, addresses: row.addresses.map(({ address }) => address) },
      ...(row.ipv6 && { addresses6: row.ipv6 }),
      ...{
        namespace: this.#means.namespaceOf(owner),
        device: `eth${row.attachment!.instance === undefined ? 0 : row.attachment!.deviceIndex}`,
      },
      ...{ groups: nat ? undefined : row.groups, forwards: nat || !row.sourceDestCheck },
      ...(this.#records.downZones.has(row.zone) && { cut: true as const }),
    };
  }

  #nats(vpc: Vpc): WantedNat[] {
    const live = [...this.#records.natGateways.values()].filter((nat) => nat.vpc === vpc.id);
    return live.flatMap((nat) => {
      const port = this.#records.interfaces.get(nat.networkInterface);
      const subnet = this.#records.subnets.get(nat.subnet);
      if (!port || !subnet || !isPlugged(port)) return [];
      const sources = vpc.cidrs.map(({ cidr }) => cidr);
      const others = (nat.secondary ?? []).map(({ privateAddress }) => privateAddress);
      return [
        {
          ...{ id: nat.id, namespace: this.#means.namespaceOf(nat.id), address: nat.privateAddress, gateway: gatewayOf(subnet), sources },
          ...(others.length > 0 && { others }),
        },
      ];
    });
  }

  /** Those of which both networks are there. */
  #peerings(vpc: Vpc): WantedPeering[] {
    const active = [...this.#records.peerings.values()].filter((one) => one.state === 'active');
    return active.flatMap(({ id, requester, accepter }) => {
      const mine = (side: PeeringSide): boolean => side.vpc === vpc.id;
      if (!mine(requester) && !mine(accepter)) return [];
      const [side, peer] = mine(requester) ? (['requester', accepter] as const) : (['accepter', requester] as const);
      const other = this.#records.vpcs.get(peer.vpc);
      const cidrs = other?.cidrs.map(({ cidr }) => cidr) ?? [];
      return this.lives(peer.vpc) ? [{ id, side, peer: peer.vpc, cidrs, ...(other && vpc.ipv6 && cidrs6Of(other)) }] : [];
    });
  }

  /** The groups of the ports, and of others only who is in them. */
  #groups(ports: readonly NetworkInterface[], peerings: readonly WantedPeering[]): WantedGroup[] {
    const own = new Set(ports.flatMap((port) => port.groups));
    const rules = [...own].flatMap((id) => this.#rules.get(id) ?? []);
    const named = rules.flatMap(({ peer }) => ('group' in peer ? [peer.group] : []));
    const reach = [...ports, ...peerings.flatMap(({ peer }) => this.#ports.get(peer) ?? [])];
    return [...new Set([...own, ...named])].map((id) => {
      const mine = own.has(id) ? (this.#rules.get(id) ?? []) : [];
      return {
        id,
        ingress: mine.filter((rule) => !rule.egress).flatMap((rule) => this.#wantedRules(rule)),
        egress: mine.filter((rule) => rule.egress).flatMap((rule) => this.#wantedRules(rule)),
        members: reach.filter((port) => port.groups.includes(id)).flatMap(addressesOf),
      };
    });
  }

  #wantedRules(rule: SecurityGroupRule): WantedRule[] {
    const { peer } = rule;
    const what = protocolOf(rule.protocol, rule.from, rule.to);
    if ('group' in peer) return [{ ...what, peer: { group: peer.group } }];
    if ('cidr' in peer) return [{ ...what, peer: { cidr: peer.cidr } }];
    if ('ipv6' in peer) return [{ ...what, peer: { cidr: peer.ipv6 } }];
    const list = this.#records.prefixLists.get(peer.prefixList);
    return (list?.entries ?? []).map(({ cidr }) => ({ ...what, peer: { cidr } }));
  }
}

function push<Row>(map: Map<string, Row[]>, key: string, row: Row): void {
  const list = map.get(key);
  if (list) list.push(row);
  else map.set(key, [row]);
}

/** @param address of the family that is routed; undefined where the interface has none. */
function portOf(row: NetworkInterface, vpc: Vpc, address: string | undefined): WantedRoute['to'] {
  const there = isPlugged(row) && row.vpc === vpc.id;
  return there && address !== undefined ? { kind: 'port', address, subnet: row.subnet } : { kind: 'blackhole' };
}

const cidrs6Of = ({ ipv6 }: Vpc): { cidrs6?: string[] } => (ipv6 ? { cidrs6: ipv6.map(({ cidr }) => cidr) } : {});

const addressesOf = ({ addresses, ipv6 = [] }: NetworkInterface): string[] => [...addresses.map(({ address }) => address), ...ipv6];

const publicPairs = ({ addresses }: NetworkInterface): { public: string; private: string }[] =>
  addresses.flatMap(({ address, public: found }) => (found ? [{ public: found.address, private: address }] : []));

function servicesOf(vpc: Vpc): WantedVpc['services'] {
  const resolvers = vpc.dnsSupport ? [dnsAddress(vpc), resolverAddress] : [];
  return [
    { protocol: 'tcp', address: metadataAddress, port: 80 },
    ...resolvers.map((address) => ({ protocol: 'udp' as const, address, port: 53 })),
  ];
}

const protocolNumbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };

/** `-1` is every protocol; ICMP's ports are its type and code. */
function protocolOf(protocol: string, from: number | undefined, to: number | undefined): Omit<WantedRule, 'peer'> {
  if (protocol === '-1') return {};
  const number = protocolNumbers[protocol] ?? Number(protocol);
  if (number === 1 || number === 58)
    return { protocol: number, ...(from !== undefined && from >= 0 && { icmp: [from, to ?? -1] as const }) };
  const hasPorts = (number === 6 || number === 17) && from !== undefined && from >= 0;
  return { protocol: number, ...(hasPorts && { ports: [from, to ?? from] as const }) };
}

function wantedAcl(id: string, entries: readonly AclEntry[]): WantedAcl {
  const inOrder = [...entries].sort((a, b) => a.number - b.number);
  const one = (entry: AclEntry): WantedAclEntry[] => {
    const range = entry.cidr ?? entry.ipv6;
    if (range === undefined) return [];
    const icmp = entry.icmp && entry.icmp.type >= 0 ? { icmp: [entry.icmp.type, entry.icmp.code] as const } : {};
    return [
      {
        ...protocolOf(entry.protocol, entry.icmp ? undefined : entry.from, entry.to),
        ...icmp,
        cidr: range,
        allow: entry.allow,
      },
    ];
  };
  return {
    id,
    ingress: inOrder.filter((entry) => !entry.egress).flatMap(one),
    egress: inOrder.filter((entry) => entry.egress).flatMap(one),
  };
}
