/** Volumes as Describe calls show them, and by what they can be found. */

import type { Filters } from '../filters.ts';
import type { Volume, VolumeAttachment, VolumeModification } from './volume.ts';

const stateOf = ({ status, busy }: VolumeAttachment): VolumeAttachment['status'] | 'busy' =>
  status === 'detaching' && busy ? 'busy' : status;

export const attachmentOf = (row: Volume, one: VolumeAttachment) => ({
  ...{ VolumeId: row.id, InstanceId: one.instance, Device: one.device, State: stateOf(one), AttachTime: new Date(one.at) },
  DeleteOnTermination: one.deleteOnTermination,
});

/** What is being made for an instance shows as AWS shows it: still creating. */
export function volumeOf(row: Volume) {
  return {
    ...{
      VolumeId: row.id,
      State: row.state,
      Size: row.gibibytes,
      VolumeType: row.type,
      AvailabilityZone: row.zone,
      Encrypted: row.encryption !== undefined,
    },
    ...(row.encryption && { KmsKeyId: row.encryption.keyArn }),
    ...{ CreateTime: new Date(row.created), SnapshotId: row.snapshot ?? '', MultiAttachEnabled: row.multiAttach ?? false },
    ...(row.iops !== undefined && { Iops: row.iops }),
    ...(row.throughput !== undefined && { Throughput: row.throughput }),
    Attachments: row.attachments.map((one) => attachmentOf(row, one)),
    Tags: row.tags ?? [],
  };
}

/** Percent: what is done at once is all of it but the last. */
function progressOf({ state, started, until }: VolumeModification, now: number): number {
  if (state !== 'optimizing') return state === 'completed' ? 100 : 0;
  return Math.min(99, Math.floor(((now - started) / Math.max(1, until! - started)) * 100));
}

export function modificationOf(row: Volume, now: number) {
  const { modification: change } = row;
  if (!change) return undefined;
  const { original } = change;
  return {
    ...{
      VolumeId: row.id,
      ModificationState: change.state,
      StartTime: new Date(change.started),
      Progress: progressOf(change, now),
    },
    ...(change.ended !== undefined && { EndTime: new Date(change.ended) }),
    ...{ OriginalSize: original.gibibytes, OriginalVolumeType: original.type, TargetSize: row.gibibytes, TargetVolumeType: row.type },
    ...{ OriginalMultiAttachEnabled: original.multiAttach ?? false, TargetMultiAttachEnabled: row.multiAttach ?? false },
    ...(original.iops !== undefined && { OriginalIops: original.iops }),
    ...(row.iops !== undefined && { TargetIops: row.iops }),
    ...(original.throughput !== undefined && { OriginalThroughput: original.throughput }),
    ...(row.throughput !== undefined && { TargetThroughput: row.throughput }),
  };
}

export const volumeFilters: Filters<Volume> = {
  'attachment.attach-time': (row) => row.attachments.map(({ at }) => new Date(at).toISOString()),
  'attachment.delete-on-termination': (row) => row.attachments.map((one) => String(one.deleteOnTermination)),
  'attachment.device': (row) => row.attachments.map(({ device }) => device),
  'attachment.instance-id': (row) => row.attachments.map(({ instance }) => instance),
  'attachment.status': (row) => row.attachments.map(({ status }) => status),
  'availability-zone': (row) => row.zone,
  'create-time': (row) => new Date(row.created).toISOString(),
  encrypted: (row) => row.encryption !== undefined,
  'multi-attach-enabled': (row) => row.multiAttach ?? false,
  size: (row) => row.gibibytes,
  'snapshot-id': (row) => row.snapshot,
  status: (row) => row.state,
  'volume-id': (row) => row.id,
  'volume-type': (row) => row.type,
};
