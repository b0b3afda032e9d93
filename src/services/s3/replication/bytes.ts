/** The bytes of a replica: the blobs of its source, whose keys are wrapped anew. Only what an early release wrote in the clear is copied, as a stream. */

import { newDataKey, rewrap } from '../../../framework/blob-encryption/data-keys.ts';
import { encryptor, type BlobKey } from '../../../framework/blob-encryption/frames.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { BlobRef, BlobStore, Staged } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { parts, type ObjectRecord, type Part } from '../tables.ts';

/** The keys that wrap the keys of blobs, at the source and at the destination; the same one where nothing is to be wrapped anew. */
export type Keys = { from: BlobKey; to: BlobKey } | 'same';
type Piece = { blob: BlobRef; dataKey?: string | undefined; staged?: Staged };
export type Carried = { one?: Piece; parts: { part: Part; piece: Piece }[]; id?: string };

/** Makes ready what the transaction takes over. To be given back with `letGo` where that does not come to be. */
export async function carry(
  { blobs, random }: Pick<ReconcilerContext, 'blobs' | 'random'>,
  source: ObjectRecord,
  sourceParts: readonly Part[],
  keys: Keys,
  cloudKey: BlobKey,
): Promise<Carried> {
  const carryOne = async ({ blob, dataKey }: { blob: BlobRef; dataKey?: string }): Promise<Piece> => {
    if (dataKey !== undefined) return { blob, dataKey: keys === 'same' ? dataKey : rewrap(keys.from, dataKey, keys.to) };
    const made = newDataKey(keys === 'same' ? cloudKey : keys.to, random);
    const staged = await blobs.stage(blobs.read(blob), { through: encryptor(made.key) });
    return { blob: staged.ref, dataKey: made.wrapped, staged };
  };
  const carried: Carried = { parts: [] };
  try {
    if (source.blob) carried.one = await carryOne({ blob: source.blob, ...(source.dataKey !== undefined && { dataKey: source.dataKey }) });
    if (source.parts) carried.id = random.uuid();
    for (const part of sourceParts) carried.parts.push({ part, piece: await carryOne(part) });
  } catch (error) {
    await letGo(blobs, carried);
    throw error;
  }
  return carried;
}

/** The members of the replica that name its bytes, which it owns from now on. */
export async function takeOver(
  tx: WriteTransaction,
  blobs: BlobStore,
  source: ObjectRecord,
  { one, parts: pieces, id }: Carried,
): Promise<Pick<ObjectRecord, 'blob' | 'dataKey' | 'parts'>> {
  const own = ({ blob, staged }: Piece): Promise<void> => (staged ? blobs.adopt(tx, staged) : blobs.share(tx, blob));
  if (one) {
    await own(one);
    return { blob: one.blob, ...(one.dataKey !== undefined && { dataKey: one.dataKey }) };
  }
  for (const { part, piece } of pieces) {
    await own(piece);
    await parts.put(tx, { ...part, upload: id!, blob: piece.blob, ...(piece.dataKey !== undefined && { dataKey: piece.dataKey }) });
  }
  return { parts: { ...source.parts!, id: id! } };
}

export async function letGo(blobs: BlobStore, { one, parts: pieces }: Carried): Promise<void> {
  for (const piece of [one, ...pieces.map((each) => each.piece)]) if (piece?.staged) await blobs.discard(piece.staged);
}
