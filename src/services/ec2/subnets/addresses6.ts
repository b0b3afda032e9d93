/** The IPv6 addresses of a subnet: which are taken, and which an interface may be given. */

import type { Random } from '../../../framework/random.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { addressInUse, invalidParameterValue } from '../errors.ts';
import { cidr6Of, formatAddress6, holds6, lastOf6, parseAddress6 } from '../network/cidr6.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import type { Subnet } from './subnet.ts';

/** AWS keeps the first four addresses and the last: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const reservedFirst = 4n;
const reservedInAll = 5n;

/** Where the search for free addresses begins: drawn before a transaction, since a closure may run twice. */
export const drawStart6 = (random: Random): bigint => BigInt(`0x${random.bytes(8).toString('hex')}`);

export async function takenAddresses6(tx: ReadTransaction, { account, region, id }: Subnet): Promise<Set<string>> {
  const rows = await networkInterfaces.scanIndex(tx, 'subnet', [account, region, id]);
  return new Set(rows.flatMap(({ row }) => row.ipv6 ?? []));
}

function rangeOf({ id, ipv6 }: Subnet) {
  if (!ipv6) throw invalidParameterValue(`The subnet '${id}' does not have an IPv6 CIDR block associated with it.`);
  return cidr6Of(ipv6.cidr);
}

/** An address that was asked for, as records keep it. Throws InvalidParameterValue or InvalidIPAddress.InUse. */
export function checkedAddress6(subnet: Subnet, taken: ReadonlySet<string>, text: string): string {
  const range = rangeOf(subnet);
  const number = parseAddress6(text);
  if (number === undefined) throw invalidParameterValue(`invalid value for parameter ipv6Address: ${text}`);
  if (!holds6(range, number)) throw invalidParameterValue("Address does not fall within the subnet's address range");
  if (number < range.first + reservedFirst || number === lastOf6(range))
    throw invalidParameterValue("Address is in subnet's reserved address range");
  const address = formatAddress6(number);
  if (taken.has(address)) throw addressInUse('Address is in use.');
  return address;
}

/** Free ones, from a place that chance has given on: there are always enough. Throws InvalidParameterValue where there is no range. */
export function pickAddresses6(subnet: Subnet, taken: ReadonlySet<string>, count: number, start: bigint): string[] {
  if (count === 0) return [];
  const range = rangeOf(subnet);
  const usable = lastOf6(range) - range.first + 1n - reservedInAll;
  const found: string[] = [];
  for (let step = 0n; found.length < count; step++) {
    const address = formatAddress6(range.first + reservedFirst + ((start + step) % usable));
    if (!taken.has(address)) found.push(address);
  }
  return found;
}

/** Those that were asked for, by name or by number; where nothing was said, one if the subnet gives them by itself. */
export function chosenAddresses6(
  subnet: Subnet,
  taken: ReadonlySet<string>,
  { given = [], count }: { given?: readonly string[]; count?: number },
  start: bigint,
): string[] {
  if (given.length === 0) return pickAddresses6(subnet, taken, count ?? (subnet.assignIpv6 ? 1 : 0), start);
  const claimed = new Set(taken);
  return given.map((text) => {
    const address = checkedAddress6(subnet, claimed, text);
    claimed.add(address);
    return address;
  });
}
