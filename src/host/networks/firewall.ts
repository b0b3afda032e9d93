/** The packet filter of one network's router: groups, ACLs, anti-spoofing and public addresses. What is not known is dropped. */

import type { WantedAcl, WantedAclEntry, WantedGroup, WantedPort, WantedRule, WantedVpc } from '../../framework/networks.ts';
import { accounting, dropping, guardAccounting } from './accounting.ts';
import { entering6, guardRules6, nameSets6, outward6, solicitations } from './firewall6.ts';
import { hopLimits } from './hops.ts';
import { isIpv6, speaking6 } from './ipv6.ts';
import { gatewayDevice, nowhereDevice, type Names } from './names.ts';
import type { PublicRange } from './public-range.ts';
import { newTable, type NftTable, type Ruleset } from './ruleset.ts';
import { trafficCounters } from './traffic.ts';

const quoted = (name: string): string => `"${name}"`;

export function firewall(names: Names, vpc: WantedVpc, range: PublicRange): Ruleset {
  return [filterTable(names, vpc), translation(names, vpc), guard(names, vpc), hopLimits(), trafficCounters(range)];
}

/**
 * A packet between subnets passes the ACLs of both, each packet by itself. Then a known flow passes; a new one must be let out by a
 * group of its sender (found by its MAC, which the guard has checked) and in by a group of its receiver (found by the next hop, which
 * is not the destination where the receiver forwards).
 */
function filterTable(names: Names, vpc: WantedVpc): NftTable {
  const filter = newTable('inet haneul');
  const { table, set, map, chain } = filter;
  nameSets(names, vpc, set);
  nameSets6(names, vpc, set);
  dispatch(names, vpc, map);
  accounting(filter, vpc.ports, vpc.counted === true);
  const hasIpv6 = (vpc.cidrs6?.length ?? 0) > 0;
  for (const acl of vpc.acls) aclChains(acl, chain);
  for (const group of vpc.groups) groupChains(group, hasIpv6, set, chain);
  for (const port of vpc.ports) if (port.groups) portChains(port, port.groups, chain);
  chain('arriving', [
    'iifname . ip daddr @endpoint-ways accept',
    'oifname @links accept',
    `oifname ${quoted(nowhereDevice)} ${dropping('no-route')}`,
    'rt ip nexthop vmap @receiving',
    'rt ip6 nexthop vmap @receiving6',
    dropping('no-receiver'),
  ]);
  // A network is no way through to a third one.
  chain('entering', ['oifname @subnets goto arriving', dropping('transit')]);
  chain('stateful', [
    `oifname ${quoted(gatewayDevice)} ip saddr != @translated ${dropping('no-public-address')}`,
    `iifname ${quoted(gatewayDevice)} ip daddr != @translated ${dropping('no-public-address')}`,
    ...outward6(),
    `ct state established,related oifname ${quoted(nowhereDevice)} ${dropping('no-route')}`,
    'ct state established,related accept',
    `ct state invalid ${dropping('untracked')}`,
    'iifname @subnets ether saddr vmap @leaving',
    ...entering6(),
    `iifname ${quoted(gatewayDevice)} goto entering`,
    'iifname . ip saddr @peered goto entering',
    'iifname . ip6 saddr @peered6 goto entering',
    dropping('transit'),
  ]);
  chain(
    'forward',
    ['iifname . oifname @within goto stateful', 'iifname vmap @acl-out', 'oifname vmap @acl-in', 'goto stateful'],
    'type filter hook forward priority 0; policy drop;',
  );
  if (vpc.endpoints?.length) endpointChains(chain);
  chain(
    'input',
    [
      'ct state established,related accept',
      ...solicitations,
      'iifname @subnets ct status dnat ip daddr @endpoint-homes tcp dport { 80, 443 } accept',
      'iifname @subnets ip daddr . meta l4proto . th dport @services accept',
    ],
    'type filter hook input priority 0; policy drop;',
  );
  chain('output', ['ct state established,related accept', ...solicitations], 'type filter hook output priority 0; policy drop;');
  return table;
}

