/** What IPv6 adds to the packet filter of a network's router: who may come in, and what neighbours may say to each other. */

import type { WantedVpc } from '../../framework/networks.ts';
import { dropping } from './accounting.ts';
import { links6 } from './ipv6.ts';
import { gatewayDevice, type Names } from './names.ts';
import type { newTable } from './ruleset.ts';

const gateway = `"${gatewayDevice}"`;

/** Ports' addresses; those at which flows may begin outside; and ranges beyond peerings. */
export function nameSets6(names: Names, vpc: WantedVpc, set: ReturnType<typeof newTable>['set']): void {
  const addresses = (ports: WantedVpc['ports']): string[] => ports.flatMap(({ addresses6 = [] }) => addresses6);
  set('own6', 'ipv6_addr', addresses(vpc.ports));
  const { inward = false } = vpc.internet?.ipv6 ?? {};
  const closed = new Set(vpc.subnets.filter(leavesByEgressOnly).map(({ id }) => id));
  set('inward6', 'ipv6_addr', inward ? addresses(vpc.ports.filter(({ subnet }) => !closed.has(subnet))) : []);
  set(
    'peered6',
    'ifname . ipv6_addr; flags interval',
    vpc.peerings.flatMap(({ id, cidrs6 = [] }) => cidrs6.map((cidr) => `"${names.peering(id)}" . ${cidr}`)),
  );
}

/** Of two gateways a subnet uses the egress-only one: what comes in by the other would find no way back. */
function leavesByEgressOnly({ routes }: WantedVpc['subnets'][number]): boolean {
  const has = (kind: 'internet' | 'egress-only'): boolean =>
    routes.some(({ destination, to }) => destination.includes(':') && to.kind === kind);
  return has('egress-only') && !has('internet');
}

/** Nothing but the network's own addresses passes its gateway, and by the egress-only one no answers to what came in. */
export const outward6 = (): string[] => [
  `oifname ${gateway} ip6 saddr != @own6 ${dropping('no-public-address')}`,
  `iifname ${gateway} ip6 daddr != @own6 ${dropping('no-public-address')}`,
  `oifname ${gateway} rt ip6 nexthop ${links6.egressOnly} ct direction reply ${dropping('untracked')}`,
];

/** For what no known flow has, before it enters. */
export const entering6 = (): string[] => [`iifname ${gateway} ip6 daddr != @inward6 ${dropping('egress-only')}`];

/** Routers ask each other for their MACs, and guests ask for the router's; nobody else hears them. */
export const solicitations: readonly string[] = ['icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept'];

/**
 * Guests may ask for their router's MAC in their own name, and send packets from their own addresses. What systems say to their links by
 * themselves (routers' and neighbours' advertisements, group reports, searches for twins) is nobody's business here: it goes without a word.
 */
export const guardRules6: readonly string[] = [
  'icmpv6 type nd-neighbor-solicit iifname . ip6 saddr @addresses6 accept',
  'ip6 daddr { fe80::/10, ff00::/8 } drop',
  'ip6 saddr { ::/128, fe80::/10 } drop',
  'iifname . ip6 saddr @addresses6 accept',
  'ether type ip6 iifname @forwarders accept',
];
