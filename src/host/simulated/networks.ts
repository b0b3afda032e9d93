/** Networks in name only, for tests: what is wanted is so at once, and what listens is asked by the test itself. */

import { Readable } from 'node:stream';
import type { HttpRequest, HttpResponse } from '../../framework/http-message.ts';
import type { ListenAt, Networks, WantedNetwork } from '../../framework/networks.ts';

export type SimulatedNetworks = Networks & {
  /** What was wanted last. */
  readonly wanted: WantedNetwork;
  /** A guest's HTTP request to an address of its network. Rejects when nothing listens there. */
  ask(at: ListenAt, from: string, request: Partial<HttpRequest>): Promise<HttpResponse>;
  /** A guest's datagram. */
  send(at: ListenAt, from: string, message: Buffer): Promise<Uint8Array | undefined>;
};

export function simulatedNetworks(): SimulatedNetworks {
  let wanted: WantedNetwork = { vpcs: [] };
  const http = new Map<string, Parameters<Networks['serveHttp']>[1]>();
  const datagrams = new Map<string, Parameters<Networks['serveDatagrams']>[1]>();
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
    obstacle: async () => undefined,
    apply: async (next) => void (wanted = next),
    namespaceOf: (instance) => `simulated-${instance}`,
    isUp: (id) => wanted.vpcs.some((vpc) => vpc.ports.some((port) => port.id === id)),
    serveHttp: async (at, answer) => void http.set(place(at), answer),
    serveDatagrams: async (at, answer) => void datagrams.set(place(at), answer),
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
