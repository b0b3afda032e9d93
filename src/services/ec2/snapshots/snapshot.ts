/** Snapshots as a resource of EC2. */

import { mayUse, snapshots, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { ebsSettings } from '../../../framework/ebs-snapshots/settings.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { refusal } from '../errors.ts';
import { imageType } from '../images/image.ts';
import { checkId, resourcesIn, resourceType, type Place } from '../resource.ts';

export const snapshotType = resourceType('snapshot', 'snap', snapshots, ['InvalidSnapshot.NotFound', 'The snapshot']);

/** Accounts that block all sharing with everyone in a region, of all or of one that may. */
export async function accountsThatBlock(tx: ReadTransaction, region: string, account?: string): Promise<ReadonlySet<string>> {
  const rows = await ebsSettings.scan(tx, account === undefined ? [] : [account, region]);
  return new Set(rows.filter(({ row }) => row.region === region && row.publicAccess === 'block-all-sharing').map(({ row }) => row.account));
}

/** One's own snapshot, or one that was shared. Throws InvalidSnapshot.NotFound or Malformed. */
export async function requireSnapshot(tx: ReadTransaction, { account, region }: Place, id: string): Promise<Snapshot> {
  const row = await snapshots.find(tx, 'id', region, id);
  if (row && mayUse(row, account, await accountsThatBlock(tx, region, row.account))) return row;
  checkId(snapshotType, id);
  throw snapshotType.notFound(id);
}

/** Throws InvalidSnapshot.InUse for a snapshot of which an image is made. */
export async function requireUnused(tx: ReadTransaction, { account, region, id }: Snapshot): Promise<void> {
  const image = (await resourcesIn(tx, { account, region }, imageType)).find((one) =>
    one.mappings.some(({ volume }) => volume.snapshot === id),
  );
  if (image) throw refusal('InvalidSnapshot.InUse')(`The snapshot ${id} is currently in use by ${image.id}`);
}
