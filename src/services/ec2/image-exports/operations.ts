/** ExportImage, what became of it, and its end before its time. The exporter does the work. */

import { describe } from '../describe.ts';
import { incorrectState, invalidParameter, missingParameter, notBuilt } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { once } from '../idempotency.ts';
import { imageType } from '../images/image.ts';
import { newId, requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { requireSnapshot } from '../snapshots/snapshot.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { requireConversions, roleOf } from '../vm-import/source.ts';
import { imageExports, imageExportType, type ImageExport } from './image-export.ts';

const formats = ['RAW', 'VHD', 'VMDK'] as const;
/** That of VHD's own header. */
const vhdGibibytesMax = 2040;

export const ExportImage: Operation<'ExportImage'> = async (request, input) => {
  const format = formats.find((one) => one === input.DiskImageFormat.toUpperCase());
  if (!format) throw invalidParameter(`The disk image format '${input.DiskImageFormat}' is not supported.`);
  const { S3Bucket: bucket, S3Prefix: prefix = '' } = input.S3ExportLocation;
  if (!bucket) throw missingParameter('S3ExportLocation.S3Bucket');
  await requireConversions(request);
  const tags = tagsFor(input.TagSpecifications, imageExportType.name);
  const { account, region, now } = request;
  const id = newId(request.random, 'export-ami');
  const roleArn = await roleOf(request, input.RoleName, id);
  const made = await request.store.write((tx) =>
    once(tx, request, input, imageExports, async () => {
      const image = await requireResource(tx, request, imageType, input.ImageId);
      if (image.state !== 'available') throw incorrectState(`The image '${image.id}' is not available`);
      const [root, ...others] = image.mappings;
      if (others.length > 0) throw notBuilt('ExportImage', 'an image of several volumes');
      const snapshot = await requireSnapshot(tx, request, root?.volume.snapshot ?? '');
      if (snapshot.encryption) throw invalidParameter(`The image ${image.id} has an encrypted snapshot, and cannot be exported.`);
      if (format === 'VHD' && snapshot.gibibytes > vhdGibibytesMax) throw invalidParameter('The volume is too large for the format VHD.');
      const row: ImageExport = {
        ...{ account, region, id, created: now, state: 'active', message: 'validating', progress: 0, image: image.id },
        ...{ snapshot: snapshot.id, gibibytes: snapshot.gibibytes, format, bucket, prefix, roleArn },
        ...{ roleName: input.RoleName ?? 'vmimport', description: input.Description ?? '' },
        ...kept(tags),
      };
      await imageExports.put(tx, row);
      return row;
    }),
  );
  return { ...taskOf(made), DiskImageFormat: made.format, RoleName: made.roleName };
};

const taskOf = (row: ImageExport) => ({
  ...{ ExportImageTaskId: row.id, ImageId: row.image, Status: row.state, Description: row.description },
  S3ExportLocation: { S3Bucket: row.bucket, S3Prefix: row.prefix },
  ...(row.message !== undefined && { StatusMessage: row.message }),
  ...(row.state === 'active' && { Progress: String(row.progress) }),
  ...tagSet(row),
});

const filters: Filters<ImageExport> = { 'task-state': (row) => row.state };

export const DescribeExportImageTasks: Operation<'DescribeExportImageTasks'> = async (request, input) => {
  const { rows, next } = await describe(request, input, {
    type: imageExportType,
    ids: input.ExportImageTaskIds,
    filters,
    limits: { min: 1, max: 500 },
  });
  return { ExportImageTasks: rows.map(taskOf), ...next };
};

/** Those of instances are not built: an id of one is not known. */
export const CancelExportTask: Operation<'CancelExportTask'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, imageExportType, input.ExportTaskId);
    if (row.state !== 'active') throw incorrectState(`The export task '${row.id}' is ${row.state} and cannot be cancelled`);
    await imageExports.put(tx, { ...row, state: 'deleting', message: 'User initiated task cancellation' });
  });
  return {};
};
