/** Exports of images as disk files to S3: the tasks. https://docs.aws.amazon.com/vm-import/latest/userguide/vmexport_image.html */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

export type ImageExport = {
  account: string;
  region: string;
  id: string;
  created: number;
  state: 'active' | 'completed' | 'deleting' | 'deleted';
  /** What it is at, or why it came to nothing. */
  message?: string;
  /** Percent, while it is active. */
  progress: number;
  image: string;
  /** Of the image's root volume, when the task was begun. */
  snapshot: string;
  gibibytes: number;
  format: 'RAW' | 'VHD' | 'VMDK';
  bucket: string;
  prefix: string;
  roleArn: string;
  roleName: string;
  description: string;
  /** The upload that is under way. */
  upload?: string;
  /** It is over, and is forgotten a week later. */
  ended?: number;
  tags?: Tag[];
};

export const imageExports = table<ImageExport, 'work' | 'ended' | 'snapshot'>('ec2/image-exports', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    work: (row) => (row.ended === undefined ? [row.account, row.region, row.id] : undefined),
    ended: (row) => (row.ended === undefined ? undefined : [row.ended]),
    /** While it needs its blocks. */
    snapshot: (row) => (row.ended === undefined ? [row.snapshot] : undefined),
  },
});

export const imageExportType = resourceType('export-image-task', 'export-ami', imageExports, [
  'InvalidExportTaskID.NotFound',
  (id: string) => `The export task ID '${id}' does not exist`,
]);
