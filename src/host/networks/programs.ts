/** Runs the machine's network programs: argument vectors and text on stdin, never a shell. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isInSky, skyNetwork } from '../sky/inside.ts';
import { namespacesDirectory } from './names.ts';

export type Run = {
  (program: string, given: readonly string[], input?: string): Promise<string>;
  /** The same inside a network namespace. */
  within(namespace: string, program: string, given: readonly string[], input?: string): Promise<string>;
};

const outputBytesMax = 64 * 1024 * 1024;
const millisecondsMax = 60_000;

/** @param find gives a program's full path. Rejects with what the program said when it fails. */
export function programs(find: (program: string) => Promise<string | undefined>): Run {
  const run = async (program: string, given: readonly string[], input = ''): Promise<string> => {
    const path = await find(program);
    if (path === undefined) throw new Error(`${program} is not on this machine`);
    // What is done to the machine itself is done, without root, to the network that takes its part.
    const [first, ...words] = isInSky ? [(await find('nsenter'))!, `--net=${skyNetwork}`, '--', path, ...given] : [path, ...given];
    return new Promise((resolve, reject) => {
      const child = spawn(first, words, { stdio: ['pipe', 'pipe', 'pipe'], timeout: millisecondsMax, killSignal: 'SIGKILL' });
      const output: Buffer[] = [];
      let errors = '';
      let size = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > outputBytesMax) child.kill('SIGKILL');
        else output.push(chunk);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4000)));
      child.on('error', reject);
      child.on('close', (code) =>
        code === 0
          ? resolve(Buffer.concat(output).toString())
          : reject(new Error(`${program} ${given.join(' ')} failed (${code}): ${errors.trim()}${failedLine(errors, input)}`)),
      );
      // A program that ends early closes its input; its exit code says why.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
  };
  const within: Run['within'] = async (namespace, program, given, input) =>
    // Of what `ip netns exec` does beside, a mount namespace and a new /sys, these programs need nothing.
    run('nsenter', [`--net=${join(namespacesDirectory, namespace)}`, '--', (await find(program)) ?? program, ...given], input);
  return Object.assign(run, { within });
}

/** The line of a batch that `Command failed -:7` means. */
function failedLine(errors: string, input: string): string {
  const number = /Command failed -:(\d+)/.exec(errors)?.[1];
  return number === undefined ? '' : ` in \`${input.split('\n')[Number(number) - 1] ?? ''}\``;
}
