/** ImportSnapshot, what became of it, and its end before its time. The importer does the work. */

import { settingsOf } from '../../../framework/ebs-snapshots/settings.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { assumeServiceRole } from '../../../framework/service-role.ts';
import { describe } from '../describe.ts';
import { incorrectState, invalidParameter, invalidParameterCombination, missingParameter, notBuilt } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { once } from '../idempotency.ts';
import { newId } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { importTasks, importTaskType, requireTask, type ImportTask } from './import-task.ts';

const defaultRole = 'vmimport';
const defaultDescription = 'Snapshot import task';

export const ImportSnapshot: Operation<'ImportSnapshot'> = async (request, input) => {
  const { account, region, now } = request;
  if (input.Encrypted || input.KmsKeyId !== undefined) throw notBuilt('ImportSnapshot', 'Encrypted');
  const settings = await request.store.read((tx) => settingsOf(tx, request));
  if (settings.encryptByDefault) throw notBuilt('ImportSnapshot', 'encryption by default');
  const { bucket, key } = sourceOf(input);
  const tags = tagsFor(input.TagSpecifications, importTaskType.name);
  const id = newId(request.random, 'import-snap');
  const roleArn = await roleOf(request, input.RoleName ?? defaultRole, id);
  const row: ImportTask = {
    ...{ account, region, id, created: now, state: 'active', message: 'pending', progress: 0 },
    ...{ bucket, key, roleArn, snapshot: newId(request.random, 'snap') },
    description: input.Description ?? input.DiskContainer?.Description ?? defaultDescription,
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

function sourceOf({ DiskContainer: disk }: Input<'ImportSnapshot'>): { bucket: string; key: string } {
  if (!disk) throw missingParameter('DiskContainer');
  const format = disk.Format?.toUpperCase();
  if (format === undefined) throw missingParameter('Format');
  if (['VHD', 'VHDX', 'VMDK'].includes(format)) throw notBuilt('ImportSnapshot', `Format ${format}`);
  if (format !== 'RAW')
    throw invalidParameter(`The disk image format '${disk.Format}' is not supported. Supported formats: VHD, VHDX, VMDK, RAW`);
  if (disk.Url !== undefined && disk.UserBucket !== undefined)
    throw invalidParameterCombination('Specify either Url or UserBucket, but not both.');
  const named = /^s3:\/\/([^/]+)\/(.+)$/.exec(disk.Url ?? '');
  if (disk.Url !== undefined && !named) throw notBuilt('ImportSnapshot', 'a Url other than s3://');
  const bucket = disk.UserBucket?.S3Bucket ?? named?.[1];
  const key = disk.UserBucket?.S3Key ?? named?.[2];
  if (!bucket || !key) throw missingParameter('UserBucket');
  return { bucket, key };
}

/** What the role must trust. */
export const importService = 'vmie.amazonaws.com';

/** https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html: `vmimport`, unless the call names another one. */
async function roleOf(request: ServiceRequest, name: string, task: string): Promise<string> {
  const { account, region } = request;
  const roleArn = `arn:aws:iam::${account}:role/${name}`;
  const role = await assumeServiceRole(request, { roleArn, service: importService, account, region, session: task });
  if (!role) throw invalidParameter(`The service role ${name} provided does not exist or does not have sufficient permissions`);
  return roleArn;
}

const gibibyte = 1024 ** 3;

const detailOf = (row: ImportTask) => ({
  ...{ Description: row.description, Format: 'RAW', Status: row.state, UserBucket: { S3Bucket: row.bucket, S3Key: row.key } },
  ...(row.message !== undefined && { StatusMessage: row.message }),
  ...(row.state === 'active' && { Progress: String(row.progress) }),
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
    const row = await requireTask(tx, request, input.ImportTaskId!);
    if (row.state !== 'active') throw incorrectState(`The import task '${row.id}' is ${row.state} and cannot be cancelled`);
    const message = input.CancelReason ?? 'User initiated task cancellation';
    await importTasks.put(tx, { ...row, state: 'deleting', message });
    return { ImportTaskId: row.id, PreviousState: row.state, State: 'deleting' };
  });
};
