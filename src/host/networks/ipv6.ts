/** What IPv6 adds to a network's router: addresses of its links, routes and neighbours, as lines for `ip -b`. */

import type { WantedPort, WantedVpc } from '../../framework/networks.ts';
import { gatewayDevice, nowhereDevice, type Names } from './names.ts';

/**
 * Link-local addresses of the router's ends. Guests know it by `router`; on the way to the exchange the next hop says by which kind of
 * gateway a packet leaves, so that the filter can tell them apart.
 */
export const links6 = { router: 'fe80::1', exchange: 'fe80::1', egressOnly: 'fe80::e', vpc: 'fe80::2' } as const;
export const peeringLinks6 = { requester: 'fe80::1', accepter: 'fe80::2' } as const;

/** Devices have no addresses but those that they are given, and nobody tells a router where to send. */
export const routerSettings6 = [
  ...['all', 'default'].map((which) => `net.ipv6.conf.${which}.disable_ipv6=0`),
  'net.ipv6.conf.all.forwarding=1',
  ...['all', 'default'].flatMap((which) => [
    `net.ipv6.conf.${which}.accept_ra=0`,
    `net.ipv6.conf.${which}.accept_redirects=0`,
    `net.ipv6.conf.${which}.addr_gen_mode=1`,
  ]),
];

/** A guest's device keeps its addresses when it is turned off and on, as it does those of IPv4. */
export const deviceSettings6 = (device: string): string[] =>
  ['disable_ipv6=0', 'keep_addr_on_down=1'].map((setting) => `net.ipv6.conf.${device}.${setting}`);

/** The address that a system gives itself on its link, made of its MAC (RFC 4291, appendix A). */
export function linkLocalOf(mac: string): string {
  const bytes = mac.split(':').map((part) => Number.parseInt(part, 16));
  const all = [bytes[0]! ^ 2, ...bytes.slice(1, 3), 0xff, 0xfe, ...bytes.slice(3)];
  const words = [0, 2, 4, 6].map((at) => (all[at]! * 256 + all[at + 1]!).toString(16));
  return `fe80::${words.join(':')}`;
}

export const isIpv6 = (text: string): boolean => text.includes(':');

/** All addresses that a port may speak with in IPv6. */
export const speaking6 = ({ addresses6 = [], mac }: WantedPort): string[] =>
  addresses6.length === 0 ? [] : [...addresses6, linkLocalOf(mac)];

const lastTable = { table: 999, preference: 4_294_967_290 };

export type Changes6 = {
  /** Before devices and routes go. */
  first: string[];
  /** Once the devices are there. */
  after: string[];
  /** For `ip -6 -b`: rules know no family by themselves. */
  rules: string[];
};

type Part = Pick<WantedVpc, 'cidrs6' | 'subnets' | 'peerings' | 'internet'>;

/** @param old what is there, without IPv6 where the router is new. */
export function changes6(names: Names, old: Part, next: WantedVpc, tableOf: (subnet: string) => number): Changes6 {
  const changes: Changes6 = { first: [], after: [], rules: [] };
  rangeLines(old.cidrs6 ?? [], next.cidrs6 ?? [], changes);
  subnetLines(names, old, next, tableOf, changes);
  if (next.internet?.ipv6 && !old.internet?.ipv6) changes.after.push(`addr add ${links6.vpc}/64 dev ${gatewayDevice} nodad`);
  if (old.internet?.ipv6 && next.internet && !next.internet.ipv6) changes.after.push(`addr del ${links6.vpc}/64 dev ${gatewayDevice}`);
  for (const { id, side, cidrs6 } of next.peerings) {
    const before = old.peerings.find((one) => one.id === id);
    const address = `${peeringLinks6[side]}/64 dev ${names.peering(id)}`;
    if (cidrs6 && !before?.cidrs6) changes.after.push(`addr add ${address} nodad`);
    if (!cidrs6 && before?.cidrs6) changes.after.push(`addr del ${address}`);
  }
  return changes;
}

