/** ImportSnapshot, what became of it, and its end before its time. The importer does the work. */

import { describe } from '../describe.ts';
import { requireRoomForSnapshots } from '../disk-room.ts';
import { incorrectState, missingParameter } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { once } from '../idempotency.ts';
import { newId } from '../resource.ts';
import { cancelImageImport } from '../image-imports/cancel.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { encryptionFor } from '../vm-import/encryption.ts';
import { requireConversions, roleOf, sourceOf } from '../vm-import/source.ts';
import { importTasks, importTaskType, requireTask, type ImportTask } from './import-task.ts';

const defaultDescription = 'Snapshot import task';
const formats = ['VHD', 'VHDX', 'VMDK', 'RAW'];

export const ImportSnapshot: Operation<'ImportSnapshot'> = async (request, input) => {
  const { account, region, now } = request;
  if (!input.DiskContainer) throw missingParameter('DiskContainer');
  const { bucket, key, format } = sourceOf('ImportSnapshot', input.DiskContainer, formats);
  if (format !== 'RAW') await requireConversions(request);
  await requireRoomForSnapshots(request.host);
  const tags = tagsFor(input.TagSpecifications, importTaskType.name);
  const id = newId(request.random, 'import-snap');
  const snapshot = newId(request.random, 'snap');
  const roleArn = await roleOf(request, input.RoleName, id);
  const row: ImportTask = {
    ...{ account, region, id, created: now, state: 'active', message: 'pending', progress: 0 },
    ...{ bucket, key, format, roleArn, snapshot },
    ...(await encryptionFor(request, input, snapshot)),
    description: input.Description ?? input.DiskContainer.Description ?? defaultDescription,
    ...kept(tags),
  };
  const made = await request.store.write((tx) =>
    once(tx, request, input, importTasks, async () => {
      await importTasks.put(tx, row);
      return row;
    }),
  );
  return { ImportTaskId: made.id, Description: made.description, SnapshotTaskDetail: detailOf(made), ...tagSet(made) };
};

const gibibyte = 1024 ** 3;

const detailOf = (row: ImportTask) => ({
  ...{ Description: row.description, Format: row.format ?? 'RAW', Status: row.state, UserBucket: { S3Bucket: row.bucket, S3Key: row.key } },
  ...(row.message !== undefined && { StatusMessage: row.message }),
  ...(row.state === 'active' && { Progress: String(row.progress) }),
  ...(row.encryption && { Encrypted: true, KmsKeyId: row.encryption.keyArn }),
  ...(row.bytes !== undefined && { DiskImageSize: row.bytes / gibibyte }),
  ...(row.state === 'completed' && { SnapshotId: row.snapshot }),
});

const filters: Filters<ImportTask> = { 'task-state': (row) => row.state };

export const DescribeImportSnapshotTasks: Operation<'DescribeImportSnapshotTasks'> = async (request, input) => {
  await request.store.read(async (tx) => {
    for (const id of input.ImportTaskIds ?? []) await requireTask(tx, request, id);
  });
  const { rows, next } = await describe(request, input, {
    type: importTaskType,
    ids: input.ImportTaskIds,
    filters,
    limits: { min: 1, max: 1000 },
  });
  return {
    ImportSnapshotTasks: rows.map((row) => ({
      ImportTaskId: row.id,
      Description: row.description,
      SnapshotTaskDetail: detailOf(row),
      ...tagSet(row),
    })),
    ...next,
  };
};

export const CancelImportTask: Operation<'CancelImportTask'> = async (request, input) => {
  if (!input.ImportTaskId) throw missingParameter('ImportTaskId');
  return request.store.write(async (tx) => {
    const imports = await cancelImageImport(tx, request, input);
    if (imports) return imports;
    const row = await requireTask(tx, request, input.ImportTaskId!);
    if (row.state !== 'active') throw incorrectState(`The import task '${row.id}' is ${row.state} and cannot be cancelled`);
    const message = input.CancelReason ?? 'User initiated task cancellation';
    await importTasks.put(tx, { ...row, state: 'deleting', message });
    return { ImportTaskId: row.id, PreviousState: row.state, State: 'deleting' };
  });
};
