/** Networks on this machine: what a service wants, and who carries it out (`host.networks`). Nothing here knows AWS's API. */

import type { HttpRequest, HttpResponse } from './http-message.ts';

/** What a rule lets through. Protocols by number; absent means any. */
export type WantedRule = {
  protocol?: number;
  /** From, to. */
  ports?: readonly [number, number];
  /** Type and code of ICMP; -1 is any. */
  icmp?: readonly [number, number];
  /** The other end: a range, or the members of a group. */
  peer: { cidr: string } | { group: string };
};

export type WantedGroup = {
  id: string;
  ingress: readonly WantedRule[];
  egress: readonly WantedRule[];
  /** Private addresses of its members, those in peered networks included. */
  members: readonly string[];
};

/** In the order in which they are tried; what fits none is dropped. */
export type WantedAcl = { id: string; ingress: readonly WantedAclEntry[]; egress: readonly WantedAclEntry[] };
export type WantedAclEntry = Omit<WantedRule, 'peer'> & { cidr: string; allow: boolean };

export type WantedRoute = {
  destination: string;
  to:
    | { kind: 'blackhole' | 'internet' }
    /** Through a port of this network, by its private address, which lies in the named subnet. */
    | { kind: 'port'; address: string; subnet: string }
    | { kind: 'peering'; id: string };
};

export type WantedSubnet = { id: string; cidr: string; gateway: string; acl: string; routes: readonly WantedRoute[] };

export type WantedPort = {
  /** The network interface's id. */
  id: string;
  subnet: string;
  mac: string;
  addresses: readonly string[];
  /** The namespace in which it appears, and as what: `eth0`. */
  namespace: string;
  device: string;
  /** Undefined where no groups guard it: NAT gateways. */
  groups: readonly string[] | undefined;
  /** May it send and receive packets that are not its own (no source/destination check)? */
  forwards: boolean;
  /** Nothing goes through it either way: its device has no carrier. */
  cut?: true;
};

/** A namespace that translates everything it forwards to the address of its one port. */
export type WantedNat = { id: string; namespace: string; address: string; gateway: string; sources: readonly string[] };

export type WantedPeering = {
  id: string;
  /** Which end of the two this network is. */ side: 'requester' | 'accepter';
  peer: string;
  cidrs: readonly string[];
};

export type WantedVpc = {
  id: string;
  cidrs: readonly string[];
  /** Addresses at which the network itself may be asked: protocol, address, port. */
  services: readonly { protocol: 'tcp' | 'udp'; address: string; port: number }[];
  subnets: readonly WantedSubnet[];
  ports: readonly WantedPort[];
  groups: readonly WantedGroup[];
  acls: readonly WantedAcl[];
  nats: readonly WantedNat[];
  peerings: readonly WantedPeering[];
  /** Present when it has a way to the internet: which public address stands for which private one. */
  internet?: { addresses: readonly { public: string; private: string }[] };
};

export type WantedNetwork = { vpcs: readonly WantedVpc[] };

/** Where something listens inside a network, at one of its own service addresses. */
export type ListenAt = { vpc: string; address: string; port: number };

export interface Networks {
  /** Why networks cannot be made on this machine, or undefined where they can. */
  obstacle(): Promise<string | undefined>;
  /**
   * Makes the machine's networks as wanted: what is missing is made, what differs is changed, what is not wanted is removed. What an
   * earlier process of the same cloud has left is taken over. One call at a time.
   */
  apply(wanted: WantedNetwork): Promise<void>;
  /** The namespace in which an instance lives: made before its first port, removed after its last. */
  namespaceOf(instance: string): string;
  /** Has this process seen to it that the port is there? */
  isUp(networkInterface: string): boolean;
  /**
   * Answers HTTP at an address of a network from now on: `from` is the caller's address, which it cannot forge. The same place is
   * listened at once; the last one who asks answers. Ends when the network goes.
   */
  serveHttp(at: ListenAt, answer: (request: HttpRequest, from: string) => Promise<HttpResponse>): Promise<void>;
  /** The same for datagrams: no answer where undefined is given. */
  serveDatagrams(at: ListenAt, answer: (message: Buffer, from: string) => Promise<Uint8Array | undefined>): Promise<void>;
  /** Takes everything of this cloud away from the machine. */
  removeAll(): Promise<void>;
  /** Closes what listens; the networks stay. */
  close(): Promise<void>;
}
