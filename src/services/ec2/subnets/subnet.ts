/** A subnet: its record, its rules, and which of its addresses are free. */

import type { Random } from '../../../framework/random.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { addressInUse, invalidParameterValue, refusal } from '../errors.ts';
import { cidrOf, formatAddress, holds, lastOf, parseAddress, sizeOf, type Cidr } from '../../../framework/cidr.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { resourceType } from '../resource.ts';

export type Subnet = {
  account: string;
  region: string;
  id: string;
  created: number;
  vpc: string;
  zone: string;
  cidr: string;
  ipv6?: { id: string; cidr: string };
  /** Instances launched here get a public address. */
  mapPublicIp: boolean;
  assignIpv6?: boolean;
  dns64?: boolean;
  hostnameType: 'ip-name' | 'resource-name';
  resourceNameA?: boolean;
  resourceNameAaaa?: boolean;
  defaultForZone: boolean;
  /** Its network ACL, and the id of that association, which is new for each. */
  acl: { id: string; association: string };
  /** Absent where the VPC's main table serves it. */
  routeTable?: { id: string; association: string };
  tags?: Tag[];
};

const place = (subnet: Subnet): string[] => [subnet.account, subnet.region];

export const subnets = table<Subnet, 'vpc' | 'acl' | 'routeTable'>('ec2/subnets', {
  key: (subnet) => [...place(subnet), subnet.id],
  indexes: {
    vpc: (subnet) => [...place(subnet), subnet.vpc],
    acl: (subnet) => [...place(subnet), subnet.acl.id],
    routeTable: (subnet) => (subnet.routeTable ? [...place(subnet), subnet.routeTable.id] : undefined),
  },
});
export const subnetType = resourceType('subnet', 'subnet', subnets, ['InvalidSubnetID.NotFound', 'The subnet ID']);

/** AWS keeps the first four addresses of a subnet and the last: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const reservedFirst = 4;
const reservedInAll = 5;

/** The router's address, the first after the subnet's own. */
export const gatewayOf = ({ cidr }: Pick<Subnet, 'cidr'>): string => formatAddress(cidrOf(cidr).first + 1);

/** The private addresses that interfaces of a subnet have. */
export async function takenAddresses(tx: ReadTransaction, { account, region, id }: Subnet): Promise<Set<string>> {
  const rows = await networkInterfaces.scanIndex(tx, 'subnet', [account, region, id]);
  return new Set(rows.flatMap(({ row }) => row.addresses.map(({ address }) => address)));
}

export const freeAddresses = (subnet: Subnet, taken: number): number => sizeOf(cidrOf(subnet.cidr)) - reservedInAll - taken;

/** Whether an interface may be given this address. Throws InvalidParameterValue or InvalidIPAddress.InUse. */
export function checkAddress(subnet: Subnet, taken: ReadonlySet<string>, address: string): void {
  const number = parseAddress(address);
  const cidr = cidrOf(subnet.cidr);
  if (number === undefined) throw invalidParameterValue(`invalid value for parameter address: ${address}`);
  if (!holds(cidr, number)) throw invalidParameterValue("Address does not fall within the subnet's address range");
  if (number < cidr.first + reservedFirst || number === lastOf(cidr))
    throw invalidParameterValue("Address is in subnet's reserved address range");
  if (taken.has(address)) throw addressInUse('Address is in use.');
}

/** Where the search for free addresses begins: drawn before a transaction, since a closure may run twice. */
export const drawStart = (random: Random): number => random.float();

/** Free addresses that are not reserved, from a place that chance has given on. Throws InsufficientFreeAddressesInSubnet. */
export function pickAddresses(
  subnet: Subnet,
  taken: ReadonlySet<string>,
  reserved: readonly Cidr[],
  count: number,
  start: number,
): string[] {
  const cidr = cidrOf(subnet.cidr);
  const usable = sizeOf(cidr) - reservedInAll;
  const found: string[] = [];
  const from = Math.floor(start * usable);
  for (let step = 0; step < usable && found.length < count; step++) {
    const number = cidr.first + reservedFirst + ((from + step) % usable);
    const address = formatAddress(number);
    if (!taken.has(address) && !reserved.some((range) => holds(range, number))) found.push(address);
  }
  if (found.length < count)
    throw refusal('InsufficientFreeAddressesInSubnet')('The specified subnet does not have enough free addresses to satisfy the request.');
  return found;
}
