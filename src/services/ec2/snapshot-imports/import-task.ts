/** Imports of disks from S3 as snapshots: the tasks. https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-import-snapshot.html */

import type { Encryption, KeyGrant } from '../../../framework/ebs-snapshots/keys.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { refusal } from '../errors.ts';
import { resourceType, type Place } from '../resource.ts';
import { taskIndexes, taskKey, type VmTask } from '../vm-import/task.ts';

export type ImportTask = VmTask & {
  bucket: string;
  key: string;
  /** As AWS writes it; RAW when absent. */
  format?: string;
  encryption?: Encryption;
  grants?: KeyGrant[];
  /** The snapshot that it makes: a record of its own once it is whole. */
  snapshot: string;
  /** The object's size, once it is known. */
  bytes?: number;
};

export const importTasks = table<ImportTask, 'work' | 'ended'>('ec2/snapshot-imports', {
  key: taskKey,
  indexes: taskIndexes,
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
