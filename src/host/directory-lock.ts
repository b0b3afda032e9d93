/** Lets one process at a time have a data directory; the system frees the lock with the process, however that ends. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

export class DirectoryInUse extends Error {
  override name = 'DirectoryInUse';
}

export type DirectoryLock = { release(): void };

/**
 * Takes the lock of a directory, or throws DirectoryInUse at once.
 * Node has no flock; SQLite's exclusive transaction on an empty database is a lock of the operating system, with no stale state.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const database = new DatabaseSync(join(directory, 'lock'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw new DirectoryInUse(`${directory} is in use`, { cause: error });
    throw error;
  }
  return { release: () => database.close() };
}
