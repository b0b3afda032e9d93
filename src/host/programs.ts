/** Runs programs of this machine, by argument vectors only. */

import { spawn } from 'node:child_process';

export type ProgramOptions = {
  /** Written to its standard input, which is empty otherwise. */
  input?: string | Uint8Array;
  /** After this it is killed; 60 seconds when absent. */
  milliseconds?: number;
  /** Output beyond this ends it; 8 MiB when absent. */
  bytesMax?: number;
  environment?: Readonly<Record<string, string>>;
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
  const { milliseconds = 60_000, bytesMax = 8 * 1024 * 1024 } = options;
  const child = spawn(program, parameters, {
    stdio: 'pipe',
    timeout: milliseconds,
    killSignal: 'SIGKILL',
    env: { PATH: programPath, LC_ALL: 'C', ...options.environment },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let bytes = 0;
  const gather = (into: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) child.kill('SIGKILL');
    else into.push(chunk);
  };
  child.stdout.on('data', gather(stdout));
  child.stderr.on('data', gather(stderr));
  // A program that does not read its input has its reasons, which its exit code tells.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | undefined>((resolve, reject) => {
    child.on('error', (error) => reject(new ProgramFailed(`${program} cannot be run: ${error.message}`, { cause: error })));
    child.on('close', (exit) => resolve(exit ?? undefined));
  });
  if (code === undefined) {
    const why = bytes > bytesMax ? `wrote more than ${bytesMax} bytes` : `was ended, after ${milliseconds} ms at most`;
    throw new ProgramFailed(`${program} ${parameters[0] ?? ''} ${why}: ${lastWords(Buffer.concat(stderr))}`);
  }
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
}

/** Where the programs of a Linux machine are, those for its administrator included. */
export const programPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const lastWords = (stderr: Buffer): string => stderr.toString().trim().slice(-500) || 'it said nothing';
