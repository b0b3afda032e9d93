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
import { primaryCidr, type Vpc } from '../vpcs/vpc.ts';
import { formatAddress } from './cidr.ts';
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

/** A port is there from the moment in which its attachment is wanted until it is to be detached. */
export const isPlugged = ({ attachment }: NetworkInterface): boolean =>
  attachment?.status === 'attaching' || attachment?.status === 'attached';

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
    const endpoints = subnets.flatMap((subnet) => this.#endpoints(vpc, subnet));
    const acls = new Set(subnets.map((subnet) => subnet.acl.id));
    return {
      id: vpc.id,
      cidrs: vpc.cidrs.map(({ cidr }) => cidr),
      services: servicesOf(vpc),
      subnets: subnets.map((subnet) => this.#subnet(vpc, subnet, peerings, gateway)),
      ports: ports.map((row) => this.#port(row)),
      groups: this.#groups(ports, peerings),
      acls: [...acls].map((id) => wantedAcl(id, this.#records.acls.get(id)?.entries ?? [])),
      nats: this.#nats(vpc),
      peerings,
      ...([...this.#records.flowLogs.values()].some((row) => row.vpc === vpc.id) && { counted: true }),
      ...(endpoints.length > 0 && { endpoints }),
      ...(gateway && { internet: { addresses: ports.flatMap(publicPairs) } }),
    };
  }

  #subnet(vpc: Vpc, subnet: Subnet, peerings: readonly WantedPeering[], gateway: boolean): WantedSubnet {
    const table = this.#records.routeTables.get(subnet.routeTable?.id ?? vpc.main.routeTable);
    const routes = (table?.routes ?? []).flatMap((route) => this.#route(vpc, route, peerings, gateway));
    return { id: subnet.id, cidr: subnet.cidr, gateway: gatewayOf(subnet), acl: subnet.acl.id, routes };
  }

  /** A prefix list stands for a route to each of its ranges. */
  #route(vpc: Vpc, route: Route, peerings: readonly WantedPeering[], gateway: boolean): WantedRoute[] {
    if (route.target.startsWith('vpce-')) return [];
    const list = this.#records.prefixLists.get(route.destination);
    const destinations = list ? list.entries.map(({ cidr }) => cidr) : [route.destination];
    const to = this.#target(vpc, route.target, peerings, gateway);
    return destinations
      .filter((destination) => !destination.includes(':') && !destination.startsWith('pl-'))
      .map((destination) => ({ destination, to }));
  }

  #target(vpc: Vpc, target: string, peerings: readonly WantedPeering[], gateway: boolean): WantedRoute['to'] {
    const blackhole = { kind: 'blackhole' } as const;
    switch (target.slice(0, target.indexOf('-'))) {
      case 'igw':
        return gateway && this.#records.internetGateways.get(target)?.vpc === vpc.id ? { kind: 'internet' } : blackhole;
      case 'pcx':
        return peerings.some(({ id }) => id === target) ? { kind: 'peering', id: target } : blackhole;
      case 'nat': {
        const nat = this.#records.natGateways.get(target);
        const port = nat && this.#records.interfaces.get(nat.networkInterface);
        return nat?.state === 'available' && port ? portOf(port, vpc) : blackhole;
      }
      case 'eni': {
        const port = this.#records.interfaces.get(target);
        return port ? portOf(port, vpc) : blackhole;
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
      return [{ id: nat.id, namespace: this.#means.namespaceOf(nat.id), address: nat.privateAddress, gateway: gatewayOf(subnet), sources }];
    });
  }

  /** Those of which both networks are there. */
  #peerings(vpc: Vpc): WantedPeering[] {
    const active = [...this.#records.peerings.values()].filter((one) => one.state === 'active');
    return active.flatMap(({ id, requester, accepter }) => {
      const mine = (side: PeeringSide): boolean => side.vpc === vpc.id;
      if (!mine(requester) && !mine(accepter)) return [];
      const [side, peer] = mine(requester) ? (['requester', accepter] as const) : (['accepter', requester] as const);
      const cidrs = this.#records.vpcs.get(peer.vpc)?.cidrs.map(({ cidr }) => cidr) ?? [];
      return this.lives(peer.vpc) ? [{ id, side, peer: peer.vpc, cidrs }] : [];
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
        members: reach.filter((port) => port.groups.includes(id)).flatMap((port) => port.addresses.map(({ address }) => address)),
      };
    });
  }

  #wantedRules(rule: SecurityGroupRule): WantedRule[] {
    const { peer } = rule;
    const what = protocolOf(rule.protocol, rule.from, rule.to);
    if ('group' in peer) return [{ ...what, peer: { group: peer.group } }];
    if ('cidr' in peer) return [{ ...what, peer: { cidr: peer.cidr } }];
    if ('prefixList' in peer) {
      const list = this.#records.prefixLists.get(peer.prefixList);
      return (list?.family === 'IPv4' ? list.entries : []).map(({ cidr }) => ({ ...what, peer: { cidr } }));
    }
    return [];
  }
}

function push<Row>(map: Map<string, Row[]>, key: string, row: Row): void {
  const list = map.get(key);
  if (list) list.push(row);
  else map.set(key, [row]);
}

function portOf(row: NetworkInterface, vpc: Vpc): WantedRoute['to'] {
  const there = isPlugged(row) && row.vpc === vpc.id;
  return there ? { kind: 'port', address: row.addresses[0]!.address, subnet: row.subnet } : { kind: 'blackhole' };
}

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
  if (number === 1) return { protocol: number, ...(from !== undefined && from >= 0 && { icmp: [from, to ?? -1] as const }) };
  const hasPorts = (number === 6 || number === 17) && from !== undefined && from >= 0;
  return { protocol: number, ...(hasPorts && { ports: [from, to ?? from] as const }) };
}

function wantedAcl(id: string, entries: readonly AclEntry[]): WantedAcl {
  const inOrder = [...entries].sort((a, b) => a.number - b.number);
  const one = (entry: AclEntry): WantedAclEntry[] => {
    if (entry.cidr === undefined) return [];
    const icmp = entry.icmp && entry.icmp.type >= 0 ? { icmp: [entry.icmp.type, entry.icmp.code] as const } : {};
    return [
      {
        ...protocolOf(entry.protocol, entry.protocol === '1' ? undefined : entry.from, entry.to),
        ...icmp,
        cidr: entry.cidr,
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
