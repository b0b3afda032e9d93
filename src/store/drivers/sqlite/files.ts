/** Opens the connections to the SQLite database of a store directory. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * `thread`: a commit is written by the main thread and made durable by fdatasync on the thread pool.
 * `never`: for tests; nothing survives a crash of the machine.
 */
export type Sync = 'thread' | 'never';

const synchronous = { thread: 'NORMAL', never: 'OFF' } as const;
const pageBytes = 4096;
const cacheKibibytes = 32 * 1024;

export function storePath(directory: string): string {
  return join(directory, 'store.sqlite');
}

export function openWriter(directory: string, sync: Sync): DatabaseSync {
  const db = new DatabaseSync(storePath(directory), { timeout: 5_000 });
  db.exec(`
    PRAGMA page_size = ${pageBytes};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${synchronous[sync]};
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -${cacheKibibytes};
    CREATE TABLE IF NOT EXISTS kv (k BLOB PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID;
  `);
  return db;
}

export function openReader(directory: string): DatabaseSync {
  const db = new DatabaseSync(storePath(directory), { timeout: 5_000, readOnly: true });
  db.exec(`PRAGMA cache_size = -${cacheKibibytes}`);
  return db;
}
