/** VPCs in which a group may be used beside its own: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-assoc.html */

import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import type { Place } from '../resource.ts';
import { securityGroupRules, securityGroups, type SecurityGroup } from './security-group.ts';

export type VpcAssociation = { account: string; region: string; group: string; vpc: string };

export const vpcAssociations = table<VpcAssociation, 'vpc'>('ec2/security-group-vpc-associations', {
  key: (row) => [row.account, row.region, row.group, row.vpc],
  indexes: { vpc: (row) => [row.account, row.region, row.vpc] },
});

/** Whether interfaces in a VPC may be in the group. */
export async function servesVpc(tx: ReadTransaction, group: SecurityGroup, vpc: string): Promise<boolean> {
  return group.vpc === vpc || (await vpcAssociations.get(tx, group.account, group.region, group.id, vpc)) !== undefined;
}

export async function associationsOfVpc(tx: ReadTransaction, { account, region }: Place, vpc: string): Promise<VpcAssociation[]> {
  return (await vpcAssociations.scanIndex(tx, 'vpc', [account, region, vpc])).map(({ row }) => row);
}

/** Whether rules of the group's own VPC, or of one that may use it, refer to it: those of peers may go stale. */
export async function isReferred(tx: ReadTransaction, group: SecurityGroup): Promise<boolean> {
  for (const { row } of await securityGroupRules.scanIndex(tx, 'peer', [group.region, group.id])) {
    if (row.group === group.id) continue;
    const referring = await securityGroups.get(tx, row.account, row.region, row.group);
    if (referring?.vpc === group.vpc) return true;
  }
  return false;
}
