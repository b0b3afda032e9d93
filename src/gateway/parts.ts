/** What the gateway is put together from, and how it is called by those who are not on the network. */

import type { AuditLog } from '../framework/audit.ts';
import type { Clock } from '../framework/clock.ts';
import type { Host } from '../framework/host.ts';
import type { HttpRequest, HttpResponse } from '../framework/http-message.ts';
import type { IdentityProvider } from '../framework/identity.ts';
import type { Meter } from '../framework/meter.ts';
import type { Principal } from '../framework/principal.ts';
import type { Random } from '../framework/random.ts';
import type { ServiceDefinition } from '../framework/service.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';

export type GatewayParts = {
  /** A service that is loaded is found at once. */
  services: { find(name: string): ServiceDefinition | undefined | Promise<ServiceDefinition | undefined> };
  identity: IdentityProvider;
  store: Store;
  blobs: BlobStore;
  clock: Clock;
  random: Random;
  host: Host;
  audit: AuditLog;
  meter: Meter;
  /** `test`/`test` is the root user of account 000000000000, and a 12-digit key id with the secret `test` is that account's. */
  testKey: boolean;
  /**
   * The machine's own time, milliseconds since the epoch. Where given, a signature is current by either clock: tools sign by the
   * machine's, and have to go on working when the cloud's has been moved.
   */
  wallClock?: () => number;
  /** One line of the cloud's log. */
  log: (line: string) => void;
  /** Paths under /_haneul, /_localstack and /_aws; undefined lets the gateway go on. */
  control?: (request: HttpRequest) => Promise<HttpResponse | undefined>;
};

export type Gateway = {
  /** Answers one request. Never rejects. */
  handle(request: HttpRequest): Promise<HttpResponse>;
};

/** On whose behalf one service calls another. */
export type InProcessCaller = {
  principal: Principal;
  account: string;
  region: string;
  /** The services that passed the call on, for example `['cloudformation.amazonaws.com']`. */
  via?: readonly string[];
  sourceIp?: string;
  userAgent?: string;
  endpoint?: { scheme: 'http' | 'https'; host: string };
  signal?: AbortSignal;
  /** Leaves no trace in the audit trail and on the bill. */
  quiet?: boolean;
};
