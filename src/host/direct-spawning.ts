/** Programs started by Node itself, where there is no spawner: what spawner.ts does, without namespaces and without ones that outlive it. */

import { spawn } from 'node:child_process';
import type { SpawnAnswer, SpawnRequest } from './spawner.ts';

/** Runs a program to its end. */
export async function spawnDirectly({ words, environment, input, milliseconds, bytesMax, network }: SpawnRequest): Promise<SpawnAnswer> {
  if (network !== undefined) throw new Error('this machine has no network namespaces');
  const [program, ...parameters] = words;
  const child = spawn(program!, parameters, { stdio: 'pipe', timeout: milliseconds, killSignal: 'SIGKILL', env: { ...environment } });
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let bytes = 0;
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) child.kill('SIGKILL');
      else output[name].push(chunk);
    });
  // A program that does not read its input has its reasons, which its exit code tells.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ending = await new Promise<SpawnAnswer['ending']>((resolve) => {
    child.on('error', ({ message }) => resolve({ kind: 'failed', reason: message }));
    child.on('close', (code) =>
      resolve(
        code !== null ? { kind: 'code', number: code } : { kind: bytes > bytesMax ? 'bytes' : child.killed ? 'time' : 'signal', number: 0 },
      ),
    );
  });
  return { ending, stdout: Buffer.concat(output.stdout), stderr: Buffer.concat(output.stderr) };
}
