/** IPv6 addresses of an interface, which come and go while it is there. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { instanceTypes, interfaceLimits } from '../instance-types/instance-type.ts';
import { instances } from '../instances/instance.ts';
import { invalidParameterCombination, invalidParameterValue, limitExceeded, missingParameter, notBuilt } from '../errors.ts';
import { formatAddress6, parseAddress6 } from '../network/cidr6.ts';
import { requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { chosenAddresses6, drawStart6, takenAddresses6 } from '../subnets/addresses6.ts';
import { subnetType } from '../subnets/subnet.ts';
import { networkInterfaces, networkInterfaceType, requireOwn, type NetworkInterface } from './network-interface.ts';

export const addresses6PerInterfaceMax = 50;

export type Wanted6 = { given?: readonly string[]; count?: number };

/** What a call asks for, checked as far as the call itself says. Throws InvalidParameterCombination and InvalidParameterValue. */
export function wanted6(given: readonly (string | undefined)[] | undefined, count: number | undefined): Wanted6 {
  if (given?.length && count !== undefined && count !== 0)
    throw invalidParameterCombination('The parameter ipv6Addresses cannot be used with the parameter ipv6AddressCount');
  if (count !== undefined && (!Number.isInteger(count) || count < 0 || count > addresses6PerInterfaceMax))
    throw invalidParameterValue(`Value (${count}) for parameter ipv6AddressCount is invalid.`);
  const addresses = (given ?? []).map((address) => {
    if (address === undefined) throw missingParameter('ipv6Address');
    return address;
  });
  if (addresses.length > addresses6PerInterfaceMax) throw tooMany();
  return { ...(addresses.length > 0 && { given: addresses }), ...(count !== undefined && { count }) };
}

const tooMany = () => limitExceeded('PrivateIpAddressLimitExceeded', 'Number of IPv6 addresses will exceed limit.');

export const AssignIpv6Addresses: Operation<'AssignIpv6Addresses'> = async (request, input) => {
  for (const name of ['Ipv6Prefixes', 'Ipv6PrefixCount'] as const)
    if (input[name] !== undefined && input[name] !== 0) throw notBuilt('AssignIpv6Addresses', name);
  const wanted = wanted6(input.Ipv6Addresses, input.Ipv6AddressCount);
  if (!wanted.given && !wanted.count) throw missingParameter('ipv6Addresses or ipv6AddressCount');
  const start = drawStart6(request.random);
  const added = await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, networkInterfaceType, input.NetworkInterfaceId);
    requireOwn(row);
    const subnet = await requireResource(tx, request, subnetType, row.subnet);
    const picked = chosenAddresses6(subnet, await takenAddresses6(tx, subnet), wanted, start);
    const all = [...(row.ipv6 ?? []), ...picked];
    if (all.length > (await limitOf(tx, request, row))) throw tooMany();
    await networkInterfaces.put(tx, { ...row, ipv6: all });
    return picked;
  });
  return { NetworkInterfaceId: input.NetworkInterfaceId, AssignedIpv6Addresses: added };
};

/** By the type of the instance to which it is attached. */
async function limitOf(tx: ReadTransaction, { account, region }: ServiceRequest, row: NetworkInterface): Promise<number> {
  const holder = row.attachment?.instance === undefined ? undefined : await instances.get(tx, account, region, row.attachment.instance);
  const type = holder && instanceTypes.get(holder.type);
  return type ? interfaceLimits(type).addressesMax : addresses6PerInterfaceMax;
}

export const UnassignIpv6Addresses: Operation<'UnassignIpv6Addresses'> = async (request, input) => {
  if (input.Ipv6Prefixes?.length) throw notBuilt('UnassignIpv6Addresses', 'Ipv6Prefixes');
  const gone = (input.Ipv6Addresses ?? []).map((text) => {
    const number = parseAddress6(text);
    if (number === undefined) throw invalidParameterValue(`invalid value for parameter ipv6Address: ${text}`);
    return formatAddress6(number);
  });
  if (gone.length === 0) throw missingParameter('ipv6Addresses');
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, networkInterfaceType, input.NetworkInterfaceId);
    requireOwn(row);
    const { ipv6 = [], ...plain } = row;
    if (gone.some((address) => !ipv6.includes(address)))
      throw invalidParameterValue(`Some of the specified addresses are not assigned to interface ${row.id}`);
    const rest = ipv6.filter((address) => !gone.includes(address));
    await networkInterfaces.put(tx, { ...plain, ...(rest.length > 0 && { ipv6: rest }) });
  });
  return { NetworkInterfaceId: input.NetworkInterfaceId, UnassignedIpv6Addresses: gone };
};
