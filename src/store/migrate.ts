/** Brings stored records to the versions that this release knows, before anything else touches them. */

import { setTimeout as sleep } from 'node:timers/promises';
import { decodeValue, encodeValue } from './codec.ts';
import { below, decodeKey, encodeKey } from './keys.ts';
import { LeaseHeld, NewerRecord, type Key, type Lease, type Store, type Value } from './store.ts';
import type { AnyTable } from './table.ts';

/** How far the migration of one table has come. */
export type MigrationProgress = { table: string; from: number; to: number; rows: number };

const rowsPerWrite = 500;
const leaseMilliseconds = 30_000;
const waitMilliseconds = 200;

/**
 * Throws NewerRecord, before it changes anything, when a newer release wrote a table. Rows are written again a few hundred at a
 * time; a crash in between costs nothing, the next start begins that table again. Processes that share a store take turns.
 */
export async function migrateTables(
  store: Store,
  tables: readonly AnyTable[],
  onProgress: (progress: MigrationProgress) => void = () => {},
): Promise<void> {
  if ((await outdated(store, tables)).length === 0) return;
  const lease = await waitForLease(store);
  try {
    const left = await outdated(store, tables);
    const fresh = await withoutRows(store, left);
    await store.write(async (tx) => {
      for (const table of fresh) await tx.put(stampKey(table), stampOf(table));
    });
    for (const table of left) if (!fresh.includes(table)) await migrateTable(store, lease, table, onProgress);
  } finally {
    await lease.release();
  }
}

/** The names of all tables that hold rows, whatever release wrote them. */
export async function storedTables(store: Store): Promise<string[]> {
  return store.read(async (tx) => {
    const names: string[] = [];
    for (const [key] of await tx.range(below(encodeKey('table-version')))) {
      const name = decodeKey(key)[1] as string;
      if ((await tx.range({ ...below(encodeKey('row', name)), limit: 1 })).length > 0) names.push(name);
    }
    return names;
  });
}

async function outdated(store: Store, tables: readonly AnyTable[]): Promise<AnyTable[]> {
  const stamps = await store.read((tx) => tx.getMany(tables.map(stampKey)));
  return tables.filter((table, i) => {
    const found = stamps[i];
    const stored = versionIn(found);
    if (stored > table.version) throw new NewerRecord(table.name, stored, table.version);
    return found !== stampOf(table);
  });
}

async function withoutRows(store: Store, tables: readonly AnyTable[]): Promise<AnyTable[]> {
  const firsts = await store.read(async (tx) => {
    const found: boolean[] = [];
    for (const table of tables) found.push((await table.scan(tx, [], { limit: 1 })).length > 0);
    return found;
  });
  return tables.filter((_, i) => !firsts[i]);
}

/**
 * An index function of a new version may give other keys than the old code stored, which nobody can compute any more: so every
 * index entry is dropped and every record is written again.
 */
async function migrateTable(store: Store, lease: Lease, table: AnyTable, onProgress: (progress: MigrationProgress) => void): Promise<void> {
  const stamp = await store.read((tx) => tx.get(stampKey(table)));
  const from = versionIn(stamp);
  await store.write((tx) => table.dropIndexes(tx));
  let rows = 0;
  let after: Key | undefined;
  do {
    const page = await store.write(async (tx) => {
      await lease.check(tx);
      const scanned = await table.scan(tx, [], { limit: rowsPerWrite, ...(after && { after }) });
      for (const { row } of scanned) await table.rewrite(tx, row);
      return scanned;
    });
    rows += page.length;
    after = page.at(-1)?.cursor;
    await lease.renew();
    // Without a stamp no release has left these rows behind: another part of this one wrote them a moment ago.
    if (stamp !== undefined && page.length > 0) onProgress({ table: table.name, from, to: table.version, rows });
  } while (after);
  await store.write((tx) => tx.put(stampKey(table), stampOf(table)));
}

async function waitForLease(store: Store): Promise<Lease> {
  for (;;) {
    try {
      return await store.lease('migrate', leaseMilliseconds);
    } catch (error) {
      if (!(error instanceof LeaseHeld)) throw error;
      await sleep(waitMilliseconds);
    }
  }
}

function stampKey(table: AnyTable): Key {
  return encodeKey('table-version', table.name);
}

/** What a table looks like in this release: rows are written again when either has changed, since an index that is new knows no old rows. */
function stampOf({ version, indexes }: AnyTable): Value {
  return encodeValue([version, ...indexes]);
}

/** 0 for a table that no release has stamped. */
function versionIn(stamp: Value | undefined): number {
  return stamp === undefined ? 0 : (decodeValue(stamp) as [number])[0];
}
