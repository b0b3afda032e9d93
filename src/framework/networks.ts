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
  /** Private addresses of its members, of both families, those in peered networks included. */
  members: readonly string[];
};

/** In the order in which they are tried; what fits none is dropped. */
export type WantedAcl = { id: string; ingress: readonly WantedAclEntry[]; egress: readonly WantedAclEntry[] };
export type WantedAclEntry = Omit<WantedRule, 'peer'> & { cidr: string; allow: boolean };

export type WantedRoute = {
  destination: string;
  to:
    /** `egress-only`: to the internet too, but for flows that begin inside. */
    | { kind: 'blackhole' | 'internet' | 'egress-only' }
    /** Through a port of this network, by its private address, which lies in the named subnet. */
    | { kind: 'port'; address: string; subnet: string }
    | { kind: 'peering'; id: string };
};

export type WantedSubnet = { id: string; cidr: string; cidr6?: string; gateway: string; acl: string; routes: readonly WantedRoute[] };

export type WantedPort = {
  /** The network interface's id. */
  id: string;
  subnet: string;
  mac: string;
  addresses: readonly string[];
  /** Of IPv6, as RFC 5952 writes them. */
  addresses6?: readonly string[];
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
export type WantedNat = {
  id: string;
  namespace: string;
  address: string;
  /** Further addresses by which it speaks, by chance. */
  others?: readonly string[];
  gateway: string;
  sources: readonly string[];
};

export type WantedPeering = {
  id: string;
  /** Which end of the two this network is. */ side: 'requester' | 'accepter';
  peer: string;
  cidrs: readonly string[];
  /** Present where both ends have IPv6. */
  cidrs6?: readonly string[];
};

export type WantedVpc = {
  id: string;
  cidrs: readonly string[];
  /** Of IPv6; no other network of the cloud has the same. */
  cidrs6?: readonly string[];
  /** Addresses at which the network itself may be asked: protocol, address, port. */
  services: readonly { protocol: 'tcp' | 'udp'; address: string; port: number }[];
  subnets: readonly WantedSubnet[];
  ports: readonly WantedPort[];
  groups: readonly WantedGroup[];
  acls: readonly WantedAcl[];
  nats: readonly WantedNat[];
  peerings: readonly WantedPeering[];
  /** Are the flows of its ports to be counted, for `takeFlows`? What is dropped is counted always. */
  counted?: boolean;
  endpoints?: readonly WantedEndpoint[];
  /** Present when it has a way to the internet: which public address stands for which private one. */
  internet?: {
    addresses: readonly { public: string; private: string }[];
    /** Present where its IPv6 addresses may speak through it: the machine's own address there, and whether flows may begin outside. */
    ipv6?: { machine: string; inward: boolean };
  };
};

/** A gateway endpoint: what a subnet sends to a public address of the cloud's own is answered inside of the network. */
export type WantedEndpoint = {
  subnet: string;
  /** The public address. */
  address: string;
  /** The address inside of the router at which it is answered; nobody reaches it by that. */
  home: string;
};

export type WantedNetwork = {
  vpcs: readonly WantedVpc[];
  /** Public addresses at which the cloud itself is reached through internet gateways. */
  doors?: readonly string[];
};

/** Where something listens inside a network, at one of its own service addresses. */
export type ListenAt = {
  /** Or `internet`: the place between all networks, at one of the public addresses (`doors`). */
  vpc: string;
  /** Where a port of its own answers instead of the network itself: the namespace in which it is. */
  namespace?: string;
  address: string;
  port: number;
  /** Speaks TLS, as whatever name of AWS it is asked for. */
  tls?: true;
};

/** `hops`: how many routers the answer may pass, and what follows it over the same connection; 64 where it is absent. */
export type NetworkResponse = HttpResponse & { hops?: number };

/** For how long a caller may send one request, and how many bytes of headers. */
export type HttpLimits = { requestMilliseconds: number; headerBytes: number };

/** What stopped a packet. Groups and ACLs are those of the port that it left, or of the one that it was to reach. */
export type Refusal =
  /** A MAC or an address that the sending port does not have. */
  | 'spoofed-mac'
  | 'spoofed-address'
  | 'acl-out'
  | 'acl-in'
  | 'group-out'
  | 'group-in'
  | 'no-route'
  /** Nothing has the address to which it was sent. */
  | 'no-receiver'
  /** It was to leave by the internet gateway and has no public address, or came in and was nobody's. */
  | 'no-public-address'
  /** It was to come in where an egress-only gateway lets flows out alone. */
  | 'egress-only'
  /** It belongs to no flow that is known, and begins none. */
  | 'untracked'
  /** A network is no way through to a third one. */
  | 'transit';

/** Packets of one flow in one direction, as one port saw them. */
export type SeenFlow = {
  vpc: string;
  /** The network interface that sent them (egress), or was to get them (ingress). */
  port: string;
  direction: 'ingress' | 'egress';
  /** Absent where they passed. */
  refused?: Refusal;
  /** By number: 6 is TCP. */
  protocol: number;
  source: string;
  destination: string;
  /** 0 where the protocol has none. */
  sourcePort: number;
  destinationPort: number;
  /** FIN 1, SYN 2, RST 4, and ACK 16 with SYN: those that were seen. */
  tcpFlags: number;
  packets: number;
  bytes: number;
};

/** Packets that were dropped. `port` is absent where none is known: they came from elsewhere. */
export type DroppedFlow = Omit<SeenFlow, 'port' | 'refused' | 'tcpFlags'> & {
  port?: string;
  refused: Refusal;
  /** Since the last one. */
  secondsAgo: number;
};

/** What a port has sent or was given, since its network's router was made. */
export type CarriedBytes = {
  vpc: string;
  /** Another one where the router has been made anew, and counts from nothing. */
  epoch: string;
  port: string;
  direction: 'sent' | 'received';
  /**
   * The subnet at the other end. Through an internet gateway: `services` of this cloud itself, `public-range`, where its other public
   * addresses are, or the `internet`. Peerings are left out.
   */
  over: string;
  bytes: number;
};

export interface Networks {
  /** Of public addresses: a block whose second address is the machine's own. */
  readonly publicRange: string;
  /** Public addresses come from another range. Before anything is applied. */
  usePublicRange(cidr: string): void;
  /** Why networks cannot be made on this machine, or undefined where they can. */
  obstacle(): Promise<string | undefined>;
  /**
   * Makes the machine's networks as wanted: what is missing is made, what differs is changed, what is not wanted is removed. What an
   * earlier process of the same cloud has left is taken over. One call at a time.
   * @param whenUp is awaited once all ports are there: those who wait for one need not wait until public addresses lead to it.
   */
  apply(wanted: WantedNetwork, whenUp?: () => Promise<void>): Promise<void>;
  /** The namespace in which an instance lives: made before its first port, removed after its last. */
  namespaceOf(instance: string): string;
  /** Has this process seen to it that the port is there? */
  isUp(networkInterface: string): boolean;
  /**
   * Answers HTTP at an address of a network from now on: `from` is the caller's address, which it cannot forge. The same place is
   * listened at once; the last one who asks answers. Ends when the network goes.
   */
  serveHttp(at: ListenAt, answer: (request: HttpRequest, from: string) => Promise<NetworkResponse>, limits?: HttpLimits): Promise<void>;
  /** Asks a name server beyond the machine, where there is a way out; gives nothing when it does not answer. Absent where there is none. */
  askOutside?(message: Buffer): Promise<Uint8Array | undefined>;
  /** The certificate, as PEM, that guests are to trust where `tls` is spoken. Its key never leaves the host. */
  authority(): Promise<string>;
  /** The same for datagrams: no answer where undefined is given. */
  serveDatagrams(at: ListenAt, answer: (message: Buffer, from: string) => Promise<Uint8Array | undefined>): Promise<void>;
  /**
   * What was counted in networks since this was asked before; nobody is told the same twice. `overflowed` are ports of which flows were too
   * many to be counted. Networks that are not counted, or not there, have none.
   */
  takeFlows(vpcs: readonly string[]): Promise<{ flows: SeenFlow[]; overflowed: string[] }>;
  /** What the ports of networks have carried. Reading changes nothing. Networks that are not there have none. */
  carried(vpcs: readonly string[]): Promise<CarriedBytes[]>;
  /** What was dropped in networks within the last hour, the latest first. */
  drops(vpcs: readonly string[]): Promise<DroppedFlow[]>;
  /** Takes everything of this cloud away from the machine. */
  removeAll(): Promise<void>;
  /** Closes what listens; the networks stay. */
  close(): Promise<void>;
}
