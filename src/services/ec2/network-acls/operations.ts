/** Network ACLs: create, describe, delete, and which subnet has which. */

import type { ReadTransaction } from '../../../store/store.ts';
import { describeWith } from '../describe.ts';
import { refusal, stillNeeded } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { newId, requireResource, resourcesBy, resourcesIn } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { subnets, subnetType, type Subnet } from '../subnets/subnet.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { vpcs, vpcType } from '../vpcs/vpc.ts';
import { networkAcls, networkAclType, type AclEntry, type NetworkAcl } from './network-acl.ts';

type Shown = NetworkAcl & { subnets: Subnet[]; /** Has its VPC an IPv6 range? */ ipv6: boolean };

const complete = async (tx: ReadTransaction, row: NetworkAcl): Promise<Shown> => ({
  ...row,
  subnets: await resourcesBy(tx, row, subnetType, 'acl', row.id),
  ipv6: ((await vpcs.get(tx, row.account, row.region, row.vpc))?.ipv6?.length ?? 0) > 0,
});

/** The last entry of each direction, which AWS shows as `*`, and of IPv6 the one behind it. */
const lastNumber = 32_767;
const lastEntries = (ipv6: boolean): AclEntry[] =>
  [true, false].flatMap((egress) => [
    { number: lastNumber, egress, protocol: '-1', allow: false, cidr: '0.0.0.0/0' },
    ...(ipv6 ? [{ number: lastNumber + 1, egress, protocol: '-1', allow: false, ipv6: '::/0' }] : []),
  ]);

function entryOf(entry: AclEntry) {
  return {
    ...{
      RuleNumber: entry.number,
      Egress: entry.egress,
      Protocol: entry.protocol,
      RuleAction: entry.allow ? ('allow' as const) : ('deny' as const),
    },
    ...(entry.cidr !== undefined && { CidrBlock: entry.cidr }),
    ...(entry.ipv6 !== undefined && { Ipv6CidrBlock: entry.ipv6 }),
    ...(entry.from !== undefined && { PortRange: { From: entry.from, To: entry.to! } }),
    ...(entry.icmp && { IcmpTypeCode: { Type: entry.icmp.type, Code: entry.icmp.code } }),
  };
}

const entriesOf = (row: Shown): AclEntry[] =>
  [...row.entries, ...lastEntries(row.ipv6)].sort((a, b) => Number(b.egress) - Number(a.egress) || a.number - b.number);

const aclOf = (row: Shown) => ({
  ...{ NetworkAclId: row.id, VpcId: row.vpc, IsDefault: row.isDefault, OwnerId: row.account, Entries: entriesOf(row).map(entryOf) },
  Associations: row.subnets.map((subnet) => ({
    ...{ NetworkAclAssociationId: subnet.acl.association, NetworkAclId: row.id, SubnetId: subnet.id },
  })),
  ...tagSet(row),
});

const filters: Filters<Shown> = {
  'network-acl-id': (row) => row.id,
  'vpc-id': (row) => row.vpc,
  default: (row) => row.isDefault,
  'owner-id': (row) => row.account,
  'association.association-id': (row) => row.subnets.map(({ acl }) => acl.association),
  'association.network-acl-id': (row) => (row.subnets.length > 0 ? row.id : undefined),
  'association.subnet-id': (row) => row.subnets.map(({ id }) => id),
  'entry.cidr': (row) => entriesOf(row).map(({ cidr }) => cidr),
  'entry.ipv6-cidr': (row) => entriesOf(row).map(({ ipv6 }) => ipv6),
  'entry.egress': (row) => entriesOf(row).map(({ egress }) => String(egress)),
  'entry.protocol': (row) => entriesOf(row).map(({ protocol }) => protocol),
  'entry.rule-action': (row) => entriesOf(row).map(({ allow }) => (allow ? 'allow' : 'deny')),
  'entry.rule-number': (row) => entriesOf(row).map(({ number }) => String(number)),
  'entry.port-range.from': (row) => entriesOf(row).map(({ from }) => from?.toString()),
  'entry.port-range.to': (row) => entriesOf(row).map(({ to }) => to?.toString()),
};

export const DescribeNetworkAcls: Operation<'DescribeNetworkAcls'> = async (request, input) => {
  const { rows, next } = await describeWith(request, input, { type: networkAclType, ids: input.NetworkAclIds, filters, complete });
  return { NetworkAcls: rows.map(aclOf), ...next };
};

export const CreateNetworkAcl: Operation<'CreateNetworkAcl'> = async (request, input) => {
  const tags = tagsFor(input.TagSpecifications, 'network-acl');
  const id = newId(request.random, 'acl');
  const { account, region } = request;
  const row = await request.store.write(async (tx) => {
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    const made: NetworkAcl = { account, region, id, vpc: vpc.id, isDefault: false, entries: [], ...kept(tags) };
    await networkAcls.put(tx, made);
    return complete(tx, made);
  });
  return { NetworkAcl: aclOf(row) };
};

export const DeleteNetworkAcl: Operation<'DeleteNetworkAcl'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, networkAclType, input.NetworkAclId);
    if (row.isDefault) throw refusal('InvalidParameterValue')(`cannot delete default network ACL ${row.id}`);
    if ((await complete(tx, row)).subnets.length > 0) throw stillNeeded('networkAcl', row.id);
    await networkAcls.delete(tx, row.account, row.region, row.id);
  });
  return {};
};

/** The one way to give a subnet another ACL: its association gets another id. */
export const ReplaceNetworkAclAssociation: Operation<'ReplaceNetworkAclAssociation'> = async (request, input) => {
  const association = newId(request.random, 'aclassoc');
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, networkAclType, input.NetworkAclId);
    const subnet = (await resourcesIn(tx, request, subnetType)).find(({ acl }) => acl.association === input.AssociationId);
    if (!subnet) throw refusal('InvalidAssociationID.NotFound')(`The association ID '${input.AssociationId}' does not exist`);
    if (subnet.vpc !== row.vpc)
      throw refusal('InvalidParameterValue')(`network ACL ${row.id} and subnet ${subnet.id} belong to different networks`);
    await subnets.put(tx, { ...subnet, acl: { id: row.id, association } });
  });
  return { NewAssociationId: association };
};
