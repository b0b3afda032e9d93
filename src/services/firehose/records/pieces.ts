/** Takes pieces away, with their bytes. */

import type { BlobStore } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { pieces } from '../tables.ts';

const piecesPerPage = 200;

/** The oldest pieces up to a number, as many as one transaction should. True when there may be more. */
export async function removePieces(tx: WriteTransaction, blobs: BlobStore, stream: string, last: number): Promise<boolean> {
  const rows = await pieces.scan(tx, [stream], { limit: piecesPerPage });
  for (const { row } of rows) {
    if (row.number > last) return false;
    await pieces.delete(tx, stream, row.number);
    await blobs.remove(tx, row.blob);
  }
  return rows.length === piecesPerPage;
}
