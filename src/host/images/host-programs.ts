/** Finds the programs of this host that images are made of. */

import { constants } from 'node:fs';
import { access, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { programPath, runAnyhow } from '../programs.ts';

/** The path of a program with all links followed, or undefined. */
export async function programIn(name: string, directories: readonly string[] = programPath.split(':')): Promise<string | undefined> {
  for (const directory of directories) {
    try {
      const path = join(directory, name);
      await access(path, constants.X_OK);
      return await realpath(path);
    } catch (error) {
      if (!['ENOENT', 'EACCES', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return undefined;
}

/** True for a program that loads no shared libraries. */
export async function isStatic(path: string): Promise<boolean> {
  const { stdout, stderr } = await runAnyhow('ldd', [path]);
  return /not a dynamic executable|statically linked/.test(`${stdout}${stderr}`);
}

/** Where a link leads, or undefined for what is none. */
export async function linkAt(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (['EINVAL', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
