/** Giving a VPC an Amazon-provided IPv6 range, with what AWS adds to its default ACL and its groups, and taking it away again. */

import type { Random } from '../../../framework/random.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { limitExceeded, notBuilt, refusal } from '../errors.ts';
import { everyAddress6, networkAcls } from '../network-acls/network-acl.ts';
import { contains6, cidr6Of } from '../network/cidr6.ts';
import { newId, resourcesBy, type Place } from '../resource.ts';
import { securityGroupRules, securityGroups, type SecurityGroupRule } from '../security-groups/security-group.ts';
import { subnetType } from '../subnets/subnet.ts';
import { drawRange, returnRange, takeRange, type RangeDraw } from './ipv6-ranges.ts';
import { vpcs, type Vpc, type VpcCidr } from './vpc.ts';

export const ipv6RangesPerVpcMax = 5;

/** There are no local zones: a range is announced in the region itself. */
export function checkBorderGroup(operation: string, { region }: Place, group: string | undefined): void {
  if (group !== undefined && group !== region) throw notBuilt(operation, `Ipv6CidrBlockNetworkBorderGroup ${group}`);
}

/** Drawn before the transaction: how many groups there are is known inside alone, so each has its number. */
export type Ipv6Draw = { range: RangeDraw; association: string; ruleOf(number: number): string };

export function drawIpv6(random: Random): Ipv6Draw {
  const first = BigInt(`0x${random.bytes(8).toString('hex')}`);
  const ruleOf = (number: number): string =>
    `sgr-0${BigInt.asUintN(64, first + BigInt(number))
      .toString(16)
      .padStart(16, '0')}`;
  return { range: drawRange(random), association: newId(random, 'vpc-cidr-assoc'), ruleOf };
}

/** Throws CidrLimitExceeded. */
export async function associateIpv6(tx: WriteTransaction, vpc: Vpc, draw: Ipv6Draw): Promise<{ vpc: Vpc; added: VpcCidr }> {
  const present = vpc.ipv6 ?? [];
  if (present.length >= ipv6RangesPerVpcMax)
    throw limitExceeded('CidrLimitExceeded', 'The maximum number of IPv6 CIDR blocks of the VPC has been reached.');
  const use = { account: vpc.account, region: vpc.region, vpc: vpc.id };
  const added = { id: draw.association, cidr: await takeRange(tx, use, draw.range) };
  const next: Vpc = { ...vpc, ipv6: [...present, added] };
  await vpcs.put(tx, next);
  if (present.length === 0) await openForIpv6(tx, next, draw);
  return { vpc: next, added };
}

/**
 * Where they were left as they came, the default ACL lets IPv6 through too, and groups let it out:
 * https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
 */
async function openForIpv6(tx: WriteTransaction, { account, region, id }: Vpc, draw: Ipv6Draw): Promise<void> {
  for (const { row } of await networkAcls.scanIndex(tx, 'vpc', [account, region, id])) {
    const untouched =
      row.entries.length === 2 && row.entries.every((entry) => entry.number === 100 && entry.allow && entry.protocol === '-1');
    if (row.isDefault && untouched) await networkAcls.put(tx, { ...row, entries: [...row.entries, ...everyAddress6()] });
  }
  const groups = await securityGroups.scanIndex(tx, 'vpc', [account, region, id]);
  for (const [at, { row: group }] of groups.entries()) {
    const rules = await securityGroupRules.scanIndex(tx, 'group', [account, region, group.id]);
    const outward = rules.map(({ row }) => row).filter(({ egress }) => egress);
    const [only] = outward;
    if (outward.length !== 1 || only!.protocol !== '-1' || !('cidr' in only!.peer) || only!.peer.cidr !== '0.0.0.0/0') continue;
    await securityGroupRules.put(tx, everythingOut6({ account, region }, group.id, draw.ruleOf(at)));
  }
}

export const everythingOut6 = (place: Place, group: string, id: string): SecurityGroupRule => ({
  ...{ account: place.account, region: place.region, id, group, egress: true, protocol: '-1', peer: { ipv6: '::/0' } },
});

/** Throws InvalidCidrBlock.InUse. */
export async function disassociateIpv6(tx: WriteTransaction, vpc: Vpc, range: VpcCidr): Promise<void> {
  if (await isUsed(tx, vpc, range))
    throw refusal('InvalidCidrBlock.InUse')(`The vpc ipv6 CIDR block with association ID ${range.id} is in use by a subnet`);
  const rest = (vpc.ipv6 ?? []).filter(({ id }) => id !== range.id);
  const { ipv6: _ranges, ...plain } = vpc;
  await vpcs.put(tx, { ...plain, ...(rest.length > 0 && { ipv6: rest }) });
  await returnRange(tx, range.cidr);
}

async function isUsed(tx: ReadTransaction, vpc: Vpc, range: VpcCidr): Promise<boolean> {
  const outer = cidr6Of(range.cidr);
  return (await resourcesBy(tx, vpc, subnetType, 'vpc', vpc.id)).some(({ ipv6 }) => ipv6 && contains6(outer, cidr6Of(ipv6.cidr)));
}
