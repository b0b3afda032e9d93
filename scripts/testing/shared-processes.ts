/** Processes that files of tests share, one file after the other, from the side of the test run. A file that ends its process is named. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Counts, Failure } from './outcome.ts';

export type ToSharedProcess = { file?: string };
export type FromSharedProcess =
  | { running: string }
  | { failure: Failure }
  | { stray: Failure }
  | { ended: { counts: Counts } }
  /** What kinds of resources are open when the last file has ended. */
  | { open: readonly string[] };

export type FileOutcome = { counts: Counts; failures: readonly Failure[] };

export type SharedProcess = {
  /** Runs a file, given by its whole path. Never rejects: a file that takes the process with it, or too long, has failed. */
  run(path: string, limits: { signal: AbortSignal; millisecondsMax: number }): Promise<FileOutcome>;
  /** Whether it can take another file. */
  isAlive(): boolean;
  /** Lets it end by itself, and resolves to what kept it from that or went wrong when no file ran. */
  end(millisecondsMax?: number): Promise<readonly Failure[]>;
};

const endMillisecondsMax = 30_000;
/** A process that has gone cannot be told anything; its end says so. */
const untaken = (): void => undefined;

export function startSharedProcess(): SharedProcess {
  const reporter = pathToFileURL(join(import.meta.dirname, 'reporter.ts')).href;
  const child = fork(join(import.meta.dirname, 'shared-process.ts'), {
    execArgv: [`--test-reporter=${reporter}`, '--test-reporter-destination=stdout'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined }, // of a test that starts this: it would take the reporter's place
  });
  let running = '';
  let open: readonly string[] = [];
  let failures: Failure[] = [];
  let strays: Failure[] = [];
  let settle: ((counts: Counts) => void) | undefined;
  child.on('message', (message: FromSharedProcess) => {
    if ('running' in message) running = message.running;
    else if ('failure' in message) failures.push(message.failure);
    else if ('stray' in message) strays.push(message.stray);
    else if ('open' in message) open = message.open;
    else settle?.(message.ended.counts);
  });
  // All that it has told before its end is heard first.
  const gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(() => child.signalCode ?? `exit code ${child.exitCode}`);
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null && child.connected;

  return {
    isAlive,
    async run(path, { signal, millisecondsMax }) {
      failures = [];
      running = '';
      const ended = new Promise<Counts>((resolve) => (settle = resolve));
      const late = AbortSignal.any([signal, AbortSignal.timeout(millisecondsMax)]);
      const kill = (): void => void child.kill('SIGKILL');
      late.addEventListener('abort', kill);
      child.send({ file: path } satisfies ToSharedProcess, untaken);
      const counts = await Promise.race([ended, gone]);
      late.removeEventListener('abort', kill);
      if (typeof counts === 'string') {
        const why = late.aborted ? 'has not ended in its time' : `ended the process that it shares: ${counts}`;
        failures.push({ name: running === '' ? 'the file' : running, text: why });
      }
      const untold = failures.length === 0 ? strays : [];
      strays = [];
      const all = [...failures, ...untold];
      const { passed, failed, skipped } = typeof counts === 'string' ? { passed: 0, failed: 0, skipped: 0 } : counts;
      return { counts: { passed, failed: Math.max(failed, all.length), skipped }, failures: all };
    },
    async end(millisecondsMax = endMillisecondsMax) {
      if (isAlive()) child.send({} satisfies ToSharedProcess, untaken);
      let isStuck = false;
      const timer = setTimeout(() => {
        isStuck = true;
        child.kill('SIGKILL');
      }, millisecondsMax);
      await gone;
      clearTimeout(timer);
      const stuck = { name: 'the end of its process', text: `is kept from ending by what is open: ${open.join(', ')}` };
      return isStuck ? [...strays, stuck] : strays;
    },
  };
}
