/** What the operations on volumes and snapshots ask to be allowed. */

import type { Authorizer, Check } from '../../../framework/authorization.ts';
import type { ServiceDefinition } from '../../../framework/service.ts';
import { instanceType } from '../instances/instance.ts';
import { imageExportType } from '../image-exports/image-export.ts';
import { imageImportType } from '../image-imports/image-import.ts';
import { imageType } from '../images/image.ts';
import { anywhere, creating, on } from '../permissions.ts';
import { resourceArn } from '../resource.ts';
import type { Ec2, Input } from '../sdk.ts';
import { importTaskType } from '../snapshot-imports/import-task.ts';
import { snapshotType } from '../snapshots/snapshot.ts';
import { volumeType } from './volume.ts';

const onVolume = on<{ VolumeId: string }>((input) => [[volumeType, input.VolumeId]]);
const onSnapshot = on<{ SnapshotId: string }>((input) => [[snapshotType, input.SnapshotId]]);
const onVolumeAndInstance = on<{ VolumeId: string; InstanceId?: string | undefined }>((input) => [
  [volumeType, input.VolumeId],
  [instanceType, input.InstanceId],
]);

/** A copy names its source in another region, of which only the copy is checked. */
const onCopy =
  (type: { name: string }): Authorizer<unknown> =>
  async (request): Promise<Check[]> => [
    { action: `ec2:${request.operation}`, resource: resourceArn(type, request, '*'), context: { 'ec2:Region': request.region } },
  ];

export const volumePermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateVolume: creating<{ VolumeType?: string | undefined; Size?: number | undefined }>(volumeType, undefined, (input) => ({
    'ec2:VolumeType': input.VolumeType ?? 'gp2',
    ...(input.Size !== undefined && { 'ec2:VolumeSize': String(input.Size) }),
  })),
  DescribeVolumes: anywhere,
  DescribeVolumeStatus: anywhere,
  DescribeVolumesModifications: anywhere,
  EnableVolumeIO: onVolume,
  DescribeVolumeAttribute: onVolume,
  ModifyVolumeAttribute: onVolume,
  DeleteVolume: onVolume,
  ModifyVolume: onVolume,
  AttachVolume: onVolumeAndInstance,
  DetachVolume: onVolumeAndInstance,
  CreateSnapshot: creating<{ VolumeId: string }>(snapshotType, (input) => [[volumeType, input.VolumeId]]),
  CreateSnapshots: creating<Input<'CreateSnapshots'>>(snapshotType, (input) => [[instanceType, input.InstanceSpecification.InstanceId]]),
  LockSnapshot: on<Input<'LockSnapshot'>>(
    (input) => [[snapshotType, input.SnapshotId]],
    (input) => ({ ...(input.LockDuration !== undefined && { 'ec2:SnapshotLockDuration': String(input.LockDuration) }) }),
  ),
  UnlockSnapshot: onSnapshot,
  DescribeLockedSnapshots: anywhere,
  ...{ ListSnapshotsInRecycleBin: anywhere, ListImagesInRecycleBin: anywhere, ListVolumesInRecycleBin: anywhere },
  RestoreSnapshotFromRecycleBin: onSnapshot,
  RestoreVolumeFromRecycleBin: onVolume,
  RestoreImageFromRecycleBin: on<{ ImageId: string }>((input) => [[imageType, input.ImageId]]),
  ModifySnapshotTier: onSnapshot,
  RestoreSnapshotTier: onSnapshot,
  DescribeSnapshotTierStatus: anywhere,
  EnableFastSnapshotRestores: on<Input<'EnableFastSnapshotRestores'>>((input) => [[snapshotType, input.SourceSnapshotIds]]),
  DisableFastSnapshotRestores: on<Input<'DisableFastSnapshotRestores'>>((input) => [[snapshotType, input.SourceSnapshotIds]]),
  DescribeFastSnapshotRestores: anywhere,
  EnableSnapshotBlockPublicAccess: anywhere,
  DisableSnapshotBlockPublicAccess: anywhere,
  GetSnapshotBlockPublicAccessState: anywhere,
  DescribeSnapshots: anywhere,
  DeleteSnapshot: onSnapshot,
  CopySnapshot: onCopy(snapshotType),
  DescribeSnapshotAttribute: onSnapshot,
  ModifySnapshotAttribute: onSnapshot,
  ImportSnapshot: creating(importTaskType),
  DescribeImportSnapshotTasks: anywhere,
  CancelImportTask: on<{ ImportTaskId?: string | undefined }>(({ ImportTaskId: id }) => [
    id?.startsWith('import-ami-') ? [imageImportType, id] : [importTaskType, id],
  ]),
  ImportImage: creating<Input<'ImportImage'>>(imageImportType, (input) => [
    [snapshotType, (input.DiskContainers ?? []).map((one) => one.SnapshotId).filter((id) => id !== undefined)],
  ]),
  DescribeImportImageTasks: anywhere,
  ExportImage: creating<Input<'ExportImage'>>(imageExportType, (input) => [[imageType, input.ImageId]]),
  DescribeExportImageTasks: anywhere,
  CancelExportTask: on<{ ExportTaskId: string }>((input) => [[imageExportType, input.ExportTaskId]]),
  CreateImage: creating<{ InstanceId: string }>(imageType, (input) => [[instanceType, input.InstanceId]]),
  CopyImage: onCopy(imageType),
};
