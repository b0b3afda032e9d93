/** Files that are replaced as a whole: a reader sees the old text or the new, and so does the next start after a crash. */

import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file durably through a sibling that takes its place; `mode` is the file's permission bits. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const sibling = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(sibling, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(sibling, path);
  } catch (error) {
    await rm(sibling, { force: true });
    throw error;
  }
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