/** The network's own ranges lead nowhere but where a subnet is; main routes are asked first and those to nowhere last, as for IPv4. */
function rangeLines(old: readonly string[], next: readonly string[], { first, rules }: Changes6): void {
  const { table, preference } = lastTable;
  if (old.length === 0 && next.length > 0) {
    first.push(`route add ::/0 dev ${nowhereDevice} table ${table}`);
    rules.push('rule add pref 10 lookup main', 'rule del pref 32766', `rule add pref ${preference} lookup ${table}`);
  }
  for (const cidr of next) if (!old.includes(cidr)) first.push(`route add ${cidr} dev ${nowhereDevice} metric 4096`);
  for (const cidr of old) if (!next.includes(cidr)) first.push(`route del ${cidr} dev ${nowhereDevice} metric 4096`);
  if (old.length > 0 && next.length === 0) {
    first.push(`route del ::/0 dev ${nowhereDevice} table ${table}`);
    rules.push('rule add pref 32766 lookup main', 'rule del pref 10', `rule del pref ${preference}`);
  }
}

function subnetLines(names: Names, old: Part, next: WantedVpc, tableOf: (subnet: string) => number, changes: Changes6): void {
  for (const { id, cidr6 } of old.subnets) {
    const after = next.subnets.find((subnet) => subnet.id === id);
    if (cidr6 === undefined || after?.cidr6 === cidr6) continue;
    changes.rules.push(`rule del pref ${tableOf(id)}`);
    const bridge = names.bridge(id);
    if (after) changes.first.push(`route del ${cidr6} dev ${bridge}`, `addr del ${links6.router}/64 dev ${bridge}`);
  }
  for (const { id, cidr6 } of next.subnets) {
    if (cidr6 === undefined || old.subnets.some((subnet) => subnet.id === id && subnet.cidr6 === cidr6)) continue;
    const bridge = names.bridge(id);
    changes.after.push(`addr add ${links6.router}/64 dev ${bridge} nodad`, `route add ${cidr6} dev ${bridge}`);
    changes.rules.push(`rule add pref ${tableOf(id)} iif ${bridge} lookup ${tableOf(id)}`);
  }
}

/** `begins` where the device inside has IPv6 from now on: it may have been turned off there. */
type Port6 = { router: string[]; inside: string[]; begins: boolean };

/** What comes and goes with a port's addresses, in the router and inside; both may be there before or after. */
export function portLines6(bridge: string, old: WantedPort | undefined, next: WantedPort | undefined): Port6 {
  const before = old ? speaking6(old) : [];
  const after = next ? speaking6(next) : [];
  const router = [
    ...before.filter((address) => !after.includes(address)).map((address) => `neigh del ${address} dev ${bridge}`),
    ...after
      .filter((address) => !before.includes(address))
      .map((address) => `neigh replace ${address} lladdr ${next!.mac} dev ${bridge} nud permanent`),
  ];
  if (!next) return { router, inside: [], begins: false };
  const present = old?.addresses6 ?? [];
  const wanted = next.addresses6 ?? [];
  const { device } = next;
  const way = `::/0 via ${links6.router} dev ${device} metric ${100 + Number(/\d+$/.exec(device)?.[0] ?? 0)}`;
  const inside = [
    // A guest may have taken it away itself; what is there can be taken in any case.
    ...present
      .filter((address) => !wanted.includes(address))
      .flatMap((address) => [`addr replace ${address}/128 dev ${device} nodad`, `addr del ${address}/128 dev ${device}`]),
    ...wanted.filter((address) => !present.includes(address)).map((address) => `addr replace ${address}/128 dev ${device} nodad`),
    // A guest may have changed its way out; it is given again with its first address.
    ...(present.length === 0 && wanted.length > 0 ? [`route replace ${way} onlink`] : []),
  ];
  return { router, inside, begins: present.length === 0 && wanted.length > 0 };
}
