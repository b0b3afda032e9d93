/** The buffer of a stream: takes pieces in, and becomes a batch when it is full. */

import type { Staged } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { mebibytes } from '../limits.ts';
import { batches, buffers, dues, pieces, type Batch, type Buffer as Buffered, type Stream } from '../tables.ts';

export type Incoming = {
  staged: Staged;
  /** Its bytes are encrypted. */ sealed: boolean;
  /** Of the data alone. */ bytes: number;
  arrived: number;
  /** For the batch that it may fill. */ suffix: string;
};

/** Adds a piece, inside the transaction that also adopts its blob. A full buffer is a batch at once. */
export async function addPiece(tx: WriteTransaction, stream: Stream, { staged, sealed, bytes, arrived, suffix }: Incoming): Promise<void> {
  const { id, account, region, name, destination } = stream;
  const present = await buffers.get(tx, id);
  const isEmpty = !present || present.first === present.next;
  const buffer: Buffered = {
    stream: id,
    first: present?.first ?? 1,
    next: (present?.next ?? 1) + 1,
    bytes: (present?.bytes ?? 0) + bytes,
    since: isEmpty ? arrived : present.since,
  };
  await pieces.put(tx, { stream: id, number: buffer.next - 1, arrived, blob: staged.ref, ...(sealed && { sealed }) });
  if (buffer.bytes >= mebibytes(destination.bufferMebibytes)) return cut(tx, stream, buffer, suffix, arrived);
  await buffers.put(tx, buffer);
  if (isEmpty) await dues.put(tx, { account, region, name, stream: id, at: arrived + destination.bufferSeconds * 1000 });
}

/** Makes a batch of all that a buffer holds. */
export async function cut(tx: WriteTransaction, stream: Stream, buffer: Buffered, suffix: string, now: number): Promise<void> {
  const { id, account, region, name } = stream;
  if (buffer.first < buffer.next) {
    const batch: Batch = {
      ...{ stream: id, account, region, name, suffix },
      ...{ first: buffer.first, last: buffer.next - 1, since: buffer.since, failures: 0, at: now },
    };
    await batches.put(tx, batch);
  }
  await buffers.put(tx, { ...buffer, first: buffer.next, bytes: 0 });
  await dues.delete(tx, id);
}
