/** This machine as services may see it. It grows with the systems that need more; each means has a simulated twin in host/simulated. */

import type { DiskFormats } from './disk-formats.ts';
import type { Disks } from './disks.ts';
import type { Images } from './images.ts';
import type { Machines } from './machines.ts';
import type { Networks } from './networks.ts';
import type { Scripts } from './scripts.ts';
import type { Peers } from './peers.ts';

/** A program or kernel feature that a service needs, as `haneul doctor` lists it. */
export type Need = {
  name: string;
  /** Why it is needed, in one clause. */ why: string;
  /** Programs to find on the PATH. */ programs: readonly string[];
  /** Debian packages that bring it. */ packages: readonly string[];
};

/** A letter, a text message or a push notification that leaves the cloud. */
export type OutgoingMessage = {
  /** The same for every attempt. */
  id: string;
  kind: 'email' | 'sms' | 'push';
  /** Who sends it, by name. */
  sender: string;
  to: string;
  subject: string;
  body: string;
};

/** Resolves when the message has left, or when it will never be taken. Rejects when it is worth trying again. */
export type Messenger = (message: OutgoingMessage) => Promise<'sent' | 'refused'>;

/** The ways out that the operator has opened. */
export type Messengers = { readonly [Kind in OutgoingMessage['kind']]?: Messenger };

export interface Host {
  readonly messengers: Messengers;
  readonly peers: Peers;
  /** Networks of the machine, and what listens in them. */
  readonly networks: Networks;
  /** Shell scripts inside machines. */
  readonly scripts: Scripts;
  /** The full path of a program on this machine, or undefined. */
  find(program: string): Promise<string | undefined>;
  /** The text of a small document on the network; redirects are not followed. Rejects unless the answer is 200, in time and small enough. */
  fetchDocument(url: string, limits: { milliseconds: number; bytesMax: number }): Promise<string>;
  /**
   * Posts to a web address that a customer named; redirects are not followed and the answer's body is thrown away. Resolves with any
   * status. Rejects when no answer comes in time, and for addresses that the operator does not allow: by default loopback and public
   * ones are, cloud metadata never.
   */
  post(
    url: string,
    message: { headers: Readonly<Record<string, string>>; body: string | Uint8Array },
    limits: { milliseconds: number },
  ): Promise<{ status: number }>;
  /** How many bytes of memory programs may still take. */
  freeMemory(): Promise<number>;
  /** How many bytes the disk below the data directory still takes. */
  freeDisk(): Promise<number>;
  readonly machines: Machines;
  readonly images: Images;
  readonly disks: Disks;
  readonly diskFormats: DiskFormats;
}
