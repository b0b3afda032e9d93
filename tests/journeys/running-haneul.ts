/** Haneul as a user runs it: the program itself, as a process, with a home and a data directory of its own. */

import assert from 'node:assert/strict';
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const program = join(import.meta.dirname, '..', '..', 'haneul');
/** A first start may have to fetch and compile. */
const startMillisecondsMax = 300_000;

export type RunningHaneul = {
  endpoint: string;
  /** What it printed up to `Ready.` */
  log: string[];
  /** SIGKILL to the whole process group; resolves when it is gone, at once where it has ended before. */
  kill(): Promise<void>;
  /** SIGTERM, as a service manager does; gives the exit code, null where a signal ended it. */
  stop(): Promise<number | null>;
  hasEnded(): boolean;
};

export type Home = {
  directory: string;
  environment: Record<string, string>;
  /** The words before those of the command; the program of this tree where they are absent. */
  program?: readonly [string, ...string[]];
  remove(): Promise<void>;
};

const commandOf = (home: Home, ...more: readonly string[]): [string, string[]] => {
  const [first, ...words] = home.program ?? [program];
  return [first, [...words, ...more]];
};

export async function makeHome(): Promise<Home> {
  const directory = await mkdtemp(join(tmpdir(), 'haneul-journey-'));
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    LANG: 'C.UTF-8',
    HANEUL_DATA: join(directory, 'cloud'),
    NO_COLOR: '1',
  };
  return { directory, environment, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Runs `haneul up` on a free port until it says `Ready.` */
export async function up(home: Home, ...flags: string[]): Promise<RunningHaneul> {
  const child = spawn(...commandOf(home, 'up', '--port', '0', ...flags), {
    env: home.environment,
    cwd: home.directory,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const log = await linesUntilReady(child, errors);
  const endpoint = /https?:\/\/\S+/.exec(log.findLast((line) => line.includes('Listening at')) ?? '')?.[0];
  assert.ok(endpoint, log.join('\n'));
  return {
    endpoint,
    log,
    hasEnded: () => hasEnded(child),
    kill: async () => {
      if (hasEnded(child)) return;
      const gone = once(child, 'exit');
      process.kill(-child.pid!, 'SIGKILL');
      await gone;
    },
    stop: async () => {
      if (hasEnded(child)) return child.exitCode;
      const gone = once(child, 'exit') as Promise<[number | null]>;
      child.kill('SIGTERM');
      return (await gone)[0];
    },
  };
}

/**
 * Ends a cloud so that nothing of it stays on the machine, wherever a test has broken off: instances and networks go by a reset, for which one
 * that has been killed is started again.
 */
export async function clearAway(home: Home, running: RunningHaneul): Promise<void> {
  const last = running.hasEnded() ? await up(home) : running;
  try {
    await reset(home);
  } finally {
    // A process of a test does not end before those that it has started.
    await last.stop();
  }
  await home.remove();
}

/** `haneul reset`, which must succeed: its message is the end of the cloud's log where it does not. */
export async function reset(home: Home): Promise<void> {
  const { code, stderr } = await haneul(home, 'reset', '--yes');
  if (code === 0) return;
  const log = await readFile(join(home.environment['HANEUL_DATA']!, 'logs', 'haneul.log'), 'utf8').catch(() => 'it has no log');
  assert.fail(`${stderr}\n${log.slice(-3000)}`);
}

/** It says so once: who waits for it after that waits for ever. */
const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** Starts another command of `haneul`. */
export const start = (home: Home, ...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> =>
  spawn(...commandOf(home, ...args), { env: home.environment, cwd: home.directory, stdio: ['ignore', 'pipe', 'pipe'] });

/** Runs another command of `haneul` to its end. */
export async function haneul(home: Home, ...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(home, ...args);
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout: Buffer.concat(stdout as Buffer[]).toString(), stderr: Buffer.concat(stderr as Buffer[]).toString() };
}

async function linesUntilReady(child: ChildProcess, errors: readonly Buffer[]): Promise<string[]> {
  const lines: string[] = [];
  const giveUp = AbortSignal.timeout(startMillisecondsMax);
  const end = (): boolean => process.kill(-child.pid!, 'SIGKILL');
  giveUp.addEventListener('abort', end);
  for await (const line of createInterface({ input: child.stdout! })) {
    lines.push(line);
    if (!line.endsWith('Ready.')) continue;
    giveUp.removeEventListener('abort', end);
    child.stdout!.resume();
    return lines;
  }
  throw new Error(`haneul up ended before it was ready:\n${lines.join('\n')}\n${Buffer.concat([...errors]).toString()}`);
}
