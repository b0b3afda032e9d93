/** Runs the machine's network programs: argument vectors and text on stdin, never a shell. */

import { runAnyhow } from '../programs.ts';
import { isInSky, skyNetwork } from '../sky/inside.ts';
import { namespacePath } from './names.ts';

export type Run = {
  (program: string, given: readonly string[], input?: string): Promise<string>;
  /** The same inside a network namespace. */
  within(namespace: string, program: string, given: readonly string[], input?: string): Promise<string>;
};

const bytesMax = 64 * 1024 * 1024;

/** @param find gives a program's full path. Rejects with what the program said when it fails. */
export function programs(find: (program: string) => Promise<string | undefined>): Run {
  const start = async (network: string | undefined, program: string, given: readonly string[], input = ''): Promise<string> => {
    const path = await find(program);
    if (path === undefined) throw new Error(`${program} is not on this machine`);
    const { code, stdout, stderr } = await runAnyhow(path, given, { input, bytesMax, ...(network !== undefined && { network }) });
    if (code === 0) return stdout.toString();
    const errors = stderr.toString().trim().slice(-4000);
    throw new Error(`${program} ${given.join(' ')} failed (${code}): ${errors}${failedLine(errors, input)}`);
  };
  // What is done to the machine itself is done, without root, to the network that takes its part.
  const run = (program: string, given: readonly string[], input?: string): Promise<string> =>
    start(isInSky ? skyNetwork : undefined, program, given, input);
  const within: Run['within'] = (namespace, program, given, input) => start(namespacePath(namespace), program, given, input);
  return Object.assign(run, { within });
}

/** The line of a batch that `Command failed -:7` means. */
function failedLine(errors: string, input: string): string {
  const number = /Command failed -:(\d+)/.exec(errors)?.[1];
  return number === undefined ? '' : ` in \`${input.split('\n')[Number(number) - 1] ?? ''}\``;
}
