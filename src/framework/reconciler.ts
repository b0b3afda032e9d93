/** Reconcilers make true what operations have written down. */

import type { Check } from './authorization.ts';
import type { Aws } from './clients.ts';
import type { Clock } from './clock.ts';
import type { Host } from './host.ts';
import type { HttpRequest, HttpResponse } from './http-message.ts';
import type { Meter } from './meter.ts';
import type { Principal } from './principal.ts';
import type { Random } from './random.ts';
import type { AnyTable } from '../store/table.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';

/**
 * Idempotent, without input: it compares what is wanted with what is, changes what differs, and also cleans up what a crash left.
 * Runs under a lease, one at a time in the whole cluster. A failure is shown in `haneul status` and retried with back-off.
 */
export type Reconciler = {
  /** `service/what`, for example `s3/lifecycle`. */
  name: string;
  /** Commits to these tables wake it. */
  watches?: readonly AnyTable[];
  /** It runs at least this often, in milliseconds of cloud time. */
  every?: number;
  /** The same in milliseconds of real time: for what serves the machine rather than the cloud, and must go on while the clock stands. */
  everyReal?: number;
  /**
   * It reads all that there is at each pass: after one it rests for four times as long as that took (ten seconds at most, real time), however
   * many commits come.
   */
  rests?: true;
  /** One pass. Returns when it wants to run next in cloud time, if it knows. It gives way often: pages of work, `signal` between. */
  run(context: ReconcilerContext): Promise<{ nextAt?: number } | void>;
};

export type ReconcilerContext = {
  readonly now: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly host: Host;
  readonly meter: Meter;
  readonly signal: AbortSignal;
  /** Services as a principal calls them; `via` names those that pass the call on (kms:ViaService). */
  awsAs(principal: Principal, where: { account: string; region: string; via?: readonly string[] }): Aws;
  /** Whether a principal may do what the reconciler is to do in its name without calling an operation: write a replica, as a role. */
  permits(check: Check, principal: Principal, region: string): Promise<boolean>;
  /**
   * The cloud's API for callers inside of its networks: their keys alone are asked about, the owner's test key means nothing, and there
   * is no control API. `network` says out of which VPC a call comes.
   */
  api(request: HttpRequest): Promise<HttpResponse>;
  /** To be awaited between the pieces of long work: requests come first. Rejects when the pass is to end. */
  giveWay(): Promise<void>;
  log(message: string): void;
};
