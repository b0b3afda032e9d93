/** Tells a full disk from a broken one. */

import { statfsSync } from 'node:fs';
import { StoreFailed, StoreFull } from './store.ts';

const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
const bytesFreeMin = 64 * 1024;

type SystemError = { code?: string; errcode?: number };

/** The error that a caller is to see for one that SQLite or the system raised; others come back as they are. */
export function diskError(error: unknown, directory: string): unknown {
  const { code, errcode } = error as SystemError;
  const primary = errcode === undefined ? undefined : errcode & 0xff;
  if (primary === SQLITE_FULL || code === 'ENOSPC' || code === 'EDQUOT') return full(directory, error);
  if (primary === SQLITE_IOERR || code === 'EIO')
    return isFull(directory)
      ? full(directory, error)
      : new StoreFailed(`the disk of ${directory} fails: ${(error as Error).message}`, { cause: error });
  return error;
}

function full(directory: string, cause: unknown): StoreFull {
  return new StoreFull(`the disk of ${directory} is full: the write was refused, what was stored before is safe`, { cause });
}

function isFull(directory: string): boolean {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize < bytesFreeMin;
}
