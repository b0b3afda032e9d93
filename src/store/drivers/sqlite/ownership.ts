/** Keeps every other process out of a data directory. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreInUse, StoreUnwritable } from '../../store.ts';

const SQLITE_BUSY = 5;

/**
 * Holds an exclusive lock for as long as the returned connection is open; the kernel frees it if we die. Throws StoreInUse,
 * naming the process that holds it, and StoreUnwritable.
 */
export function ownDirectory(directory: string): DatabaseSync {
  const note = join(directory, 'owner.pid');
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(directory, 'owner.sqlite'));
    lock.exec('BEGIN EXCLUSIVE');
    // A lock lost with its file system is no lock: some network mounts grant it to everyone, and this write would show it.
    writeFileSync(note, `${process.pid}\n`);
    return lock;
  } catch (cause) {
    if (lock?.isOpen) lock.close();
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY)
      throw new StoreInUse(`the data directory ${directory} is in use by ${holder(note)}`, { cause });
    throw new StoreUnwritable(`the data directory ${directory} cannot be written: ${(cause as Error).message}`, { cause });
  }
}

function holder(note: string): string {
  try {
    return `process ${Number(readFileSync(note, 'utf8'))}`;
  } catch (error) {
    return `another process (its number is unknown: ${(error as Error).message})`;
  }
}
