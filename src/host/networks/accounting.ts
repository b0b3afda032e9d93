/**
 * The part of a router's filter that counts: dropped packets always, all flows where that is wanted. The kernel holds the counts, so no
 * process has to run. nft takes five members of a key at most: what else is known of a packet goes into its mark.
 */

import type { Refusal, WantedPort } from '../../framework/networks.ts';
import type { newTable } from './ruleset.ts';

/** Where a mark says what. The lower 20 bits are the number of the port. */
export const numberBits = 0xf_ff_ff;
const flagBits = { fin: 0x10_00_00, syn: 0x20_00_00, rst: 0x40_00_00, synAck: 0x80_00_00 } as const;
const udpBit = 0x1_00_00_00;
/** Counted for the port that was to get it. */
const receivedBit = 0x2_00_00_00;
const refusalUnit = 0x4_00_00_00;

const refusals: readonly Refusal[] = [
  ...(['spoofed-mac', 'spoofed-address', 'acl-out', 'acl-in', 'group-out', 'group-in'] as const),
  ...(['no-route', 'no-receiver', 'no-public-address', 'untracked', 'transit', 'egress-only'] as const),
];
/** The sending port has let these out, or does not know them; the receiving one has refused them. */
const atReceiver: readonly Refusal[] = ['acl-in', 'group-in'];
/** Refused by the sending port itself. For the others, flows count it as having let them out. */
const atSender: readonly Refusal[] = ['acl-out', 'group-out'];

const hex = (mark: number): string => `0x${mark.toString(16).padStart(8, '0')}`;
export const refusalMark = (refusal: Refusal): number => refusalUnit * (refusals.indexOf(refusal) + 1);

/** From the end of the port's id, so that it is the same for every process; never zero, which means nobody. */
export const numberOf = (port: string): number => Number.parseInt(port.slice(-5), 16) & numberBits || 1;
export const markOfPort = (port: string): string => hex(numberOf(port));

export type Mark = { number: number; tcpFlags: number; udp: boolean; received: boolean; refused?: Refusal };

export function readMark(mark: number): Mark {
  const has = (bit: number): boolean => (mark & bit) !== 0;
  const refused = refusals[Math.floor(mark / refusalUnit) - 1];
  return {
    number: mark & numberBits,
    tcpFlags: (has(flagBits.fin) ? 1 : 0) | (has(flagBits.syn) ? 2 : 0) | (has(flagBits.rst) ? 4 : 0) | (has(flagBits.synAck) ? 18 : 0),
    ...{ udp: has(udpBit), received: has(receivedBit) },
    ...(refused && { refused }),
  };
}

export const countedFlowsMax = 65_536;
const droppedFlowsMax = 8_192;
export const droppedSeconds = 3_600;

const withPorts = 'mark . ipv4_addr . ipv4_addr . inet_service . inet_service';
const withProtocol = 'mark . ipv4_addr . ipv4_addr . inet_proto';
const withPorts6 = withPorts.replaceAll('ipv4_addr', 'ipv6_addr');
const withProtocol6 = withProtocol.replaceAll('ipv4_addr', 'ipv6_addr');
const portsKey = 'meta mark . ip saddr . ip daddr . th sport . th dport';
const protocolKey = 'meta mark . ip saddr . ip daddr . meta l4proto';
const portsKey6 = portsKey.replaceAll('ip ', 'ip6 ');
const protocolKey6 = protocolKey.replaceAll('ip ', 'ip6 ');
const hasPorts = 'meta l4proto { tcp, udp }';
const notPorts = 'meta l4proto != { tcp, udp }';

/** The chain to which a rule sends (`goto`) what it drops. */
export const dropping = (refusal: Refusal): string => `goto refuse-${refusal}`;

type Filter = ReturnType<typeof newTable>;

/** Two generations of sets: while one is read, packets are counted in the other. */
export const generations = [0, 1] as const;
export type Generation = (typeof generations)[number];
export const setsOf = (generation: Generation) => ({
  flows: `flows-${generation}`,
  others: `others-${generation}`,
  flows6: `flows6-${generation}`,
  others6: `others6-${generation}`,
  skipped: `skipped-${generation}`,
});

/** What the counting chain does in a generation. A key for which there is no place is skipped, and that is counted too. */
export function countingRules(generation: Generation): string[] {
  const { flows, others, flows6, others6, skipped } = setsOf(generation);
  return [
    `${hasPorts} update @${flows} { ${portsKey} counter } return`,
    `${notPorts} update @${others} { ${protocolKey} counter } return`,
    `${hasPorts} update @${flows6} { ${portsKey6} counter } return`,
    `${notPorts} update @${others6} { ${protocolKey6} counter } return`,
    `update @${skipped} { meta mark counter }`,
  ];
}

