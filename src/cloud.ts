/** The composition root: puts a cloud together from its parts, and takes it apart again in order. */

import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Aws } from './framework/clients.ts';
import type { AdjustableClock } from './framework/clock.ts';
import type { Host } from './framework/host.ts';
import type { HttpRequest, HttpResponse } from './framework/http-message.ts';
import { notImplemented } from './framework/aws-error.ts';
import type { Principal } from './framework/principal.ts';
import type { Random } from './framework/random.ts';
import type { IdentityProvider } from './framework/identity.ts';
import type { Reconciler, ReconcilerContext } from './framework/reconciler.ts';
import type { ServiceDefinition } from './framework/service.ts';
import { isPermitted } from './gateway/authorize.ts';
import { callInProcess, createGateway, type Gateway, type GatewayParts } from './gateway/gateway.ts';
import { thisHost } from './host/this-host.ts';
import { listen } from './http/node-server.ts';
import { openAuditLog, retentionMilliseconds, type RunningAuditLog } from './runtime/audit-log.ts';
import { createAws } from './framework/aws-clients.ts';
import { openClock } from './runtime/clock.ts';
import { openPublicRange } from './runtime/public-range.ts';
import { openMeter, type RunningMeter } from './runtime/meter.ts';
import { systemRandom } from './runtime/random.ts';
import { createReconcilerRunner, type ReconcilerRunner } from './runtime/reconciler-runner.ts';
import { createServiceRegistry, type RunningServices } from './runtime/service-registry.ts';
import { resetStore } from './runtime/reset.ts';
import { services as allServices } from './services.ts';
import { openBlobs, type RunningBlobStore } from './store/blobs/blobs.ts';
import { openStore } from './store/open-store.ts';
import type { RemotePlace } from './store/remote/place.ts';
import type { Store } from './store/store.ts';

export type CloudOptions = {
  /** Holds the store, the blobs, logs and keys of this cloud; made when absent. */
  dataDirectory: string;
  /** Where records live instead of in the data directory: `postgres://…`. */
  store?: string;
  /** Where blobs live instead of in the data directory: another one, or a bucket. Processes that share a PostgreSQL share this too. */
  blobs?: string | RemotePlace;
  /** Of public addresses of instances; that of the last start when absent, at first 100.64.0.0/16. */
  publicRange?: string;
  /** `manual` freezes the clock on first use. */
  clock?: 'real' | 'manual';
  /** `test`/`test` is the root user of account 000000000000, and a 12-digit key id with secret `test` of that account. */
  testKey?: boolean;
  random?: Random;
  host?: Host;
  /** Runs every store closure twice, to find impure ones. For tests. */
  rehearse?: boolean;
  /** Only these services, for tests and tools; all when absent. */
  services?: Readonly<Record<string, () => Promise<ServiceDefinition>>>;
  /** The cloud's own HTTP API, under /_haneul and its kin. */
  control?: (cloud: Cloud) => (request: HttpRequest) => Promise<HttpResponse | undefined>;
  /** Told what the start is doing, in words for a user. */
  onProgress?: (message: string) => void;
  /** Every line of the cloud's log, without a time stamp. */
  log?: (line: string) => void;
};

export type Cloud = {
  listen(options: {
    host: string;
    port: number;
    tls?: { key: string; cert: string };
  }): Promise<{ host: string; port: number; close(): Promise<void> }>;
  readonly gateway: Gateway;
  readonly clock: AdjustableClock;
  readonly store: Store;
  readonly blobs: RunningBlobStore;
  readonly host: Host;
  readonly audit: RunningAuditLog;
  readonly meter: RunningMeter;
  readonly services: RunningServices;
  readonly reconcilers: ReconcilerRunner;
  readonly identity: IdentityProvider;
  readonly random: Random;
  readonly testKey: boolean;
  readonly dataDirectory: string;
  /** Every service, called in process as a principal: what the launcher mints a root key with. */
  awsAs(principal: Principal, where: { account: string; region: string; via?: readonly string[] }): Aws;
  /** Resolves when all background work that is due has been done. */
  settled(): Promise<void>;
  /** Forgets all state of all services; the clock and the cloud's own keys stay. */
  reset(): Promise<void>;
  /** Aborted when the cloud begins to close: whoever streams without end ends then. */
  readonly closing: AbortSignal;
  /** Stops taking requests, finishes what runs, and closes the store. */
  close(): Promise<void>;
};

