/** VPC peering connections: the record, of which each side's account sees the same one. */

import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { resourceType, type Place } from '../resource.ts';

export type PeeringSide = {
  account: string;
  region: string;
  vpc: string;
  cidrs: string[];
  /** Of IPv6. */ cidrs6?: string[];
  remoteDns?: boolean;
};

export type Peering = {
  /** The requester's place, as the record's key; the accepter finds it through an index. */
  account: string;
  region: string;
  id: string;
  created: number;
  requester: PeeringSide;
  accepter: PeeringSide;
  state: 'pending-acceptance' | 'active' | 'rejected' | 'failed' | 'expired' | 'deleted';
  message: string;
  /** When a request that nobody accepts runs out, or a dead one is no longer shown. */
  expires?: number;
  tags?: Tag[];
  accepterTags?: Tag[];
};

const sides = (row: Peering): PeeringSide[] => [row.requester, row.accepter];

export const peerings = table<Peering, 'accepter' | 'id'>('ec2/vpc-peering-connections', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    accepter: (row) => [row.accepter.account, row.accepter.region, row.id],
    id: (row) => [row.id],
  },
});
export const peeringType = resourceType('vpc-peering-connection', 'pcx', peerings, [
  'InvalidVpcPeeringConnectionID.NotFound',
  'The vpcPeeringConnection ID',
]);

/** Both those that a place has asked for and those that it was asked for. */
export async function peeringsOf(tx: ReadTransaction, { account, region }: Place): Promise<Peering[]> {
  const asked = (await peerings.scan(tx, [account, region])).map(({ row }) => row);
  const received = (await peerings.scanIndex(tx, 'accepter', [account, region])).map(({ row }) => row);
  return [...asked, ...received.filter((row) => !asked.some((one) => one.id === row.id))];
}

export async function livePeeringsOfVpc(tx: ReadTransaction, place: Place, vpc: string): Promise<Peering[]> {
  const all = await peeringsOf(tx, place);
  return all.filter((row) => row.state === 'active' && sides(row).some((side) => side.vpc === vpc && side.account === place.account));
}