/** Sets and chains for what is dropped and, where `counted`, for every flow. */
export function accounting({ set, map, chain, turningChain }: Filter, ports: readonly WantedPort[], counted: boolean): void {
  map(
    'senders',
    'ether_addr : mark',
    ports.map((port) => [port.mac, markOfPort(port.id)]),
  );
  map(
    'receivers',
    'ipv4_addr : mark',
    ports.flatMap((port) => port.addresses.map((address) => [address, markOfPort(port.id)] as const)),
  );
  map(
    'receivers6',
    'ipv6_addr : mark',
    ports.flatMap(({ id, addresses6 = [] }) => addresses6.map((address) => [address, markOfPort(id)] as const)),
  );
  droppedSets(set);
  chain('traits', [`meta l4proto udp meta mark set meta mark or ${hex(udpBit)} return`, 'tcp flags & (fin | syn | rst) != 0 jump flagged']);
  const flag = (test: string, bit: number): string => `tcp flags & ${test} meta mark set meta mark or ${hex(bit)}`;
  chain('flagged', [
    flag('(syn | ack) == syn | ack', flagBits.synAck),
    flag('(syn | ack) == syn', flagBits.syn),
    flag('fin == fin', flagBits.fin),
    flag('rst == rst', flagBits.rst),
  ]);
  if (counted) {
    for (const generation of generations) {
      const { flows, others, flows6, others6, skipped } = setsOf(generation);
      set(flows, `${withPorts}; size ${countedFlowsMax}; flags dynamic`);
      set(others, `${withProtocol}; size ${countedFlowsMax}; flags dynamic`);
      set(flows6, `${withPorts6}; size ${countedFlowsMax}; flags dynamic`);
      set(others6, `${withProtocol6}; size ${countedFlowsMax}; flags dynamic`);
      set(skipped, `mark; size ${countedFlowsMax}; flags dynamic`);
    }
    turningChain('count', countingRules(0));
    chain('count-known', [`meta mark & ${hex(numberBits)} != 0x0 jump count`]);
    chain('sent', [...markSender, 'meta mark 0x0 return', 'jump traits', 'goto count']);
    chain('received', [...markReceiver, 'meta mark 0x0 return', asReceived, 'jump traits', 'goto count']);
    // Only what the filter has let through comes here.
    chain('account', ['jump sent', 'jump received'], 'type filter hook forward priority 10; policy accept;');
  }
  for (const refusal of refusals.filter((one) => !one.startsWith('spoofed'))) dropChain(chain, refusal, counted);
  chain('discard', [
    `${hasPorts} update @dropped { ${portsKey} counter }`,
    `${notPorts} update @dropped-others { ${protocolKey} counter }`,
    `${hasPorts} update @dropped6 { ${portsKey6} counter }`,
    `${notPorts} update @dropped6-others { ${protocolKey6} counter }`,
    'counter drop',
  ]);
}

const markSender = ['meta mark set 0x0', 'meta mark set ether saddr map @senders'];
const markReceiver = ['meta mark set 0x0', 'meta mark set rt ip nexthop map @receivers', 'meta mark set rt ip6 nexthop map @receivers6'];
const asReceived = `meta mark set meta mark or ${hex(receivedBit)}`;

/** A port that refuses counts the packet as refused; one that has let it out before counts it as sent. */
function dropChain(chain: Filter['chain'], refusal: Refusal, counted: boolean): void {
  const mark = `meta mark set meta mark or ${hex(refusalMark(refusal))}`;
  const note = [mark, 'jump traits', ...(counted ? ['jump count-known'] : [])];
  const sent = counted ? ['jump sent'] : [];
  // Flows of the port that was to get it know nothing of this one: it was the gateway that refused.
  if (refusal === 'egress-only') chain(`refuse-${refusal}`, [...markReceiver, asReceived, mark, 'jump traits', 'goto discard']);
  else if (atReceiver.includes(refusal)) {
    chain(`refuse-${refusal}`, [...sent, ...markReceiver, asReceived, ...note, 'goto discard']);
  } else if (atSender.includes(refusal)) chain(`refuse-${refusal}`, [...markSender, ...note, 'goto discard']);
  else chain(`refuse-${refusal}`, [...sent, ...markSender, mark, 'jump traits', 'goto discard']);
}

function droppedSets(set: Filter['set']): void {
  const size = `size ${droppedFlowsMax}; flags dynamic, timeout; timeout ${droppedSeconds}s`;
  set('dropped', `${withPorts}; ${size}`);
  set('dropped-others', `${withProtocol}; ${size}`);
  set('dropped6', `${withPorts6}; ${size}`);
  set('dropped6-others', `${withProtocol6}; ${size}`);
}

/** The same for the guard, which sees frames: what is no IP is dropped without a word. */
export function guardAccounting({ set, map, chain }: Filter, ports: readonly { device: string; port: string }[]): void {
  map(
    'numbers',
    'ifname : mark',
    ports.map(({ device, port }) => [device, markOfPort(port)]),
  );
  droppedSets(set);
  for (const refusal of ['spoofed-mac', 'spoofed-address'] as const)
    chain(`refuse-${refusal}`, [
      ...['meta mark set 0x0', 'meta mark set iifname map @numbers', `meta mark set meta mark or ${hex(refusalMark(refusal))}`],
      `ether type { ip, ip6 } meta l4proto udp meta mark set meta mark or ${hex(udpBit)}`,
      'goto discard',
    ]);
  chain('discard', [
    `ether type ip ${hasPorts} update @dropped { ${portsKey} counter }`,
    `ether type ip ${notPorts} update @dropped-others { ${protocolKey} counter }`,
    `ether type ip6 ${hasPorts} update @dropped6 { ${portsKey6} counter }`,
    `ether type ip6 ${notPorts} update @dropped6-others { ${protocolKey6} counter }`,
    'counter drop',
  ]);
}
