/** Opens the store that the options name: embedded in a data directory, shared on PostgreSQL, or temporary. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from './drivers/sqlite/sqlite-store.ts';
import { endLeases } from './lease.ts';
import type { Store } from './store.ts';

export { openBlobs } from './blobs/blobs.ts';

/** Where records lie. `temporary`: for tests, in a directory that goes with the store and is never synced. */
export type StorePlace = { dataDirectory: string } | { url: string } | { temporary: true };

export type OpenStoreOptions = StorePlace & {
  /** Runs every closure twice and keeps the second run, to find closures that have effects outside. For tests. */
  rehearse?: boolean;
};

/** Throws StoreInUse, StoreUnwritable, or what PostgreSQL says. The embedded store keeps its files in `dataDirectory/store`. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const rehearse = options.rehearse ?? false;
  if ('dataDirectory' in options) {
    const store = new SqliteStore(join(options.dataDirectory, 'store'), { rehearse });
    await endLeases(store);
    return store;
  }
  if ('temporary' in options) return openTemporary(rehearse);
  const { PostgresStore } = await import('./drivers/postgres/postgres-store.ts'); // `pg` is loaded only where it is used
  return PostgresStore.open(options.url, { rehearse });
}

function openTemporary(rehearse: boolean): Store {
  const directory = mkdtempSync(join(tmpdir(), 'haneul-store-'));
  const store = new SqliteStore(directory, { sync: 'never', rehearse });
  const close = store.close.bind(store);
  store.close = async () => {
    await close();
    rmSync(directory, { recursive: true, force: true });
  };
  return store;
}
