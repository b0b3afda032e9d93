/** Devices, addresses and routes of one network's router and of the namespaces that hang on it, as lines for `ip -b`. */

import type { WantedPort, WantedRoute, WantedSubnet, WantedVpc } from '../../framework/networks.ts';
import { changes6, isIpv6, links6, peeringLinks6, portLines6 } from './ipv6.ts';
import { gatewayDevice, linkAddresses, nowhereDevice, peeringAddress, type Names } from './names.ts';

/** Lines by namespace; they are run one namespace after the other, the router's first. */
export type LinkChanges = {
  router: string[];
  /** For `ip -6 -b` in the router. */
  rules6: string[];
  /** For `bridge -b` in the router: which MAC is at which port. */
  forwarding: string[];
  inside: Map<string, string[]>;
  /** Devices inside that are to speak IPv6, before their lines are run. */
  speaking6: Pick<WantedPort, 'namespace' | 'device'>[];
};

const loopback = 'lo';
/** Asked last of all. */
const nowhereTable = 999;
const lastPreference = 4_294_967_290;
/** The number of a subnet's routing table and rule: the same whenever it is made, above those that the kernel uses. */
const tableOf = (id: string): number => 1000 + Number.parseInt(id.slice(-7), 16);

/**
 * What turns one state of a network into the next. The pairs of peerings and the way to the exchange have been made before.
 * @param old undefined for a router that has just been made.
 */
export function linkChanges(names: Names, old: WantedVpc | undefined, next: WantedVpc): LinkChanges {
  const changes: LinkChanges = { router: [], rules6: [], forwarding: [], inside: new Map(), speaking6: [] };
  const { router } = changes;
  const before = old ?? { services: [], endpoints: [], subnets: [], ports: [], peerings: [], internet: undefined, cidrs6: [] };
  const ipv6 = changes6(names, before, next, tableOf);
  changes.rules6.push(...ipv6.rules);
  if (!old)
    router.push(
      `link set ${loopback} up`,
      `link add ${nowhereDevice} type bridge mcast_snooping 0`,
      `link set ${nowhereDevice} up`,
      'route add blackhole 169.254.0.0/16',
      ...next.cidrs.map((cidr) => `route add ${cidr} dev ${nowhereDevice} metric 4096`),
      `route add default dev ${nowhereDevice} table ${nowhereTable}`,
      'rule add pref 10 lookup main',
      'rule del pref 32766',
      `rule add pref ${lastPreference} lookup ${nowhereTable}`,
    );
  else cidrLines(old, next, router);
  removeRoutes(before, next, router);
  router.push(...ipv6.first);
  removePorts(names, before, next, router);
  changeServices(before, next, router);
  changeSubnets(names, before, next, changes);
  if (!before.internet && next.internet)
    router.push(`addr add ${linkAddresses.vpc}/32 dev ${gatewayDevice}`, `link set ${gatewayDevice} up`);
  if (before.internet && !next.internet) router.push(`link del ${gatewayDevice}`);
  changePeerings(names, before, next, router);
  router.push(...ipv6.after);
  addPorts(names, before, next, changes);
  addRoutes(names, before, next, router);
  return changes;
}

function cidrLines(old: WantedVpc, next: WantedVpc, router: string[]): void {
  for (const cidr of next.cidrs) if (!old.cidrs.includes(cidr)) router.push(`route add ${cidr} dev ${nowhereDevice} metric 4096`);
  for (const cidr of old.cidrs) if (!next.cidrs.includes(cidr)) router.push(`route del ${cidr} dev ${nowhereDevice} metric 4096`);
}

function changeServices(old: Pick<WantedVpc, 'services' | 'endpoints'>, next: WantedVpc, router: string[]): void {
  const addresses = ({ services, endpoints = [] }: Pick<WantedVpc, 'services' | 'endpoints'>): Set<string> =>
    new Set([...services.map(({ address }) => address), ...endpoints.map(({ home }) => home)]);
  for (const address of addresses(next)) if (!addresses(old).has(address)) router.push(`addr add ${address}/32 dev ${loopback}`);
  for (const address of addresses(old)) if (!addresses(next).has(address)) router.push(`addr del ${address}/32 dev ${loopback}`);
}

