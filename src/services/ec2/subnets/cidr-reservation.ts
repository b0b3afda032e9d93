/** Ranges of a subnet that are given to nobody who does not name an address: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html */

import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { cidrOf, type Cidr } from '../../../framework/cidr.ts';
import { isIpv6 } from '../network/cidr6.ts';
import { resourceType } from '../resource.ts';

export type CidrReservation = {
  account: string;
  region: string;
  id: string;
  subnet: string;
  cidr: string;
  type: 'explicit' | 'prefix';
  description?: string;
  tags?: Tag[];
};

export const cidrReservations = table<CidrReservation, 'subnet'>('ec2/subnet-cidr-reservations', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { subnet: (row) => [row.account, row.region, row.subnet] },
});
export const cidrReservationType = resourceType('subnet-cidr-reservation', 'scr', cidrReservations, [
  'InvalidSubnetCidrReservationID.NotFound',
  'The subnet CIDR reservation ID',
]);

type OfSubnet = { account: string; region: string; id: string };

export async function reservationsOf(tx: ReadTransaction, { account, region, id }: OfSubnet): Promise<CidrReservation[]> {
  return (await cidrReservations.scanIndex(tx, 'subnet', [account, region, id])).map(({ row }) => row);
}

/** Where free IPv4 addresses are not picked. */
export async function reservedRanges(tx: ReadTransaction, subnet: OfSubnet): Promise<Cidr[]> {
  return (await reservationsOf(tx, subnet)).filter(({ cidr }) => !isIpv6(cidr)).map(({ cidr }) => cidrOf(cidr));
}
