/** Imports of disks from S3 as images: the tasks. https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-image-import.html */

import type { BootModeValues } from '@aws-sdk/client-ec2';
import type { Encryption, KeyGrant } from '../../../framework/ebs-snapshots/keys.ts';
import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

/** One disk of the image, the first being its root. */
export type ImportedDisk = {
  /** Where it comes from: an object, or a snapshot. */
  source: { bucket: string; key: string; format: string } | { snapshot: string };
  url?: string;
  device?: string;
  description?: string;
  /** The snapshots that it makes: an OVA may have several disks. */
  snapshots?: { id: string; gibibytes: number; blocks: number }[];
  /** Of the object, once it is known. */
  bytes?: number;
};

export type ImageImport = {
  account: string;
  region: string;
  id: string;
  created: number;
  state: 'active' | 'completed' | 'deleting' | 'deleted';
  /** What it is at, or why it came to nothing. */
  message?: string;
  /** Percent, while it is active. */
  progress: number;
  roleArn: string;
  description: string;
  architecture: 'x86_64' | 'arm64';
  bootMode?: BootModeValues;
  hypervisor?: string;
  disks: ImportedDisk[];
  /** The image that it makes: a record of its own once it is whole. */
  image: string;
  /** Ids for its snapshots, drawn with the task. */
  snapshotIds: string[];
  encryption?: Encryption;
  grants?: KeyGrant[];
  /** It is over, and is forgotten a week later. */
  ended?: number;
  tags?: Tag[];
};

export const imageImports = table<ImageImport, 'work' | 'ended'>('ec2/image-imports', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    work: (row) => (row.ended === undefined ? [row.account, row.region, row.id] : undefined),
    ended: (row) => (row.ended === undefined ? undefined : [row.ended]),
  },
});

export const imageImportType = resourceType('import-image-task', 'import-ami', imageImports, [
  'InvalidConversionTaskId',
  (id: string) => `Cannot find import task ${id}`,
]);
