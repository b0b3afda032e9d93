/** Elastic addresses: the record. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

/** Five on a new account of AWS, which raises it on request. */
export const addressesPerRegionMax = 100;

export type ElasticAddress = {
  account: string;
  region: string;
  id: string;
  publicAddress: string;
  association?: { id: string; networkInterface: string; privateAddress: string };
  /** A service that holds it: a NAT gateway. */
  service?: string;
  tags?: Tag[];
};

export const elasticAddresses = table<ElasticAddress>('ec2/elastic-addresses', { key: (row) => [row.account, row.region, row.id] });

export const elasticAddressType = resourceType('elastic-ip', 'eipalloc', elasticAddresses, [
  'InvalidAllocationID.NotFound',
  'The allocation ID',
]);
