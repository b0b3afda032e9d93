/** Programs that a user puts into DATA/init/ready.d and DATA/init/shutdown.d, run in the order of their names. */

import { spawn } from 'node:child_process';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export type HookStage = 'ready' | 'shutdown';

export type HookOptions = {
  dataDirectory: string;
  stage: HookStage;
  /** The environment of the programs: AWS_ENDPOINT_URL, keys and all. */
  variables: Readonly<Record<string, string | undefined>>;
  log(line: string): void;
  /** Ends a running hook and skips the rest. */
  signal: AbortSignal;
};

/** Runs every hook of a stage, one after the other. One that fails is told of and does not keep the next from running. */
export async function runHooks(options: HookOptions): Promise<void> {
  const directory = join(options.dataDirectory, 'init', `${options.stage}.d`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of (await readdir(directory)).sort()) {
    if (options.signal.aborted) return;
    const path = join(directory, name);
    const refusal = await whyNotRun(path);
    if (refusal) options.log(`init: ${options.stage}.d/${name} is skipped: ${refusal}`);
    else await runHook(path, name, options);
  }
}

/** Only what the user himself has put there and marked as a program is run. */
async function whyNotRun(path: string): Promise<string | undefined> {
  const file = await lstat(path);
  const user = process.getuid?.();
  if (!file.isFile()) return 'it is not a plain file';
  if (user !== undefined && file.uid !== user && file.uid !== 0) return 'it belongs to another user';
  if (file.mode & 0o022) return 'others may write to it; `chmod go-w` it';
  if (!(file.mode & 0o111)) return 'it is not executable; `chmod +x` it';
  return undefined;
}

async function runHook(path: string, name: string, { stage, variables, dataDirectory, log, signal }: HookOptions): Promise<void> {
  const label = `init: ${stage}.d/${name}`;
  const { createInterface } = await import('node:readline');
  log(`${label} runs`);
  return new Promise((resolve) => {
    const hook = spawn(path, [], { cwd: dataDirectory, env: { ...variables }, stdio: ['ignore', 'pipe', 'pipe'], signal });
    for (const stream of [hook.stdout, hook.stderr]) createInterface({ input: stream }).on('line', (line) => log(`${label}: ${line}`));
    hook.on('error', (error) => {
      log(`${label} failed: ${error.message}`);
      resolve();
    });
    hook.on('close', (code, killed) => {
      if (code !== 0) log(`${label} failed: ${killed ? `ended by ${killed}` : `exit code ${code}`}`);
      resolve();
    });
  });
}
