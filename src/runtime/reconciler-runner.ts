/** Runs reconcilers: woken by commits and by the clock, one at a time, with back-off after a failure. */

import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../framework/clock.ts';
import type { Reconciler, ReconcilerContext } from '../framework/reconciler.ts';
import { createGiveWay } from './give-way.ts';
import { LeaseHeld, type Lease, type Store } from '../store/store.ts';

const BACK_OFF_MILLISECONDS_MIN = 1_000;
const BACK_OFF_MILLISECONDS_MAX = 300_000;
const LEASE_MILLISECONDS = 30_000;
/** A reconciler that rests is busy for a fifth of the time at most. */
const REST_FACTOR = 4;
const REST_MILLISECONDS_MAX = 10_000;

/** What `haneul status` shows of a reconciler. Times are cloud time, milliseconds since the epoch. */
export type ReconcilerStatus = {
  name: string;
  state: 'idle' | 'running' | 'failing' | 'elsewhere';
  runs: number;
  failures: number;
  lastRunAt?: number;
  lastError?: string;
  nextAt?: number;
};

export type RunnerParts = {
  store: Store;
  clock: Clock;
  /** Take a lease before each run: needed where several processes share the store. */
  leases: boolean;
  context: (signal: AbortSignal, log: (message: string) => void) => Omit<ReconcilerContext, 'now' | 'giveWay'>;
  /** How many calls have come from outside so far; none when absent. */
  arrivals?: () => number;
  log: (message: string) => void;
};

export type ReconcilerRunner = {
  start(reconcilers: readonly Reconciler[]): void;
  status(): ReconcilerStatus[];
  /** Resolves when no reconciler is running or due at this moment of cloud time: what a test, or `clock advance`, waits for. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

type Runner = { status: ReconcilerStatus; /** Work was asked for and has not been begun. */ due: () => boolean; done: Promise<void> };

export function createReconcilerRunner(parts: RunnerParts): ReconcilerRunner {
  const closing = new AbortController();
  const runners: Runner[] = [];
  let quiet: (() => void)[] = [];
  const lookQuiet = (): void => {
    if (runners.some((runner) => runner.status.state === 'running' || runner.due())) return;
    for (const resolve of quiet.splice(0)) resolve();
  };
  return {
    start: (reconcilers) => {
      for (const reconciler of reconcilers) runners.push(startOne(parts, reconciler, closing.signal, lookQuiet));
    },
    status: () => runners.map((runner) => ({ ...runner.status })),
    settled: () =>
      new Promise((resolve) => {
        quiet.push(resolve);
        setImmediate(lookQuiet); // commits and clock changes of this turn have told their watchers by then
      }),
    close: async () => {
      closing.abort(new Error('the cloud is closing'));
      await Promise.all(runners.map((runner) => runner.done));
      for (const resolve of quiet.splice(0)) resolve();
    },
  };
}

function startOne(parts: RunnerParts, reconciler: Reconciler, signal: AbortSignal, changed: () => void): Runner {
  const status: ReconcilerStatus = { name: reconciler.name, state: 'idle', runs: 0, failures: 0 };
  let asked = true; // the first pass cleans up what a crash left
  let wake = (): void => {};
  const ask = (): void => {
    asked = true;
    wake();
  };
  const watching = (reconciler.watches ?? []).map((table) => watch(parts.store, table.prefix, signal, ask));
  const due = (): boolean => status.state !== 'failing' && (asked || (status.nextAt !== undefined && status.nextAt <= parts.clock.now()));

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      if (!asked) await nextWake(parts.clock, status.nextAt, reconciler.everyReal, signal, (set) => (wake = set));
      if (signal.aborted) break;
      asked = false;
      const pause = await runOnce(parts, reconciler, status, signal);
      changed();
      if (pause > 0) await realPause(pause, signal);
    }
    await Promise.all(watching);
  };
  return { status, due, done: loop() };
}

/** One pass under the lease. Returns how long to hold off, in real milliseconds. */
async function runOnce(parts: RunnerParts, reconciler: Reconciler, status: ReconcilerStatus, signal: AbortSignal): Promise<number> {
  const now = parts.clock.now();
  let lease: Lease | undefined;
  status.state = 'running';
  try {
    if (parts.leases) lease = await parts.store.lease(`reconciler/${reconciler.name}`, LEASE_MILLISECONDS);
    const log = (message: string): void => parts.log(`${reconciler.name}: ${message}`);
    const renewal = lease && renewing(lease, LEASE_MILLISECONDS / 3);
    const ending = renewal ? AbortSignal.any([signal, renewal.lost]) : signal;
    const context = { ...parts.context(ending, log), now, giveWay: createGiveWay(parts.arrivals ?? (() => 0), ending) };
    const begun = performance.now();
    const result = await reconciler.run(context).finally(() => renewal?.stop());
    const took = performance.now() - begun;
    status.state = 'idle';
    status.runs++;
    status.failures = 0;
    status.lastError = undefined;
    const times = [result?.nextAt, reconciler.every === undefined ? undefined : now + reconciler.every].filter(
      (time) => time !== undefined,
    );
    status.nextAt = times.length > 0 ? Math.min(...times) : undefined;
    return reconciler.rests ? Math.min(took * REST_FACTOR, REST_MILLISECONDS_MAX) : 0;
  } catch (error) {
    if (signal.aborted) return 0;
    if (error instanceof LeaseHeld) {
      status.state = 'elsewhere';
      return LEASE_MILLISECONDS / 2;
    }
    status.state = 'failing';
    status.failures++;
    status.lastError = error instanceof Error ? error.message : String(error);
    parts.log(`${reconciler.name} failed (${status.failures}): ${error instanceof Error ? error.stack : String(error)}`);
    status.nextAt = now;
    return Math.min(BACK_OFF_MILLISECONDS_MIN * 2 ** (status.failures - 1), BACK_OFF_MILLISECONDS_MAX);
  } finally {
    status.lastRunAt = now;
    // A lease that cannot be given back runs out by itself.
    await lease?.release().catch((error: unknown) => parts.log(`${reconciler.name}: its lease was not given back: ${String(error)}`));
  }
}

function renewing(lease: Lease, milliseconds: number): { lost: AbortSignal; stop(): void } {
  const lost = new AbortController();
  const timer = setInterval(() => lease.renew().catch((error: unknown) => lost.abort(error)), milliseconds).unref();
  return { lost: lost.signal, stop: () => clearInterval(timer) };
}

/** Waits for a commit (through `setWake`), the moment of cloud time, or a stretch of real time, whichever is first. */
async function nextWake(
  clock: Clock,
  at: number | undefined,
  everyReal: number | undefined,
  signal: AbortSignal,
  setWake: (wake: () => void) => void,
): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  await new Promise<void>((resolve) => {
    setWake(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true, signal: stop.signal });
    if (at !== undefined) clock.until(at, both).then(resolve, () => resolve());
    if (everyReal !== undefined) setTimeout(everyReal, undefined, { signal: both, ref: false }).then(resolve, () => resolve());
  });
  stop.abort();
}

/** Commits do not hurry a reconciler that fails or rests; closing does. */
async function realPause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal, ref: false }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

async function watch(store: Store, prefix: Uint8Array, signal: AbortSignal, wake: () => void): Promise<void> {
  const changes = store.watch(prefix)[Symbol.asyncIterator]();
  signal.addEventListener('abort', () => void changes.return?.(), { once: true });
  for (;;) {
    const next = await changes.next();
    if (next.done || signal.aborted) return;
    wake();
  }
}