/** Opens a cloud on a data directory. Rejects with one clear error when that is in use, unwritable or newer than this release. */
export async function createCloud(options: CloudOptions): Promise<Cloud> {
  const closers: Closer[] = [];
  try {
    const ground = await openGround(options, closers);
    return await build(options, ground, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

type Closer = () => Promise<unknown> | void;
type Ground = Pick<Cloud, 'store' | 'blobs' | 'clock' | 'audit' | 'meter'> & { random: Random; host: Host; log: (line: string) => void };

/** What is durable, and what everything else stands on. */
async function openGround(options: CloudOptions, closers: Closer[]): Promise<Ground> {
  const log = options.log ?? ((): void => {});
  const onError = (error: unknown): void => log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  options.onProgress?.('Opening the store');
  const store = await openStore(
    options.store ? { url: options.store } : { dataDirectory: options.dataDirectory, rehearse: options.rehearse ?? false },
  );
  closers.push(() => store.close());
  const clock = await openClock(store, options.clock, onError);
  closers.push(() => clock.close());
  const blobs = await openBlobsOf(options, store);
  closers.push(() => blobs.close());
  const meter = openMeter(store, onError);
  const audit = openAuditLog(store, blobs, onError);
  closers.push(
    () => audit.close(),
    () => meter.close(),
  );
  const host = options.host ?? thisHost('', await realpath(options.dataDirectory));
  closers.push(() => host.networks.close());
  host.networks.usePublicRange(await openPublicRange(store, options.publicRange));
  return { store, blobs, clock, audit, meter, random: options.random ?? systemRandom(), host, log };
}

async function openBlobsOf({ blobs: place, dataDirectory }: CloudOptions, store: Store): Promise<RunningBlobStore> {
  if (typeof place !== 'object') return openBlobs({ directory: place ?? join(dataDirectory, 'blobs'), store });
  const { openRemoteBlobs } = await import('./store/remote/remote-blobs.ts'); // loaded only where it is used
  return openRemoteBlobs({ place, store });
}

async function build(options: CloudOptions, ground: Ground, closers: Closer[]): Promise<Cloud> {
  const { store, blobs, clock, audit, meter, random, host, log } = ground;
  const awsAs: Cloud['awsAs'] = (principal, where) =>
    createAws((service, operation, input) => callInProcess(parts, { principal, ...where }, service, operation, input));
  const permits: ReconcilerContext['permits'] = (check, principal, region) => isPermitted(parts, check, principal, region);
  const api: ReconcilerContext['api'] = (request) => inside.handle(request);
  const means = { clock, random, store, blobs, host, meter, awsAs, permits, api };
  let arrivals = 0;
  const reconcilers = createReconcilerRunner({
    store,
    clock,
    leases: options.store !== undefined,
    log,
    context: (signal, logFor) => ({ ...means, signal, log: logFor }),
    arrivals: () => arrivals,
  });
  closers.push(() => reconcilers.close());

  // Reconcilers call services, so none begins before services can be called.
  const waiting: ServiceDefinition[] = [];
  let started = (definition: ServiceDefinition): void => void waiting.push(definition);
  const services = createServiceRegistry({
    list: options.services ?? allServices,
    store,
    progress: options.onProgress ?? ((): void => {}),
    started: (definition) => started(definition),
  });
  await loadUsed(services, host);
  const identity = await openIdentity(services, means, closers);

  let control: ((request: HttpRequest) => Promise<HttpResponse | undefined>) | undefined;
  const testKey = options.testKey ?? true;
  const parts: GatewayParts = {
    ...means,
    services,
    identity,
    audit,
    log,
    testKey,
    wallClock: () => Date.now(),
    control: async (request) => control?.(request),
  };
  started = (definition) => reconcilers.start(definition.reconcilers ?? []);
  waiting.forEach(started);
  reconcilers.start(housekeeping(ground));

  const [gateway, inside] = gatewaysOf(parts, () => arrivals++);
  const cloud: Cloud = {
    ...listening(gateway, closers),
    gateway,
    clock,
    store,
    blobs,
    host,
    audit,
    meter,
    services,
    reconcilers,
    identity,
    random,
    testKey,
    dataDirectory: options.dataDirectory,
    awsAs,
    settled: () => reconcilers.settled(),
    reset: () => resetCloud(ground),
  };
  control = options.control?.(cloud);
  return cloud;
}

async function resetCloud({ audit, meter, store, blobs, host }: Ground): Promise<void> {
  await Promise.all([audit.flush(), meter.flush()]);
  await resetStore(store, blobs);
  await host.machines.removeAll();
  await host.networks.removeAll();
}

/** For callers of the machine's own port, and for guests of networks, to whom the owner's test key and the control API mean nothing. */
function gatewaysOf(parts: GatewayParts, count: () => void): [gateway: Gateway, inside: Gateway] {
  const inside = createGateway({ ...parts, testKey: false, control: async () => undefined });
  return [counted(createGateway(parts), count), counted(inside, count)];
}

function counted(gateway: Gateway, count: () => void): Gateway {
  return {
    handle: (request) => {
      count();
      return gateway.handle(request);
    },
  };
}

async function loadUsed(services: RunningServices, host: Host): Promise<void> {
  await services.loadUsed();
  // A reset that was cut short, or a data directory that was emptied, leaves what no record knows and no reconciler looks after.
  if (services.loaded().includes('ec2')) return;
  await host.machines.removeAll();
  if ((await host.networks.obstacle()) === undefined) await host.networks.removeAll();
}

async function openIdentity(
  services: RunningServices,
  means: Omit<ReconcilerContext, 'now' | 'log' | 'signal' | 'giveWay'>,
  closers: Closer[],
): Promise<IdentityProvider> {
  const iam = await services.find('iam');
  if (!iam?.identity) throw notImplemented('a cloud without IAM');
  const closing = new AbortController();
  closers.push(() => closing.abort());
  return iam.identity({ ...means, signal: closing.signal });
}

function housekeeping({ audit, blobs }: Ground): Reconciler[] {
  return [
    {
      name: 'haneul/audit-retention',
      every: 86_400_000,
      run: async ({ now }) => void (await audit.forgetBefore(now - retentionMilliseconds)),
    },
    { name: 'haneul/blobs', everyReal: 300_000, run: async ({ signal }) => void (await blobs.maintain(signal)) },
  ];
}

/** Listeners end before anything that their requests use. */
function listening(gateway: Gateway, closers: readonly Closer[]): Pick<Cloud, 'listen' | 'closing' | 'close'> {
  const closing = new AbortController();
  const listeners = new Set<{ close(): Promise<void> }>();
  return {
    listen: async (where) => {
      const server = await listen(gateway, where);
      listeners.add(server);
      return { host: where.host, port: server.port, close: () => (listeners.delete(server), server.close()) };
    },
    closing: closing.signal,
    close: async () => {
      closing.abort();
      await Promise.all([...listeners].map((server) => server.close()));
      await closeAll(closers);
    },
  };
}

/** Last opened, first closed. */
async function closeAll(closers: readonly Closer[]): Promise<void> {
  for (const close of [...closers].reverse()) await close();
}
