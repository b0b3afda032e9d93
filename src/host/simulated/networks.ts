/** Networks in name only, for tests: what is wanted is so at once, and what listens is asked by the test itself. */

import { Readable } from 'node:stream';
import { defaultPublicRange } from '../../framework/public-addresses.ts';
import type { HttpRequest } from '../../framework/http-message.ts';
import type { CarriedBytes, DroppedFlow, ListenAt, NetworkResponse, Networks, SeenFlow, WantedNetwork } from '../../framework/networks.ts';

export type SimulatedNetworks = Networks & {
  /** What was wanted last. */
  readonly wanted: WantedNetwork;
  /** Packets that a port sees; what was refused is told as dropped too. */
  see(...flows: readonly SeenFlow[]): void;
  /** A port has carried so many more bytes. */
  carry(bytes: Omit<CarriedBytes, 'epoch'>): void;
  /** Routers are made anew, and count from nothing. */
  countAnew(): void;
  /** A port sees more flows than can be counted. */
  overflow(port: string): void;
  /** A guest's HTTP request to an address of its network. Rejects when nothing listens there. */
  ask(at: ListenAt, from: string, request: Partial<HttpRequest>): Promise<NetworkResponse>;
  /** A guest's datagram. */
  send(at: ListenAt, from: string, message: Buffer): Promise<Uint8Array | undefined>;
};

export function simulatedNetworks(): SimulatedNetworks {
  let wanted: WantedNetwork = { vpcs: [] };
  let publicRange = defaultPublicRange;
  const http = new Map<string, Parameters<Networks['serveHttp']>[1]>();
  const datagrams = new Map<string, Parameters<Networks['serveDatagrams']>[1]>();
  let seen: SeenFlow[] = [];
  let overflowed: string[] = [];
  const dropped: DroppedFlow[] = [];
  const carried: CarriedBytes[] = [];
  let routers = 0;
  const isCounted = (id: string): boolean => wanted.vpcs.some((vpc) => vpc.id === id && vpc.counted === true);
  const place = (at: ListenAt): string => `${at.vpc} ${at.address} ${at.port}`;
  const found = <Answer>(among: Map<string, Answer>, at: ListenAt): Answer => {
    const answer = among.get(place(at));
    if (!answer) throw new Error(`nothing listens at ${at.address}:${at.port} in ${at.vpc}`);
    return answer;
  };
  return {
    get wanted() {
      return wanted;
    },
    get publicRange() {
      return publicRange;
    },
    usePublicRange: (cidr) => void (publicRange = cidr),
    obstacle: async () => undefined,
    apply: async (next, whenUp) => ((wanted = next), whenUp?.()),
    namespaceOf: (instance) => `simulated-${instance}`,
    isUp: (id) => wanted.vpcs.some((vpc) => vpc.ports.some((port) => port.id === id)),
    serveHttp: async (at, answer) => void http.set(place(at), answer),
    authority: async () => 'a certificate in name only\n',
    serveDatagrams: async (at, answer) => void datagrams.set(place(at), answer),
    takeFlows: async (vpcs) => {
      const flows = seen.filter((flow) => vpcs.includes(flow.vpc));
      const taken = { flows, overflowed };
      seen = seen.filter((flow) => !vpcs.includes(flow.vpc));
      overflowed = [];
      return taken;
    },
    carried: async (vpcs) => carried.filter(({ vpc }) => vpcs.includes(vpc)).map((one) => ({ ...one })),
    carry: ({ bytes, ...way }) => {
      const known = carried.find((one) => one.port === way.port && one.direction === way.direction && one.over === way.over);
      if (known) known.bytes += bytes;
      else carried.push({ ...way, epoch: `simulated ${routers}`, bytes });
    },
    countAnew: () => {
      routers++;
      carried.length = 0;
    },
    drops: async (vpcs) => dropped.filter((flow) => vpcs.includes(flow.vpc)),
    see: (...flows) => {
      seen.push(...flows.filter((flow) => isCounted(flow.vpc)));
      for (const { tcpFlags: _none, ...flow } of flows)
        if (flow.refused !== undefined) dropped.unshift({ ...flow, refused: flow.refused, secondsAgo: 0 });
    },
    overflow: (port) => void overflowed.push(port),
    removeAll: async () => void (wanted = { vpcs: [] }),
    close: async () => undefined,
    ask: async (at, from, request) =>
      found(http, at)(
        {
          ...{ method: 'GET', rawPath: '/', rawQuery: '', headers: {}, body: Readable.from([]), trailers: () => ({}) },
          ...{ remoteAddress: from, secure: false, signal: new AbortController().signal },
          ...request,
        },
        from,
      ),
    send: (at, from, message) => found(datagrams, at)(message, from),
  };
}
