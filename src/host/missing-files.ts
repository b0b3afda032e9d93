/** Reads what may not be there. */

import { readFile, readdir } from 'node:fs/promises';

/** For `catch`: undefined in place of what is not there; any other error goes on. */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** What a directory holds; nothing where it is not there. */
export async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(ignoreMissing)) ?? [];
}

export function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(ignoreMissing);
}
