/** Takes pieces away, with their bytes. */

import type { BlobStore } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { pieces } from '../tables.ts';

const piecesPerPage = 200;

/** Pieces from a number up to another, as many as one transaction should. True when there may be more. */
export async function removePieces(tx: WriteTransaction, blobs: BlobStore, stream: string, first: number, last: number): Promise<boolean> {
  const rows = await pieces.between(tx, [stream, first], [stream, last + 1], { limit: piecesPerPage });
  for (const { row } of rows) {
    await pieces.delete(tx, stream, row.number);
    await blobs.remove(tx, row.blob);
  }
  return rows.length === piecesPerPage;
}
