/** What was deleted under a retention rule and can be restored: the records themselves, apart from those that are there. */

import { deletedSnapshots, snapshots, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { retentionDays } from '../../../framework/recycle-bin.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { images, type Image } from '../images/image.ts';
import { volumes, withAttachments, type Volume } from '../volumes/volume.ts';

const dayMilliseconds = 86_400_000;

/** Cloud time in which it came, and in which it goes for good. */
export type Binned<Row> = Row & { entered: number; exits: number };

const binOf = <Row extends { account: string; region: string; id: string }>(name: string) =>
  table<Binned<Row>, 'exits'>(`ec2/recycled-${name}`, {
    key: (row) => [row.account, row.region, row.id],
    indexes: { exits: (row) => [row.exits] },
  });

export const recycledSnapshots = binOf<Snapshot>('snapshots');
export const recycledImages = binOf<Image>('images');
export const recycledVolumes = binOf<Volume>('volumes');

const times = (now: number, days: number) => ({ entered: now, exits: now + days * dayMilliseconds });

/** Takes a snapshot away: into the bin where a rule says so, else for good. */
export async function discardSnapshot(tx: WriteTransaction, row: Snapshot, now: number): Promise<void> {
  await snapshots.delete(tx, row.account, row.region, row.id);
  const days = row.state === 'completed' ? await retentionDays(tx, row, 'EBS_SNAPSHOT') : undefined;
  if (days === undefined) await deletedSnapshots.put(tx, { id: row.id });
  else await recycledSnapshots.put(tx, { ...row, ...times(now, days) });
}

/** The same of an image, whose snapshots stay where they are. */
export async function discardImage(tx: WriteTransaction, row: Image, now: number): Promise<void> {
  await images.delete(tx, row.account, row.region, row.id);
  const days = row.state === 'available' || row.state === 'disabled' ? await retentionDays(tx, row, 'EC2_IMAGE') : undefined;
  if (days !== undefined) await recycledImages.put(tx, { ...row, ...times(now, days) });
}

/** The same of a volume that nothing has. Its disk lies on while it is in the bin. */
export async function discardVolume(tx: WriteTransaction, given: Volume, now: number): Promise<void> {
  const row = withAttachments(given, []);
  const days = row.state === 'available' ? await retentionDays(tx, row, 'EBS_VOLUME') : undefined;
  if (days === undefined) return volumes.put(tx, { ...row, state: 'deleting' });
  await volumes.delete(tx, row.account, row.region, row.id);
  await recycledVolumes.put(tx, { ...row, ...times(now, days) });
}
