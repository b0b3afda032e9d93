/** The data directory: made for its owner alone, marked with the number of its layout, locked while a cloud runs on it. */

import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DirectoryInUse, lockDirectory, type DirectoryLock } from '../host/directory-lock.ts';
import { replaceFile } from '../host/file-replacement.ts';
import { readText } from '../host/missing-files.ts';
import { CommandError } from './command.ts';
import { readRunFile } from './run-file.ts';

/** Grows when files in a data directory move; records have versions of their own. */
const layoutVersion = 1;

/** Makes the directory when it is not there, takes its lock, and refuses one that a newer release has laid out. */
export async function takeDataDirectory(directory: string, version: string): Promise<DirectoryLock> {
  await makeDirectory(directory);
  const lock = await takeLock(directory);
  try {
    await checkLayout(directory, version);
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') throw new CommandError(`${directory} is not a directory; choose another with --data`);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
      throw new CommandError(`${directory} cannot be written by this user; choose another with --data`);
    if (code === 'ENOSPC') throw new CommandError(`there is no space left for ${directory}; free some or choose another with --data`);
    throw error;
  }
}

async function takeLock(directory: string): Promise<DirectoryLock> {
  try {
    return lockDirectory(directory);
  } catch (error) {
    if (!(error instanceof DirectoryInUse)) throw error;
    const run = await readRunFile(directory);
    const by = run ? ` by process ${run.pid} at port ${run.port}` : '';
    throw new CommandError(`${directory} is in use${by}; stop that cloud with \`haneul stop\`, or choose another directory with --data`);
  }
}

async function checkLayout(directory: string, version: string): Promise<void> {
  const path = join(directory, 'haneul.json');
  const marked = await readMark(path);
  if (marked === undefined) return replaceFile(path, `${JSON.stringify({ layout: layoutVersion, madeBy: version })}\n`, 0o600);
  if (marked.layout > layoutVersion) throw newerRelease(directory, `Haneul ${marked.madeBy}`);
}

async function readMark(path: string): Promise<{ layout: number; madeBy: string } | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : (JSON.parse(text) as { layout: number; madeBy: string });
}

export function newerRelease(directory: string, what: string): CommandError {
  return new CommandError(
    `${directory} was written by a newer release (${what}); run that release, or choose another directory with --data`,
  );
}
