/** Snapshots as a resource of EC2. */

import { mayUse, snapshots, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { checkId, resourceType, type Place } from '../resource.ts';

export const snapshotType = resourceType('snapshot', 'snap', snapshots, ['InvalidSnapshot.NotFound', 'The snapshot']);

/** One's own snapshot, or one that was shared. Throws InvalidSnapshot.NotFound or Malformed. */
export async function requireSnapshot(tx: ReadTransaction, { account, region }: Place, id: string): Promise<Snapshot> {
  const row = await snapshots.find(tx, 'id', region, id);
  if (row && mayUse(row, account)) return row;
  checkId(snapshotType, id);
  throw snapshotType.notFound(id);
}
