/** Takes all owners from all blobs, some at a time. */

import { below, decodeKey, encodeKey } from '../keys.ts';
import type { Entry, Key, Store, WriteTransaction } from '../store.ts';
import { doom, segmentsPrefix, type DoomedKind } from './index-records.ts';

const entriesPerWrite = 2_000;

/** `kind`: what the blobs are that are not in segments. */
export async function forgetAll(store: Store, kind: DoomedKind, now: () => number): Promise<void> {
  for (const entries of ['blob', 'blob-moved', 'blob-dead']) await drain(store, encodeKey(entries), (tx, [key]) => tx.delete(key));
  await drain(store, encodeKey('blob-file'), async (tx, [key]) => {
    await tx.delete(key);
    await doom(tx, kind, decodeKey(key)[1] as string, now());
  });
  // What was measured is no longer true: the next pass measures again, and finds nothing alive.
  await store.write(async (tx) => {
    for (const [key] of await tx.range(below(segmentsPrefix))) await tx.put(key, '{}');
  });
}

async function drain(store: Store, prefix: Key, take: (tx: WriteTransaction, entry: Entry) => Promise<void>): Promise<void> {
  for (let taken = entriesPerWrite; taken === entriesPerWrite;) {
    taken = await store.write(async (tx) => {
      const entries = await tx.range({ ...below(prefix), limit: entriesPerWrite });
      for (const entry of entries) await take(tx, entry);
      return entries.length;
    });
  }
}
