/** Network ACLs: the record and its pure rules. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

export type AclEntry = {
  /** 1 to 32766; the lowest that fits decides. */
  number: number;
  egress: boolean;
  /** `-1` for all, else a protocol number. */
  protocol: string;
  allow: boolean;
  cidr?: string;
  ipv6?: string;
  from?: number;
  to?: number;
  icmp?: { type: number; code: number };
};

export type NetworkAcl = {
  account: string;
  region: string;
  id: string;
  vpc: string;
  isDefault: boolean;
  /** Besides the last one, which denies. Ordered by direction and number. */
  entries: AclEntry[];
  tags?: Tag[];
};

export const networkAcls = table<NetworkAcl, 'vpc'>('ec2/network-acls', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { vpc: (row) => [row.account, row.region, row.vpc] },
});
export const networkAclType = resourceType('network-acl', 'acl', networkAcls, ['InvalidNetworkAclID.NotFound', 'The networkAcl ID']);

/** A default ACL lets everything through; a new one of the customer's nothing. */
export const allowAll = (): AclEntry[] =>
  [false, true].map((egress) => ({ number: 100, egress, protocol: '-1', allow: true, cidr: '0.0.0.0/0' }));

/** What AWS adds to a default ACL when its VPC gets an IPv6 range. */
export const everyAddress6 = (): AclEntry[] =>
  [false, true].map((egress) => ({ number: 101, egress, protocol: '-1', allow: true, ipv6: '::/0' }));