/** A bridge in the router for each subnet, whose MAC stays the same when the router is made anew. */
function changeSubnets(names: Names, old: Pick<WantedVpc, 'subnets'>, next: WantedVpc, { router }: LinkChanges): void {
  for (const { id } of old.subnets) {
    if (next.subnets.some((subnet) => subnet.id === id)) continue;
    const number = tableOf(id);
    router.push(`rule del pref ${number}`, `link del ${names.bridge(id)}`);
  }
  for (const subnet of next.subnets) {
    if (old.subnets.some(({ id }) => id === subnet.id)) continue;
    const bridge = names.bridge(subnet.id);
    const number = tableOf(subnet.id);
    router.push(
      `link add ${bridge} address ${macFrom(subnet.id)} type bridge mcast_snooping 0`,
      // It answers ARP for neighbours at once.
      `ntable change name arp_cache dev ${bridge} proxy_delay 0`,
      `addr add ${subnet.gateway}/${lengthOf(subnet)} dev ${bridge}`,
      `link set ${bridge} up`,
      `rule add pref ${number} iif ${bridge} lookup ${number}`,
    );
  }
}

const lengthOf = ({ cidr }: Pick<WantedSubnet, 'cidr'>): string => cidr.slice(cidr.indexOf('/') + 1);

function macFrom(id: string): string {
  return `06${id.slice(-10)}`.match(/../g)!.join(':');
}

/** The pair is made before; the requester takes it away, and with it the other end. */
function changePeerings(names: Names, old: Pick<WantedVpc, 'peerings'>, next: WantedVpc, router: string[]): void {
  for (const { id, side } of old.peerings)
    if (side === 'requester' && !next.peerings.some((peering) => peering.id === id)) router.push(`link del ${names.peering(id)}`);
  for (const { id, side } of next.peerings)
    if (!old.peerings.some((peering) => peering.id === id))
      router.push(`addr add ${peeringAddress(id, side)}/32 dev ${names.peering(id)}`, `link set ${names.peering(id)} up`);
}

const isReplaced = (port: WantedPort, other: WantedPort | undefined): boolean => !other || placeOf(port) !== placeOf(other);

/** The ends inside instances go together with those at the bridges. */
function removePorts(names: Names, old: Pick<WantedVpc, 'ports'>, next: WantedVpc, router: string[]): void {
  const after = new Map(next.ports.map((port) => [port.id, port]));
  for (const port of old.ports) {
    if (!isReplaced(port, after.get(port.id))) continue;
    router.push(`link del ${names.port(port.id)}`);
    router.push(
      ...port.addresses.map((address) => `neigh del ${address} dev ${names.bridge(port.subnet)}`),
      ...portLines6(names.bridge(port.subnet), port, undefined).router,
    );
  }
}

function addPorts(names: Names, old: Pick<WantedVpc, 'ports'>, next: WantedVpc, changes: LinkChanges): void {
  const before = new Map(old.ports.map((port) => [port.id, port]));
  for (const port of next.ports) {
    const subnet = next.subnets.find(({ id }) => id === port.subnet)!;
    const present = before.get(port.id);
    if (isReplaced(port, present)) addPort(names, port, subnet, changes);
    else {
      changeAddresses(names, present!, port, subnet, changes);
      if (present!.cut !== port.cut) changes.router.push(`link set ${names.port(port.id)} ${port.cut ? 'down' : 'up'}`);
    }
  }
}

const placeOf = ({ subnet, namespace, device, mac, addresses }: WantedPort): string =>
  [subnet, namespace, device, mac, addresses[0]].join(' ');

/**
 * Ports are isolated, so that neighbours reach each other through the router alone; it answers for them when they are asked for by ARP,
 * and knows all of them itself.
 */
function addPort(names: Names, port: WantedPort, subnet: WantedSubnet, { router, forwarding, inside, speaking6 }: LinkChanges): void {
  const bridge = names.bridge(port.subnet);
  const device = names.port(port.id);
  const ipv6 = portLines6(bridge, undefined, port);
  if (ipv6.begins) speaking6.push(port);
  router.push(
    `link add ${device} type veth peer name ${port.device} address ${port.mac} netns ${port.namespace}`,
    `link set ${device} master ${bridge}`,
    `link set ${device} type bridge_slave isolated on flood off mcast_flood off bcast_flood off`,
    `link set ${device} ${port.cut ? 'down' : 'up'}`,
    ...port.addresses.map((address) => `neigh replace ${address} lladdr ${port.mac} dev ${bridge} nud permanent`),
    ...ipv6.router,
  );
  forwarding.push(`fdb replace ${port.mac} dev ${device} master static`);
  const lines = inside.get(port.namespace) ?? [`link set ${loopback} up`];
  const metric = Number(/\d+$/.exec(port.device)?.[0] ?? 0);
  lines.push(
    ...port.addresses.map((address, at) => `addr add ${address}/${at === 0 ? lengthOf(subnet) : 32} dev ${port.device}`),
    `link set ${port.device} up`,
    `route add default via ${subnet.gateway} dev ${port.device} metric ${100 + metric}`,
    ...ipv6.inside,
  );
  inside.set(port.namespace, lines);
}

