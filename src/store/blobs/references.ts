/** Who owns which blob: adopting, sharing and letting go, inside the owner's transaction. */

import type { BlobRef } from '../blob-store.ts';
import { StageExpired } from '../blob-store.ts';
import type { Key, WriteTransaction } from '../store.ts';
import { parseBlobId, type BlobPlace } from './blob-id.ts';
import { headerBytes } from './segment-header.ts';
import { deadKey, doom, encodeEntry, entryAt, fileKey, homeKey, movedKey } from './index-records.ts';

/** A staged blob must be adopted within this time; what is older and not adopted counts as left behind by a crash. */
export const adoptMillisecondsMax = 10 * 60_000;

type Stored = Exclude<BlobPlace, { kind: 'inline' }>;

export async function adopt(tx: WriteTransaction, ref: BlobRef, now: number, owners = 1): Promise<void> {
  const place = parseBlobId(ref.id);
  if (place.kind === 'inline') return;
  if (now - place.stagedAt * 1000 > adoptMillisecondsMax)
    throw new StageExpired(`the blob was staged more than ${adoptMillisecondsMax / 60_000} minutes ago`);
  await tx.put(keyOf(place), encodeEntry({ owners, size: ref.size }));
}

export async function share(tx: WriteTransaction, ref: BlobRef): Promise<void> {
  const place = parseBlobId(ref.id);
  if (place.kind === 'inline') return;
  const key = keyOf(place);
  const entry = await entryAt(tx, key);
  if (!entry) throw new Error(`the blob ${ref.id} has no owner who could share it`);
  await tx.put(key, encodeEntry({ ...entry, owners: entry.owners + 1 }));
}

export async function remove(tx: WriteTransaction, ref: BlobRef, now: number): Promise<void> {
  const place = parseBlobId(ref.id);
  if (place.kind === 'inline') return;
  const key = keyOf(place);
  const entry = await entryAt(tx, key);
  if (!entry) return; // gone already: letting go twice is harmless
  if (entry.owners > 1) {
    await tx.put(key, encodeEntry({ ...entry, owners: entry.owners - 1 }));
    return;
  }
  await tx.delete(key);
  if (place.kind !== 'segment') {
    await doom(tx, place.kind, place.name, now);
    return;
  }
  if (entry.moved) await tx.delete(movedKey(entry.moved));
  await tx.put(deadKey((entry.moved ?? place).segment, place), String(ref.size + headerBytes));
}

export function keyOf(place: Stored): Key {
  return place.kind === 'segment' ? homeKey(place) : fileKey(place.name);
}
