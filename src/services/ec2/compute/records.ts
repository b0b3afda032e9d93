/** The types and tables of machines, their images and their volumes, gathered for the contents page. */

import { blockContents, deletedSnapshots, snapshotBlocks } from '../../../framework/ebs-snapshots/snapshot.ts';
import { ebsSettings } from '../../../framework/ebs-snapshots/settings.ts';
import type { AnyTable } from '../../../store/table.ts';
import { capacityReservationType } from '../capacity-reservations/capacity-reservation.ts';
import { creditAccounts, defaultCredits, launchGrants } from '../cpu-credits/credit-record.ts';
import { fleetEvents, fleetInstances, fleetType } from '../fleets/fleet.ts';
import { hostType } from '../hosts/host.ts';
import { imageExportType } from '../image-exports/image-export.ts';
import { imageImportType } from '../image-imports/image-import.ts';
import { imageType } from '../images/image.ts';
import { clientTokens, instanceType, userData } from '../instances/instance.ts';
import { meteredRuns } from '../instances/metering.ts';
import { keyPairType } from '../key-pairs/key-pair.ts';
import { launchTemplateType, launchTemplateVersions } from '../launch-templates/launch-template.ts';
import { metadataSecrets } from '../metadata/tokens.ts';
import { placementGroupType } from '../placement-groups/placement-group.ts';
import { meteredStandings } from '../prices/standing.ts';
import { retentionRules } from '../../../framework/recycle-bin.ts';
import { recycledImages, recycledSnapshots, recycledVolumes } from '../recycle-bin/bin.ts';
import type { AnyResourceType } from '../resource.ts';
import { reservedHours, reservedInstances, reservedModifications } from '../reserved-instances/reserved-instances.ts';
import { fastRestores } from '../snapshots/fast-restores.ts';
import { importTaskType } from '../snapshot-imports/import-task.ts';
import { snapshotType } from '../snapshots/snapshot.ts';
import { setSpotPrices, spotReclaims, spotSeeds } from '../../../framework/spot-faults.ts';
import { spotFleetType } from '../spot-fleets/spot-fleet.ts';
import { poolLoads } from '../spot-market/pools.ts';
import { spotRequestType } from '../spot-requests/spot-request.ts';
import { volumeType } from '../volumes/volume.ts';

/** Those that tags can be put on. */
export const computeTypes: readonly AnyResourceType[] = [
  keyPairType,
  imageType,
  instanceType,
  volumeType,
  snapshotType,
  launchTemplateType,
  placementGroupType,
  spotRequestType,
  capacityReservationType,
  hostType,
  ...[fleetType, spotFleetType],
  ...[importTaskType, imageImportType, imageExportType],
];
export const computeTables: readonly AnyTable[] = [
  metadataSecrets,
  userData,
  meteredRuns,
  ...[fleetInstances, fleetEvents],
  ...[creditAccounts, defaultCredits, launchGrants],
  clientTokens,
  launchTemplateVersions,
  snapshotBlocks,
  blockContents,
  deletedSnapshots,
  poolLoads,
  meteredStandings,
  ...[reservedInstances, reservedHours, reservedModifications],
  ...[spotReclaims, setSpotPrices, spotSeeds],
  ebsSettings,
  fastRestores,
  ...[retentionRules, recycledSnapshots, recycledImages, recycledVolumes],
];
