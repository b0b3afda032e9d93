/** NAT gateways: the record. */

import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { resourcesBy, resourceType, type Place } from '../resource.ts';

export type NatAddress = { privateAddress: string; allocation?: string; association?: string; publicAddress?: string };

export type NatGateway = {
  account: string;
  region: string;
  id: string;
  created: number;
  vpc: string;
  subnet: string;
  connectivity: 'public' | 'private';
  state: 'pending' | 'available' | 'deleting' | 'deleted' | 'failed';
  /** Its interface in the subnet, and the elastic address by which it speaks outside. */
  networkInterface: string;
  privateAddress: string;
  allocation?: string;
  association?: string;
  publicAddress?: string;
  /** Further ones by which it speaks. */
  secondary?: NatAddress[];
  deletedAt?: number;
  failure?: { code: string; message: string };
  tags?: Tag[];
};

export const natGateways = table<NatGateway, 'vpc'>('ec2/nat-gateways', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { vpc: (row) => [row.account, row.region, row.vpc] },
});
export const natGatewayType = resourceType('natgateway', 'nat', natGateways, [
  'NatGatewayNotFound',
  (id) => `NatGateway ${id} was not found`,
]);

export const isLive = (row: NatGateway): boolean => row.state === 'pending' || row.state === 'available' || row.state === 'deleting';

/** Those of a VPC that are there still: deleted ones are shown for an hour. */
export async function natGatewaysOfVpc(tx: ReadTransaction, place: Place, vpc: string): Promise<NatGateway[]> {
  return (await resourcesBy(tx, place, natGatewayType, 'vpc', vpc)).filter(isLive);
}
