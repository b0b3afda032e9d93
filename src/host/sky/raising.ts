/** Starts the program that makes the namespaces of a sky. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { programIn } from '../images/host-programs.ts';
import { programPath } from '../programs.ts';

type Range = { first: number; count: number };

/** The ids that a user has beside his own. */
export type Ids = { users: Range; groups: Range };

export type Raised = { kind: 'ready'; keeper: number } | { kind: 'taken' } | { kind: 'failed'; reason: string };

/** @param file that names the keeper, and is there as long as the sky is; where it is empty, it is tried, and nothing is left. */
export async function raise(file: string, { users, groups }: Ids): Promise<Raised> {
  const words = ({ first, count }: Range): string => `${first} ${count}`;
  return runRaising({
    ...{ file, anchor: '', users: words(users), groups: words(groups) },
    newuidmap: (await programIn('newuidmap')) ?? '',
    newgidmap: (await programIn('newgidmap')) ?? '',
  });
}

/** Gives a sky another keeper. @param anchor a process in it. */
export const holdAgain = (file: string, anchor: number): Promise<Raised> => runRaising({ file, anchor: String(anchor) });

async function runRaising(given: Readonly<Record<string, string>>): Promise<Raised> {
  const child = spawn('perl', [join(import.meta.dirname, 'raise.pl'), ...Object.entries(given).flat()], {
    cwd: '/',
    env: { PATH: programPath, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const errors = text(child.stderr!);
  const failed = new Promise<string>((resolve) => child.on('error', (error) => resolve(`failed ${error.message}`)));
  const told = await Promise.race([failed, text(child.stdio[3] as NodeJS.ReadableStream)]);
  const [kind, ...rest] = told.trim().split(' ');
  if (kind === 'ready') return { kind, keeper: Number(rest[0]) };
  if (kind === 'taken') return { kind };
  return { kind: 'failed', reason: rest.join(' ') || (await errors).trim() || 'it said nothing' };
}
