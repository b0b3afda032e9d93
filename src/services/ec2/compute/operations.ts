/** The operations of machines, their images and their volumes, gathered for the contents page. */

import { CopyImage, CreateImage } from '../images/create.ts';
import * as reservationOperations from '../capacity-reservations/operations.ts';
import * as fleetOperations from '../fleets/operations.ts';
import * as fleetDescriptions from '../fleets/describe.ts';
import * as hostOperations from '../hosts/operations.ts';
import { ModifyInstancePlacement } from '../hosts/placement.ts';
import * as ebsEncryptionOperations from '../ebs-encryption/operations.ts';
import * as imageAvailability from '../images/availability.ts';
import { DescribeImages } from '../images/describe.ts';
import { DeregisterImage, DescribeImageAttribute, ModifyImageAttribute, RegisterImage } from '../images/operations.ts';
import { DescribeInstanceTypeOfferings, DescribeInstanceTypes } from '../instance-types/operations.ts';
import * as attributes from '../instances/attributes.ts';
import * as credits from '../cpu-credits/operations.ts';
import { DescribeInstances, DescribeInstanceStatus } from '../instances/describe.ts';
import * as lifecycle from '../instances/lifecycle.ts';
import * as profileAssociations from '../instances/profile-associations.ts';
import { RunInstances } from '../instances/run.ts';
import * as imageExportOperations from '../image-exports/operations.ts';
import * as imageImportOperations from '../image-imports/operations.ts';
import { CreateKeyPair, DeleteKeyPair, DescribeKeyPairs, ImportKeyPair } from '../key-pairs/operations.ts';
import * as launchTemplateOperations from '../launch-templates/operations.ts';
import * as launchTemplateVersionOperations from '../launch-templates/versions.ts';
import * as placementGroupOperations from '../placement-groups/operations.ts';
import * as snapshotArchiveOperations from '../snapshots/archive.ts';
import { CopySnapshot } from '../snapshots/copy.ts';
import { CreateSnapshots } from '../snapshots/create-several.ts';
import { DescribeFastSnapshotRestores, DisableFastSnapshotRestores, EnableFastSnapshotRestores } from '../snapshots/fast-restores.ts';
import { DescribeLockedSnapshots, LockSnapshot, UnlockSnapshot } from '../snapshots/lock.ts';
import * as snapshotImportOperations from '../snapshot-imports/operations.ts';
import * as snapshotOperations from '../snapshots/operations.ts';
import * as recycleBinOperations from '../recycle-bin/operations.ts';
import { DescribeReservedInstancesModifications, ModifyReservedInstances } from '../reserved-instances/modify.ts';
import * as reservedOperations from '../reserved-instances/operations.ts';
import * as spotFleetOperations from '../spot-fleets/operations.ts';
import * as spotFleetDescriptions from '../spot-fleets/describe.ts';
import { GetSpotPlacementScores } from '../spot-market/placement-scores.ts';
import { DescribeSpotPriceHistory } from '../spot-market/operations.ts';
import { DescribeSpotInstanceRequests } from '../spot-requests/describe.ts';
import { CancelSpotInstanceRequests, RequestSpotInstances } from '../spot-requests/operations.ts';
import * as snapshotPublicAccessOperations from '../snapshots/public-access.ts';
import { DescribeSnapshotAttribute, ModifySnapshotAttribute } from '../snapshots/sharing.ts';
import { AttachVolume, DetachVolume } from '../volumes/attach.ts';
import { DescribeVolumesModifications, ModifyVolume } from '../volumes/modify.ts';
import * as volumeOperations from '../volumes/operations.ts';
import * as volumeStatusOperations from '../volumes/status.ts';

const { ImportSnapshot, DescribeImportSnapshotTasks, CancelImportTask } = snapshotImportOperations;
const { CreateSnapshot, DeleteSnapshot, DescribeSnapshots } = snapshotOperations;

export const computeOperations = {
  ...{ ...reservationOperations, ...hostOperations, ModifyInstancePlacement },
  ...{ CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPair },
  ...{ ...launchTemplateOperations, ...launchTemplateVersionOperations },
  ...placementGroupOperations,
  ...{ DescribeInstanceTypes, DescribeInstanceTypeOfferings },
  ...imageAvailability,
  ...{ DescribeImages, RegisterImage, DeregisterImage, DescribeImageAttribute, ModifyImageAttribute, CreateImage, CopyImage },
  ...{ RunInstances, DescribeInstances, DescribeInstanceStatus, ...lifecycle, ...attributes, ...credits },
  ...profileAssociations,
  ...{ ...reservedOperations, ModifyReservedInstances, DescribeReservedInstancesModifications },
  ...{ ...fleetOperations, ...fleetDescriptions, GetSpotPlacementScores },
  ...{ ...spotFleetOperations, ...spotFleetDescriptions },
  ...{ DescribeSpotPriceHistory, RequestSpotInstances, DescribeSpotInstanceRequests, CancelSpotInstanceRequests },
  ...ebsEncryptionOperations,
  ...{ ...volumeOperations, AttachVolume, DetachVolume, ModifyVolume, DescribeVolumesModifications, ...volumeStatusOperations },
  ...{ ImportSnapshot, DescribeImportSnapshotTasks, CancelImportTask, ...imageImportOperations, ...imageExportOperations },
  ...recycleBinOperations,
  ...{ CreateSnapshots, LockSnapshot, UnlockSnapshot, DescribeLockedSnapshots },
  ...{ EnableFastSnapshotRestores, DisableFastSnapshotRestores, DescribeFastSnapshotRestores },
  ...{ ...snapshotArchiveOperations, ...snapshotPublicAccessOperations },
  ...{ CreateSnapshot, DeleteSnapshot, DescribeSnapshots, CopySnapshot, DescribeSnapshotAttribute, ModifySnapshotAttribute },
};
