/** Runs programs of this machine, by argument vectors only. */

import { spawnDirectly } from './direct-spawning.ts';
import { canSpawn, spawnProgram, type SpawnRequest } from './spawner.ts';

export type ProgramOptions = {
  /** Written to its standard input, which is empty otherwise. */
  input?: string | Uint8Array;
  /** After this it is killed; 60 seconds when absent. */
  milliseconds?: number;
  /** Output beyond this ends it; 8 MiB when absent. */
  bytesMax?: number;
  environment?: Readonly<Record<string, string>>;
  /** The path of the network namespace in which it runs; needs root. */
  network?: string;
};

export type ProgramResult = { code: number; stdout: Buffer; stderr: Buffer };

/** A program that could not be run or did not succeed; the message says which one and what it said. */
export class ProgramFailed extends Error {
  override name = 'ProgramFailed';
}

/** Runs a program and resolves to its standard output. Rejects with ProgramFailed unless it exits with 0. */
export async function run(program: string, parameters: readonly string[], options: ProgramOptions = {}): Promise<Buffer> {
  const { code, stdout, stderr } = await runAnyhow(program, parameters, options);
  if (code !== 0) throw new ProgramFailed(`${program} ${parameters[0] ?? ''} ended with ${code}: ${lastWords(stderr)}`);
  return stdout;
}

/** Runs a program and resolves to its exit code and output, whatever they are. Rejects with ProgramFailed when it does not come to an end. */
export async function runAnyhow(program: string, parameters: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  const { milliseconds = 60_000, bytesMax = 8 * 1024 * 1024, network } = options;
  const environment = { PATH: programPath, LC_ALL: 'C', ...options.environment };
  const input = typeof options.input === 'string' ? Buffer.from(options.input) : (options.input ?? Buffer.alloc(0));
  const request: SpawnRequest = { words: [program, ...parameters], environment, input, milliseconds, bytesMax, network };
  const { ending, stdout, stderr } = await (canSpawn() ? spawnProgram(request) : spawnDirectly(request));
  if (ending.kind === 'code') return { code: ending.number, stdout, stderr };
  if (ending.kind === 'failed') throw new ProgramFailed(`${program} cannot be run: ${ending.reason}`);
  const why = ending.kind === 'bytes' ? `wrote more than ${bytesMax} bytes` : `was ended, after ${milliseconds} ms at most`;
  throw new ProgramFailed(`${program} ${parameters[0] ?? ''} ${why}: ${lastWords(stderr)}`);
}

/** Where the programs of a Linux machine are, those for its administrator included. */
export const programPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const lastWords = (stderr: Buffer): string => stderr.toString().trim().slice(-500) || 'it said nothing';
