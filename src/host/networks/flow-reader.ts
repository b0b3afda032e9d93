/** Reads what the routers' filters have counted, and says of which port it is. */

import type { DroppedFlow, SeenFlow, WantedPort, WantedVpc } from '../../framework/networks.ts';
import { countingRules, droppedSeconds, numberOf, readMark, setsOf, type Generation } from './accounting.ts';
import type { Names } from './names.ts';
import type { Run } from './programs.ts';

const filterTable = ['inet', 'haneul'] as const;
const guardTable = ['bridge', 'haneul-guard'] as const;

const droppedSets = ['dropped', 'dropped-others', 'dropped6', 'dropped6-others'] as const;

export type Taken = { flows: SeenFlow[]; overflowed: string[] };

/** An element of a counting set, as `nft -j` prints it. */
type Element = { elem?: { val: number | { concat: (string | number)[] }; counter?: { packets: number; bytes: number }; expires?: number } };

export type FlowReader = {
  /** Ends one generation of counts and gives what is in it. */
  take(vpc: WantedVpc): Promise<Taken>;
  drops(vpc: WantedVpc): Promise<DroppedFlow[]>;
};

export function flowReader(names: Names, run: Run): FlowReader {
  const listed = async (vpc: string, [family, table]: readonly [string, string], set: string): Promise<Element[]> => {
    const text = await run.within(names.namespace(vpc), 'nft', ['-j', 'list', 'set', family, table, set]);
    const { nftables } = JSON.parse(text) as { nftables: { set?: { elem?: Element[] } }[] };
    return nftables.find((one) => one.set)?.set?.elem ?? [];
  };
  return {
    take: async (vpc) => {
      const router = names.namespace(vpc.id);
      const chain = ['chain', ...filterTable, 'count'] as const;
      const isFirst = (await run.within(router, 'nft', ['list', ...chain])).includes(`@${setsOf(0).flows} `);
      const [ended, next]: [Generation, Generation] = isFirst ? [0, 1] : [1, 0];
      const table = filterTable.join(' ');
      const { flows, others, flows6, others6, skipped } = setsOf(ended);
      const sets = [skipped, flows, others, flows6, others6];
      const turn = [`flush chain ${table} count`, ...countingRules(next).map((rule) => `add rule ${table} count ${rule}`)];
      await run.within(router, 'nft', ['-f', '-'], `${turn.join('\n')}\n`);
      const [uncounted, ...counted] = await Promise.all(sets.map((set) => listed(vpc.id, filterTable, set)));
      const flush = sets.map((set) => `flush set ${table} ${set}`);
      await run.within(router, 'nft', ['-f', '-'], `${flush.join('\n')}\n`);
      return takenFrom(vpc, counted.flat(), uncounted!);
    },
    drops: async (vpc) => {
      const sets = [filterTable, guardTable].flatMap((table) => droppedSets.map((set) => ({ table, set })));
      const elements = await Promise.all(sets.map(({ table, set }) => listed(vpc.id, table, set)));
      const byNumber = portsByNumber(vpc);
      return elements.flat().flatMap((element) => droppedFrom(vpc, byNumber, element));
    },
  };
}

function portsByNumber(vpc: WantedVpc): Map<number, WantedPort[]> {
  const found = new Map<number, WantedPort[]>();
  for (const port of vpc.ports) {
    const number = numberOf(port.id);
    found.set(number, [...(found.get(number) ?? []), port]);
  }
  return found;
}

/** Two ports may have one number; then the one whose address it is. */
function portOf(byNumber: Map<number, WantedPort[]>, number: number, address: string): string | undefined {
  const among = byNumber.get(number) ?? [];
  return (among.find((port) => port.addresses.includes(address) || port.addresses6?.includes(address)) ?? among[0])?.id;
}

type Read = Pick<SeenFlow, 'source' | 'destination' | 'protocol' | 'sourcePort' | 'destinationPort'> & {
  mark: ReturnType<typeof readMark>;
  packets: number;
  bytes: number;
  expires: number;
};

function read({ elem }: Element): Read | undefined {
  if (!elem?.counter || typeof elem.val === 'number') return undefined;
  const [mark, source, destination, ...rest] = elem.val.concat;
  const bits = readMark(Number(mark));
  const ports =
    rest.length === 2 ? { sourcePort: Number(rest[0]), destinationPort: Number(rest[1]) } : { sourcePort: 0, destinationPort: 0 };
  const protocol = rest.length === 2 ? (bits.udp ? 17 : 6) : protocolNumber(rest[0]!);
  return {
    mark: bits,
    source: String(source),
    destination: String(destination),
    ...ports,
    protocol,
    ...elem.counter,
    expires: elem.expires ?? 0,
  };
}

const protocolNumbers: Readonly<Record<string, number>> = {
  ...{ icmp: 1, igmp: 2, ipencap: 4, tcp: 6, udp: 17, dccp: 33, ipv6: 41, gre: 47, esp: 50, ah: 51, 'ipv6-icmp': 58, icmpv6: 58 },
  ...{ ospf: 89, ipip: 94, pim: 103, comp: 108, ipcomp: 108, vrrp: 112, sctp: 132, udplite: 136, mpls: 137 },
};
const protocolNumber = (printed: string | number): number =>
  typeof printed === 'number' ? printed : (protocolNumbers[printed] ?? (Number(printed) || 0));

/** Packets of a flow with different flags were counted apart. */
function takenFrom(vpc: WantedVpc, flows: readonly Element[], skipped: readonly Element[]): Taken {
  const byNumber = portsByNumber(vpc);
  const found = new Map<string, SeenFlow>();
  for (const element of flows) {
    const flow = read(element);
    if (!flow) continue;
    const { mark, packets, bytes, expires: _none, ...rest } = flow;
    const port = portOf(byNumber, mark.number, mark.received ? rest.destination : rest.source);
    if (port === undefined) continue;
    const direction = mark.received ? 'ingress' : 'egress';
    const key = JSON.stringify([port, direction, mark.refused, rest]);
    const known = found.get(key);
    if (known) {
      known.packets += packets;
      known.bytes += bytes;
      known.tcpFlags |= mark.tcpFlags;
    } else {
      const refused = mark.refused && { refused: mark.refused };
      found.set(key, { vpc: vpc.id, port, direction, ...refused, ...rest, tcpFlags: mark.tcpFlags, packets, bytes });
    }
  }
  const marks = skipped.flatMap(({ elem }) => (typeof elem?.val === 'number' ? [readMark(elem.val).number] : []));
  const overflowed = new Set(marks.flatMap((number) => byNumber.get(number)?.map(({ id }) => id) ?? []));
  return { flows: [...found.values()], overflowed: [...overflowed] };
}

function droppedFrom(vpc: WantedVpc, byNumber: Map<number, WantedPort[]>, element: Element): DroppedFlow[] {
  const flow = read(element);
  if (!flow?.mark.refused) return [];
  const { mark, expires, ...rest } = flow;
  const port = portOf(byNumber, mark.number, mark.received ? rest.destination : rest.source);
  return [
    {
      ...{ vpc: vpc.id, direction: mark.received ? 'ingress' : 'egress', refused: flow.mark.refused, ...rest },
      ...(port !== undefined && { port }),
      secondsAgo: Math.max(0, droppedSeconds - expires),
    },
  ];
}