/** Devices and addresses by what they are. */
function nameSets(names: Names, vpc: WantedVpc, set: NamedSet): void {
  const bridges = vpc.subnets.map(({ id }) => quoted(names.bridge(id)));
  const links = [...vpc.peerings.map(({ id }) => quoted(names.peering(id))), ...(vpc.internet ? [quoted(gatewayDevice)] : [])];
  set('subnets', 'ifname', bridges);
  set(
    'within',
    'ifname . ifname',
    bridges.map((bridge) => `${bridge} . ${bridge}`),
  );
  set('links', 'ifname', links);
  set(
    'peered',
    'ifname . ipv4_addr; flags interval',
    vpc.peerings.flatMap(({ id, cidrs }) => cidrs.map((cidr) => `${quoted(names.peering(id))} . ${cidr}`)),
  );
  set(
    'translated',
    'ipv4_addr',
    (vpc.internet?.addresses ?? []).map((address) => address.private),
  );
  const endpoints = vpc.endpoints ?? [];
  set(
    'endpoint-ways',
    'ifname . ipv4_addr',
    endpoints.map(({ subnet, address }) => `${quoted(names.bridge(subnet))} . ${address}`),
  );
  set(
    'endpoint-homes',
    'ipv4_addr',
    endpoints.map(({ home }) => home),
  );
  set(
    'services',
    'ipv4_addr . inet_proto . inet_service',
    vpc.services.map(({ address, protocol, port }) => `${address} . ${protocol} . ${port}`),
  );
}

/**
 * What is sent to a gateway endpoint is for the router itself, at another address (`translation`). The sender's ACL and groups are asked
 * before, while it bears the address that they know, and the ACL about the answers after.
 */
function endpointChains(chain: Chain): void {
  chain('asking', ['iifname . ip daddr @endpoint-ways goto asking-endpoint'], 'type filter hook prerouting priority -150; policy accept;');
  chain('asking-endpoint', [
    'iifname vmap @acl-out',
    'ct state established,related accept',
    `ct state invalid ${dropping('untracked')}`,
    'ether saddr vmap @leaving',
    dropping('transit'),
  ]);
  chain(
    'answering',
    ['oifname . ip saddr @endpoint-ways oifname vmap @acl-in'],
    'type filter hook postrouting priority 150; policy accept;',
  );
}

/** Who is asked about a packet. */
function dispatch(names: Names, vpc: WantedVpc, map: NamedMap): void {
  map(
    'acl-out',
    'ifname : verdict',
    vpc.subnets.map(({ id, acl }) => [quoted(names.bridge(id)), `jump out-${acl}`]),
  );
  map(
    'acl-in',
    'ifname : verdict',
    vpc.subnets.map(({ id, acl }) => [quoted(names.bridge(id)), `jump in-${acl}`]),
  );
  map(
    'leaving',
    'ether_addr : verdict',
    vpc.ports.map((port) => [port.mac, `goto ${port.groups ? `out-${port.id}` : 'arriving'}`]),
  );
  map(
    'receiving',
    'ipv4_addr : verdict',
    vpc.ports.flatMap((port) => port.addresses.map((address) => [address, port.groups ? `goto in-${port.id}` : 'accept'] as const)),
  );
  map(
    'receiving6',
    'ipv6_addr : verdict',
    vpc.ports.flatMap(({ id, addresses6 = [], groups }) =>
      addresses6.map((address) => [address, groups ? `goto in-${id}` : 'accept'] as const),
    ),
  );
}

type Chain = ReturnType<typeof newTable>['chain'];
type NamedSet = ReturnType<typeof newTable>['set'];
type NamedMap = ReturnType<typeof newTable>['map'];

function aclChains({ id, ingress, egress }: WantedAcl, chain: Chain): void {
  const rules = (direction: 's' | 'd', entry: WantedAclEntry): string[] => {
    const verdict = entry.allow ? 'return' : dropping(direction === 's' ? 'acl-in' : 'acl-out');
    return matches(direction, { ...entry, peer: { cidr: entry.cidr } }, true).map((match) => `${match} ${verdict}`);
  };
  chain(`in-${id}`, [...ingress.flatMap((entry) => rules('s', entry)), dropping('acl-in')]);
  chain(`out-${id}`, [...egress.flatMap((entry) => rules('d', entry)), dropping('acl-out')]);
}

function groupChains({ id, ingress, egress, members }: WantedGroup, hasIpv6: boolean, set: NamedSet, chain: Chain): void {
  set(
    `members-${id}`,
    'ipv4_addr',
    members.filter((address) => !isIpv6(address)),
  );
  set(`members6-${id}`, 'ipv6_addr', members.filter(isIpv6));
  chain(
    `in-${id}`,
    ingress.flatMap((rule) => matches('s', rule, hasIpv6)).map((match) => `${match} accept`),
  );
  chain(
    `out-${id}`,
    egress.flatMap((rule) => matches('d', rule, hasIpv6)).map((match) => `${match} goto arriving`),
  );
}

function portChains({ id }: WantedPort, groups: readonly string[], chain: Chain): void {
  chain(`in-${id}`, [...groups.map((group) => `jump in-${group}`), dropping('group-in')]);
  chain(`out-${id}`, [...groups.map((group) => `jump out-${group}`), dropping('group-out')]);
}

const ICMP = 1;
const ICMPV6 = 58;
const TCP = 6;
const UDP = 17;

