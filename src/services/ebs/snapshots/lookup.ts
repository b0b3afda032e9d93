/** Finding snapshots for the direct API: one's own to write to, complete ones to read from. */

import { snapshots, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { notYours, snapshotNotFound, validation } from '../errors.ts';

type Place = Pick<ServiceRequest, 'account' | 'region'>;

/** Snapshots that are shared with all cannot be reached: https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-elements.html */
const isReachable = (row: Snapshot, account: string): boolean => row.account === account || (row.sharedWith ?? []).includes(account);

async function requireReachable(tx: ReadTransaction, { account, region }: Place, id: string): Promise<Snapshot> {
  if (!/^snap-[0-9a-f]+$/.test(id)) throw validation('INVALID_SNAPSHOT_ID', `The snapshot ID '${id}' is malformed.`);
  const row = await snapshots.find(tx, 'id', region, id);
  if (!row || !isReachable(row, account)) throw snapshotNotFound(id);
  return row;
}

/** A complete snapshot. Throws ResourceNotFoundException, or ValidationException while it is being made. */
export async function requireComplete(tx: ReadTransaction, place: Place, id: string): Promise<Snapshot> {
  const row = await requireReachable(tx, place, id);
  if (row.state !== 'completed') throw validation('INVALID_SNAPSHOT_ID', `The snapshot '${id}' is not in the completed state.`);
  return row;
}

export type WrittenSnapshot = Snapshot & { writing: NonNullable<Snapshot['writing']> };

/** One's own snapshot that StartSnapshot began and that is still open. */
export async function requireWritten(tx: ReadTransaction, request: Place & { now: number }, id: string): Promise<WrittenSnapshot> {
  const row = await requireReachable(tx, request, id);
  if (row.account !== request.account) throw notYours(id);
  const { writing } = row;
  if (row.state === 'error' && writing) throw validation('WRITE_REQUEST_TIMEOUT', `The snapshot '${id}' was not completed in time.`);
  if (row.state !== 'pending' || !writing) throw validation('INVALID_SNAPSHOT_ID', `The snapshot '${id}' is not open for writing.`);
  if (writing.until <= request.now) throw validation('WRITE_REQUEST_TIMEOUT', `The snapshot '${id}' was not completed in time.`);
  return { ...row, writing };
}
