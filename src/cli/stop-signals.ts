/** SIGTERM and SIGINT: the first asks for a clean stop, the second ends the process at once. */

import { constants } from 'node:os';

export type StopSignals = {
  /** Resolves with the first signal. */
  readonly first: Promise<void>;
  /** Aborted by the first signal. */
  readonly stopping: AbortSignal;
  /** Aborted when a clean stop takes too long, for what must not hold it up. */
  readonly hurried: AbortSignal;
  unwatch(): void;
};

const shutdownMillisecondsMax = 20_000;
const names = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export function watchSignals(): StopSignals {
  const stopping = new AbortController();
  const hurried = new AbortController();
  const { promise: first, resolve } = Promise.withResolvers<void>();
  const onSignal = (name: NodeJS.Signals): void => {
    // Killing what is durable at every moment loses nothing.
    if (stopping.signal.aborted) process.exit(128 + constants.signals[name]);
    stopping.abort();
    setTimeout(() => hurried.abort(), shutdownMillisecondsMax).unref();
    resolve();
  };
  for (const name of names) process.on(name, onSignal);
  return {
    first,
    stopping: stopping.signal,
    hurried: hurried.signal,
    unwatch: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