/** The rule for each family that it speaks of: a group has members of both. */
function matches(direction: 's' | 'd', rule: WantedRule, hasIpv6: boolean): string[] {
  const { peer, protocol } = rule;
  if ('cidr' in peer) {
    const family = isIpv6(peer.cidr) ? ('ip6' as const) : ('ip' as const);
    const isAll = peer.cidr === '0.0.0.0/0' || peer.cidr === '::/0';
    const other = isAll ? `meta nfproto ${family === 'ip' ? 'ipv4' : 'ipv6'}` : `${family} ${direction}addr ${peer.cidr}`;
    return [`${other} ${packetMatch(rule, family)}`.trim()];
  }
  const ipv4 = protocol === ICMPV6 ? [] : [`ip ${direction}addr @members-${peer.group} ${packetMatch(rule, 'ip')}`.trim()];
  const ipv6 = protocol === ICMP || !hasIpv6 ? [] : [`ip6 ${direction}addr @members6-${peer.group} ${packetMatch(rule, 'ip6')}`.trim()];
  return [...ipv4, ...ipv6];
}

function packetMatch({ protocol, ports, icmp }: WantedRule, family: 'ip' | 'ip6'): string {
  const parts: string[] = [];
  if (protocol !== undefined) parts.push(`meta l4proto ${protocol}`);
  const all = ports?.[0] === 0 && ports[1] === 65_535;
  if (ports && !all && (protocol === TCP || protocol === UDP)) parts.push(`th dport ${ports[0] === ports[1] ? ports[0] : ports.join('-')}`);
  const word = family === 'ip' ? 'icmp' : 'icmpv6';
  // Of the other family there is none: a rule for it fits nothing.
  const isOwn = protocol === (family === 'ip' ? ICMP : ICMPV6);
  if (isOwn && icmp && icmp[0] >= 0) parts.push(`${word} type ${icmp[0]}`);
  if (isOwn && icmp && icmp[0] >= 0 && icmp[1] >= 0) parts.push(`${word} code ${icmp[1]}`);
  return parts.join(' ');
}

/** Public addresses stand one to one for private ones. */
function translation(names: Names, { internet, endpoints = [] }: WantedVpc): NftTable {
  const { table, map, chain } = newTable('ip haneul-translation');
  const addresses = internet?.addresses ?? [];
  map(
    'inward',
    'ipv4_addr : ipv4_addr',
    addresses.map((one) => [one.public, one.private]),
  );
  map(
    'outward',
    'ipv4_addr : ipv4_addr',
    addresses.map((one) => [one.private, one.public]),
  );
  const device = quoted(gatewayDevice);
  map(
    'endpoints',
    'ifname . ipv4_addr : ipv4_addr',
    endpoints.map(({ subnet, address, home }) => [`${quoted(names.bridge(subnet))} . ${address}`, home]),
  );
  const toHome = endpoints.length > 0 ? ['dnat to iifname . ip daddr map @endpoints'] : [];
  chain(
    'prerouting',
    [...toHome, `iifname ${device} dnat to ip daddr map @inward`],
    'type nat hook prerouting priority -100; policy accept;',
  );
  chain('postrouting', [`oifname ${device} snat to ip saddr map @outward`], 'type nat hook postrouting priority 100; policy accept;');
  return table;
}

/** Nobody speaks with another's MAC or address, but for those who forward, who may pass on any address with their own MAC. */
function guard(names: Names, vpc: WantedVpc): NftTable {
  const frames = newTable('bridge haneul-guard');
  const { table, set, chain } = frames;
  const device = (port: WantedPort): string => quoted(names.port(port.id));
  set(
    'macs',
    'ifname . ether_addr',
    vpc.ports.map((port) => `${device(port)} . ${port.mac}`),
  );
  set(
    'addresses',
    'ifname . ipv4_addr',
    vpc.ports.flatMap((port) => port.addresses.map((address) => `${device(port)} . ${address}`)),
  );
  set(
    'addresses6',
    'ifname . ipv6_addr',
    vpc.ports.flatMap((port) => speaking6(port).map((address) => `${device(port)} . ${address}`)),
  );
  guardAccounting(
    frames,
    vpc.ports.map((port) => ({ device: device(port), port: port.id })),
  );
  set('forwarders', 'ifname', vpc.ports.filter((port) => port.forwards).map(device));
  chain(
    'prerouting',
    [
      `iifname . ether saddr != @macs ${dropping('spoofed-mac')}`,
      'ether type arp iifname . arp saddr ip @addresses accept',
      'ether type ip iifname . ip saddr @addresses accept',
      'ether type ip iifname @forwarders accept',
      ...guardRules6,
      dropping('spoofed-address'),
    ],
    'type filter hook prerouting priority -300; policy drop;',
  );
  return table;
}
