/** Imports of disks from S3 as snapshots: the tasks. https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-import-snapshot.html */

import type { Encryption, KeyGrant } from '../../../framework/ebs-snapshots/keys.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { refusal } from '../errors.ts';
import { resourceType, type Place } from '../resource.ts';

export type ImportTask = {
  account: string;
  region: string;
  id: string;
  created: number;
  state: 'active' | 'completed' | 'deleting' | 'deleted';
  /** What it is at, or why it came to nothing. */
  message?: string;
  /** Percent, while it is active. */
  progress: number;
  bucket: string;
  key: string;
  /** As AWS writes it; RAW when absent. */
  format?: string;
  encryption?: Encryption;
  grants?: KeyGrant[];
  /** With whose rights the object is read. */
  roleArn: string;
  description: string;
  /** The snapshot that it makes: a record of its own once it is whole. */
  snapshot: string;
  /** The object's size, once it is known. */
  bytes?: number;
  /** It is over, and is forgotten a week later. */
  ended?: number;
  tags?: Tag[];
};

export const importTasks = table<ImportTask, 'work' | 'ended'>('ec2/snapshot-imports', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    work: (row) => (row.ended === undefined ? [row.account, row.region, row.id] : undefined),
    ended: (row) => (row.ended === undefined ? undefined : [row.ended]),
  },
});

export const importTaskType = resourceType('import-snapshot-task', 'import-snap', importTasks, [
  'InvalidConversionTaskId',
  (id: string) => `Cannot find import task ${id}`,
]);

/** Throws InvalidConversionTaskId or InvalidConversionTaskId.Malformed. */
export async function requireTask(tx: ReadTransaction, { account, region }: Place, id: string): Promise<ImportTask> {
  const row = await importTasks.get(tx, account, region, id);
  if (row) return row;
  if (!/^import-(snap|ami)-[0-9a-f]{8,17}$/.test(id))
    throw refusal('InvalidConversionTaskId.Malformed')(`The import task ID '${id}' is malformed`);
  throw importTaskType.notFound(id);
}