/** Secondary addresses come and go while the port stays. */
function changeAddresses(names: Names, old: WantedPort, port: WantedPort, subnet: WantedSubnet, changes: LinkChanges): void {
  const { router, inside } = changes;
  const bridge = names.bridge(subnet.id);
  const ipv6 = portLines6(bridge, old, port);
  if (ipv6.begins) changes.speaking6.push(port);
  const lines = ipv6.inside;
  router.push(...ipv6.router);
  for (const address of old.addresses) {
    if (port.addresses.includes(address)) continue;
    router.push(`neigh del ${address} dev ${bridge}`);
    // A guest may have taken it away itself; what is there can be taken in any case.
    lines.push(`addr replace ${address}/32 dev ${port.device}`, `addr del ${address}/32 dev ${port.device}`);
  }
  for (const address of port.addresses) {
    if (old.addresses.includes(address)) continue;
    router.push(`neigh replace ${address} lladdr ${port.mac} dev ${bridge} nud permanent`);
    lines.push(`addr replace ${address}/32 dev ${port.device}`);
  }
  if (lines.length > 0) inside.set(port.namespace, [...(inside.get(port.namespace) ?? []), ...lines]);
}

/**
 * A route may have gone together with its device, so it is turned into one that needs none before it is taken away.
 * Each subnet has its own table, which is asked after the network's own subnets.
 */
function removeRoutes(old: Pick<WantedVpc, 'subnets'>, next: WantedVpc, router: string[]): void {
  for (const subnet of old.subnets) {
    const wanted = new Set(next.subnets.find(({ id }) => id === subnet.id)?.routes.map(({ destination }) => destination));
    for (const { destination } of subnet.routes) {
      if (wanted.has(destination)) continue;
      const where = `blackhole ${destination} table ${tableOf(subnet.id)}`;
      router.push(`route replace ${where}`, `route del ${where}`);
    }
  }
}

function addRoutes(names: Names, old: Pick<WantedVpc, 'subnets'>, next: WantedVpc, router: string[]): void {
  for (const subnet of next.subnets) {
    const present = old.subnets.find(({ id }) => id === subnet.id)?.routes ?? [];
    const known = new Map(present.map((route) => [route.destination, JSON.stringify(route)]));
    for (const route of subnet.routes)
      if (known.get(route.destination) !== JSON.stringify(route))
        router.push(`route replace ${routeWords(names, next, route)} table ${tableOf(subnet.id)}`);
  }
}

function routeWords(names: Names, vpc: WantedVpc, { destination, to }: WantedRoute): string {
  switch (to.kind) {
    case 'blackhole':
      return `${destination} dev ${nowhereDevice}`;
    case 'egress-only':
      return `${destination} via ${links6.egressOnly} dev ${gatewayDevice} onlink`;
    case 'internet':
      if (isIpv6(destination)) return `${destination} via ${links6.exchange} dev ${gatewayDevice} onlink`;
      return vpc.internet
        ? `${destination} via ${linkAddresses.exchange} dev ${gatewayDevice} onlink`
        : `${destination} dev ${nowhereDevice}`;
    case 'port':
      return `${destination} via ${to.address} dev ${names.bridge(to.subnet)} onlink`;
    case 'peering': {
      const side = vpc.peerings.find(({ id }) => id === to.id)?.side;
      const far = side === 'requester' ? 'accepter' : 'requester';
      const other = isIpv6(destination) ? peeringLinks6[far] : peeringAddress(to.id, far);
      return side ? `${destination} via ${other} dev ${names.peering(to.id)} onlink` : `${destination} dev ${nowhereDevice}`;
    }
  }
}
