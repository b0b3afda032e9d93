/** Forgets everything that the services of a cloud have stored. */

import { below, encodeKey } from '../store/keys.ts';
import { storedTables } from '../store/migrate.ts';
import type { Store } from '../store/store.ts';
import type { RunningBlobStore } from '../store/blobs/blobs.ts';
import { clocks } from './clock.ts';
import { auditChunks } from './audit-log.ts';
import { publicRanges } from './public-range.ts';
import { meterTables } from './usage-tables.ts';

const KEYS_PER_WRITE = 5_000;

/** The cloud's own records that outlive a reset: the hands of the clock, the range of public addresses and the keys that seal its secrets. */
const kept = new Set<string>([clocks.name, publicRanges.name, 'framework/sealing-keys']);

/** Rows go in steps, so that a large cloud does not stand still; the bytes of blobs are collected later. */
export async function resetStore(store: Store, blobs: RunningBlobStore): Promise<void> {
  const names = new Set([...(await storedTables(store)), auditChunks.name, ...meterTables.map(({ name }) => name)]);
  for (const name of names) {
    if (kept.has(name)) continue;
    // Indexes first: one that names a row which is gone would break its reader.
    for (const kind of ['index', 'row']) await deleteBelow(store, encodeKey(kind, name));
  }
  await blobs.forgetAll();
}

async function deleteBelow(store: Store, prefix: Uint8Array): Promise<void> {
  for (;;) {
    const deleted = await store.write(async (tx) => {
      const entries = await tx.range({ ...below(prefix), limit: KEYS_PER_WRITE });
      for (const [key] of entries) await tx.delete(key);
      return entries.length;
    });
    if (deleted < KEYS_PER_WRITE) return;
  }
}
