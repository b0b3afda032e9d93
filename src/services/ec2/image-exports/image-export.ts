/** Exports of images as disk files to S3: the tasks. https://docs.aws.amazon.com/vm-import/latest/userguide/vmexport_image.html */

import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';
import { taskIndexes, taskKey, type VmTask } from '../vm-import/task.ts';

export type ImageExport = VmTask & {
  image: string;
  /** Of the image's root volume, when the task was begun. */
  snapshot: string;
  gibibytes: number;
  format: 'RAW' | 'VHD' | 'VMDK';
  bucket: string;
  prefix: string;
  roleName: string;
  /** The upload that is under way. */
  upload?: string;
};

export const imageExports = table<ImageExport, 'work' | 'ended' | 'snapshot'>('ec2/image-exports', {
  key: taskKey,
  indexes: {
    ...taskIndexes,
    /** While it needs its blocks. */
    snapshot: (row) => (row.ended === undefined ? [row.snapshot] : undefined),
  },
});

export const imageExportType = resourceType('export-image-task', 'export-ami', imageExports, [
  'InvalidExportTaskID.NotFound',
  (id: string) => `The export task ID '${id}' does not exist`,
]);
