/** The haneul command as a user runs it: real processes, each with a home directory and a data directory of its own. */

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Outcome = { code: number | null; killedBy: NodeJS.Signals | null; stdout: string; stderr: string };

export type UpProcess = {
  readonly child: ChildProcess;
  readonly port: number;
  readonly endpoint: string;
  /** What it has printed so far. */
  output(): string;
  /** Resolves when it has ended. */
  readonly ended: Promise<Outcome>;
};

export type User = {
  readonly home: string;
  readonly dataDirectory: string;
  /** Runs a command to its end. */
  haneul(...given: string[]): Promise<Outcome>;
  /** The same for a command that must succeed and prints JSON. */
  json<T>(...given: string[]): Promise<T>;
  /** Starts `haneul up` on a free port and resolves once it is ready; rejects with its output when it ends before. */
  up(...given: string[]): Promise<UpProcess>;
  /** Ends whatever still runs and deletes the directories. */
  leave(): Promise<void>;
};

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const compileCache = join(tmpdir(), 'haneul-tests-compile-cache');

export async function newUser(): Promise<User> {
  const home = await mkdtemp(join(tmpdir(), 'haneul-user-'));
  const dataDirectory = join(home, 'data');
  const running = new Set<ChildProcess>();
  const variables = {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? compileCache,
    HOME: home,
    HANEUL_DATA: dataDirectory,
    SHELL: '/bin/sh',
    NO_COLOR: '1',
  };
  const start = (
    given: readonly string[],
  ): { child: ChildProcess; output: { stdout: string; stderr: string }; ended: Promise<Outcome> } => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...given], {
      env: variables,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const output = { stdout: '', stderr: '' };
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const ended = new Promise<Outcome>((resolve) => {
      child.on('close', (code, killedBy) => {
        running.delete(child);
        resolve({ code, killedBy, ...output });
      });
    });
    return { child, output, ended };
  };
  const haneul = (...given: string[]): Promise<Outcome> => start(given).ended;
  return {
    home,
    dataDirectory,
    haneul,
    json: async <T>(...given: string[]) => {
      const { code, stdout, stderr } = await haneul(...given, '--json');
      assert.equal(code, 0, stdout + stderr);
      return JSON.parse(stdout) as T;
    },
    up: async (...given) => {
      const { child, output, ended } = start(['up', '--port', '0', ...given]);
      await new Promise<void>((resolve, reject) => {
        child.stdout!.on('data', () => {
          if (output.stdout.endsWith('Ready.\n')) resolve();
        });
        void ended.then(({ stdout, stderr }) => reject(new Error(`haneul up ended:\n${stdout}${stderr}`)));
      });
      const endpoint = /Listening at (\S+)/.exec(output.stdout)![1]!;
      return { child, endpoint, port: Number(new URL(endpoint).port), output: () => output.stdout + output.stderr, ended };
    },
    leave: async () => {
      for (const child of running) child.kill('SIGKILL');
      await rm(home, { recursive: true, force: true });
    },
  };
}
