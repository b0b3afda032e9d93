/** Imports of disks from S3 as images: the tasks. https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-image-import.html */

import type { BootModeValues } from '@aws-sdk/client-ec2';
import type { Encryption, KeyGrant } from '../../../framework/ebs-snapshots/keys.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';
import { taskIndexes, taskKey, type VmTask } from '../vm-import/task.ts';

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

export type ImageImport = VmTask & {
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
};

export const imageImports = table<ImageImport, 'work' | 'ended'>('ec2/image-imports', {
  key: taskKey,
  indexes: taskIndexes,
});

export const imageImportType = resourceType('import-image-task', 'import-ami', imageImports, [
  'InvalidConversionTaskId',
  (id: string) => `Cannot find import task ${id}`,
]);
