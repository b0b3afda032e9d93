/** The IPv6 range of a subnet: given at its creation or later, and taken away. */

import type { Operation } from '../sdk.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalidParameterValue, limitExceeded, missingParameter, notBuilt, refusal } from '../errors.ts';
import { cidr6Of, contains6, formatCidr6, overlaps6, parseCidr6, type Cidr6 } from '../network/cidr6.ts';
import { newId, requireResource, resourcesBy, resourcesIn } from '../resource.ts';
import { vpcType, type Vpc } from '../vpcs/vpc.ts';
import { takenAddresses6 } from './addresses6.ts';
import { subnets, subnetType } from './subnet.ts';

const lengthMin = 44;
const lengthMax = 64;

/** Throws InvalidParameterValue or InvalidSubnet.Range. */
export function checkedSubnetCidr6(text: string): Cidr6 {
  const cidr = parseCidr6(text);
  if (!cidr) throw invalidParameterValue(`Value (${text}) for parameter ipv6CidrBlock is invalid. This is not a valid CIDR block.`);
  if (cidr.length < lengthMin || cidr.length > lengthMax || cidr.length % 4 !== 0) throw outside(text);
  return cidr;
}

const outside = (text: string) => refusal('InvalidSubnet.Range')(`The CIDR '${text}' is invalid.`);

/** Throws InvalidSubnet.Range and InvalidSubnet.Conflict. */
export async function checkRange6(tx: ReadTransaction, vpc: Vpc, cidr: Cidr6, text: string): Promise<void> {
  if (!(vpc.ipv6 ?? []).some((range) => contains6(cidr6Of(range.cidr), cidr))) throw outside(text);
  const all = await resourcesBy(tx, vpc, subnetType, 'vpc', vpc.id);
  if (all.some(({ ipv6 }) => ipv6 && overlaps6(cidr6Of(ipv6.cidr), cidr)))
    throw refusal('InvalidSubnet.Conflict')(`The CIDR '${text}' conflicts with another subnet`);
}

export const AssociateSubnetCidrBlock: Operation<'AssociateSubnetCidrBlock'> = async (request, input) => {
  for (const name of ['Ipv6IpamPoolId', 'Ipv6NetmaskLength'] as const)
    if (input[name] !== undefined) throw notBuilt('AssociateSubnetCidrBlock', name);
  const { SubnetId, Ipv6CidrBlock: text } = input;
  if (text === undefined) throw missingParameter('ipv6CidrBlock');
  const cidr = checkedSubnetCidr6(text);
  const ipv6 = { id: newId(request.random, 'subnet-cidr-assoc'), cidr: formatCidr6(cidr) };
  await request.store.write(async (tx) => {
    const subnet = await requireResource(tx, request, subnetType, SubnetId);
    if (subnet.ipv6) throw limitExceeded('CidrLimitExceeded', 'The maximum number of IPv6 CIDR blocks of the subnet has been reached.');
    await checkRange6(tx, await requireResource(tx, request, vpcType, subnet.vpc), cidr, text);
    await subnets.put(tx, { ...subnet, ipv6 });
  });
  return { SubnetId, Ipv6CidrBlockAssociation: associationOf6(ipv6, 'associating') };
};

export const associationOf6 = ({ id, cidr }: { id: string; cidr: string }, state: 'associating' | 'associated' | 'disassociating') => ({
  ...{ AssociationId: id, Ipv6CidrBlock: cidr, Ipv6CidrBlockState: { State: state } },
  ...{ IpSource: 'amazon' as const, Ipv6AddressAttribute: 'public' as const },
});

/** Interfaces have to give their addresses back before. */
export const DisassociateSubnetCidrBlock: Operation<'DisassociateSubnetCidrBlock'> = async (request, input) => {
  const id = input.AssociationId;
  const { subnet, gone } = await request.store.write(async (tx) => {
    const found = (await resourcesIn(tx, request, subnetType)).find((one) => one.ipv6?.id === id);
    if (!found?.ipv6)
      throw refusal('InvalidSubnetCidrBlockAssociationID.NotFound')(`The subnet CIDR block association ID '${id}' does not exist`);
    if (found.assignIpv6) throw invalidParameterValue(`assignIpv6AddressOnCreation is on for the subnet '${found.id}': turn it off first`);
    if ((await takenAddresses6(tx, found)).size > 0)
      throw refusal('InvalidCidrBlock.InUse')(`The subnet ipv6 CIDR block with association ID ${id} is in use by a network interface`);
    const { ipv6, ...plain } = found;
    await subnets.put(tx, plain);
    return { subnet: found, gone: ipv6 };
  });
  return { SubnetId: subnet.id, Ipv6CidrBlockAssociation: associationOf6(gone, 'disassociating') };
};
