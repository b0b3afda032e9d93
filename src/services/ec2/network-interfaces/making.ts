/** Making interfaces inside a transaction: what CreateNetworkInterface, RunInstances and NAT gateways share. */

import type { Tag } from '../../../framework/tags.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { returnPublicAddresses } from '../addresses/pool.ts';
import { invalidParameterValue, refusal } from '../errors.ts';
import { requireResource, resourcesBy, type Place } from '../resource.ts';
import { securityGroupType } from '../security-groups/security-group.ts';
import { servesVpc } from '../security-groups/vpc-association.ts';
import { chosenAddresses6, takenAddresses6 } from '../subnets/addresses6.ts';
import { reservedRanges } from '../subnets/cidr-reservation.ts';
import { checkAddress, pickAddresses, takenAddresses, type Subnet } from '../subnets/subnet.ts';
import type { Wanted6 } from './addresses6.ts';
import { macOf, networkInterfaces, type NetworkInterface } from './network-interface.ts';

export const groupsPerInterfaceMax = 5;

export type NewInterface = {
  /** Drawn before the transaction, as is the place from which free addresses are searched (`drawStart`). */
  id: string;
  start: number;
  description: string;
  type: NetworkInterface['type'];
  /** Those asked for, the primary one first; free ones are picked otherwise. */
  addresses?: readonly string[];
  /** How many more to pick. */
  secondary?: number;
  /** Not to be picked: something else asks for them. */
  spared?: readonly string[];
  ipv6?: Wanted6;
  /** The VPC's default group when absent. */
  groups?: readonly string[];
  requester?: string;
  sourceDestCheck?: boolean;
  attachment?: NetworkInterface['attachment'];
  tags?: Tag[];
};

/** Writes the record of a new interface. Throws for addresses that are taken and for groups of another VPC. */
export async function makeInterface(
  tx: WriteTransaction,
  request: Place & { now: number },
  subnet: Subnet,
  wanted: NewInterface,
): Promise<NetworkInterface> {
  const { account, region } = request;
  const taken = await takenAddresses(tx, subnet);
  const given = wanted.addresses ?? [];
  const claimed = new Set(taken);
  for (const address of given) {
    checkAddress(subnet, claimed, address);
    claimed.add(address);
  }
  const missing = (given.length === 0 ? 1 : 0) + (wanted.secondary ?? 0);
  const picked = [
    ...given,
    ...(missing > 0
      ? pickAddresses(subnet, claimed.union(new Set(wanted.spared)), await reservedRanges(tx, subnet), missing, wanted.start)
      : []),
  ];
  const ipv6 = wanted.type === 'interface' ? await addresses6For(tx, subnet, wanted) : [];
  const row: NetworkInterface = {
    ...{ account, region, id: wanted.id, created: request.now, vpc: subnet.vpc, subnet: subnet.id, zone: subnet.zone },
    ...{ mac: macOf(wanted.id), description: wanted.description, type: wanted.type },
    groups: await checkedGroups(tx, request, subnet.vpc, wanted.groups),
    addresses: picked.map((address, at) => ({ address, primary: at === 0 })),
    ...(ipv6.length > 0 && { ipv6 }),
    sourceDestCheck: wanted.sourceDestCheck ?? true,
    ...(wanted.requester !== undefined && { requester: wanted.requester }),
    ...(wanted.attachment && { attachment: wanted.attachment }),
    ...(wanted.tags && { tags: wanted.tags }),
  };
  await networkInterfaces.put(tx, row);
  return row;
}

/** Where chance begins is said by the id, which chance has drawn. */
async function addresses6For(tx: WriteTransaction, subnet: Subnet, { id, ipv6 = {} }: NewInterface): Promise<string[]> {
  if (!subnet.ipv6 && !ipv6.given && !ipv6.count) return [];
  return chosenAddresses6(subnet, await takenAddresses6(tx, subnet), ipv6, BigInt(`0x${id.slice(-16)}`));
}

/** The groups of an interface: those given, of its own VPC, or the VPC's default group. */
export async function checkedGroups(
  tx: WriteTransaction,
  place: Place,
  vpc: string,
  wanted: readonly string[] | undefined,
): Promise<string[]> {
  if (!wanted) {
    const all = await resourcesBy(tx, place, securityGroupType, 'vpc', vpc);
    return all.filter((group) => group.name === 'default').map((group) => group.id);
  }
  const unique = [...new Set(wanted)];
  if (unique.length > groupsPerInterfaceMax)
    throw refusal('SecurityGroupsPerInterfaceLimitExceeded')('The maximum number of security groups per interface has been reached.');
  for (const id of unique) {
    const group = await requireResource(tx, place, securityGroupType, id);
    if (!(await servesVpc(tx, group, vpc))) throw invalidParameterValue(`Security group ${id} and subnet belong to different networks.`);
  }
  return unique;
}

/** What public addresses an interface has go back, before it goes itself: lent ones to the pool, elastic ones to their owner. */
export async function releasePublicAddresses(tx: WriteTransaction, row: NetworkInterface): Promise<void> {
  await returnPublicAddresses(tx, row);
}
