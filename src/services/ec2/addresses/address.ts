/** Elastic addresses, and the public addresses of the whole cloud that are in use: records. */

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

/** One for each public address that is in use, elastic or lent; in the whole cloud, whoever's it is. */
export type PublicAddressUse = {
  address: string;
  account: string;
  region: string;
  /** Absent for one that was lent to an interface at launch. */
  allocation?: string;
  networkInterface?: string;
};

export const elasticAddresses = table<ElasticAddress>('ec2/elastic-addresses', { key: (row) => [row.account, row.region, row.id] });
export const publicAddresses = table<PublicAddressUse>('ec2/public-addresses', { key: (row) => [row.address] });

export const elasticAddressType = resourceType('elastic-ip', 'eipalloc', elasticAddresses, [
  'InvalidAllocationID.NotFound',
  'The allocation ID',
]);
