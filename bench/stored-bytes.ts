/** What a data directory's bytes are spent on. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decodeKey } from '../src/store/keys.ts';

export type DirectoryBytes = {
  store: number;
  /** Of the write-ahead log, which does not grow with the store. */ log: number;
  blobs: number;
};

/** As the disk has them: blocks that files hold, not only their length. */
export function directoryBytes(data: string): DirectoryBytes {
  const store = bytesBelow(join(data, 'store'));
  const log = blocksOf(join(data, 'store', 'store.sqlite-wal'));
  return { store: store - log, log, blobs: bytesBelow(join(data, 'blobs')) };
}

function bytesBelow(directory: string): number {
  return readdirSync(directory, { recursive: true }).reduce((sum, name) => sum + blocksOf(join(directory, String(name))), 0);
}

function blocksOf(path: string): number {
  const file = statSync(path, { throwIfNoEntry: false });
  return file ? file.blocks * 512 : 0;
}

export type StoredBytes = Record<string, { rows: number; keyBytes: number; valueBytes: number }>;

/** Rows by their table or index. */
export function storedBytes(data: string): StoredBytes {
  const db = new DatabaseSync(join(data, 'store', 'store.sqlite'), { readOnly: true });
  const sums: StoredBytes = {};
  for (const row of db.prepare('SELECT k, length(k) AS keyBytes, octet_length(v) AS valueBytes FROM kv').iterate()) {
    const { k, keyBytes, valueBytes } = row as { k: Uint8Array; keyBytes: number; valueBytes: number };
    const name = nameOf(k);
    const sum = (sums[name] ??= { rows: 0, keyBytes: 0, valueBytes: 0 });
    sum.rows++;
    sum.keyBytes += keyBytes;
    sum.valueBytes += valueBytes;
  }
  db.close();
  return sums;
}

function nameOf(key: Uint8Array): string {
  const [kind, name] = decodeKey(key) as [string, unknown];
  return kind === 'row' || kind === 'index' ? `${kind} ${String(name)}` : kind;
}
