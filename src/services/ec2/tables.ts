/** EC2's durable records, folder by folder. */

import type { AnyTable } from '../../store/table.ts';
import { standingUse } from '../../framework/standing-use.ts';
import { zoneFaults } from '../../framework/zone-faults.ts';
import { publicAddresses } from '../../framework/public-addresses.ts';
import { addressTransfers } from './addresses/transfer.ts';
import { computeTables } from './compute/records.ts';
import { flowCollections, flowLogFailures } from './flow-logs/flow-log.ts';
import { resourceTypes } from './resource-types.ts';
import { vpcAssociations } from './security-groups/vpc-association.ts';
import { meteredTraffic } from './traffic/metering.ts';
import { foundations } from './vpcs/founding.ts';
import { cloudRanges, rangeUses } from './vpcs/ipv6-ranges.ts';

export const tables: readonly AnyTable[] = [
  zoneFaults,
  standingUse,
  foundations,
  publicAddresses,
  ...[cloudRanges, rangeUses],
  flowCollections,
  flowLogFailures,
  meteredTraffic,
  ...[vpcAssociations, addressTransfers],
  // Fleets and spot fleets lie in one table.
  ...new Set(resourceTypes().map((type) => type.table)),
  ...computeTables,
];
