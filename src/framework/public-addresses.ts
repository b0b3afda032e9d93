/** Public addresses of the whole cloud: the range that they come from, and those that are in use, whoever's they are. */

import { table } from '../store/table.ts';
import { cidrOf, contains, formatCidr, holds, overlaps, parseAddress, parseCidr } from './cidr.ts';

/** One for each public address that is in use, elastic or lent; in the whole cloud, whoever's it is. */
export type PublicAddressUse = {
  address: string;
  account: string;
  region: string;
  /** Absent for one that was lent to an interface at launch. */
  allocation?: string;
  networkInterface?: string;
};

export const publicAddresses = table<PublicAddressUse>('ec2/public-addresses', { key: (row) => [row.address] });

/** Shared address space of RFC 6598, which is nobody's on the internet. */
export const defaultPublicRange = '100.64.0.0/16';

/** Ranges in which nothing of the internet lies, and that of the cloud's own services, which is another's. */
const allowed = ['100.64.0.0/10', '198.18.0.0/15', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
const ownServices = '100.65.0.0/16';
/** The first 256 addresses are the cloud's own. */
const lengthLeast = 12;
const lengthMost = 22;

/** A range that cannot be that of public addresses, in words for its operator. */
export class PublicRangeRefused extends Error {
  override name = 'PublicRangeRefused';
}

/** The range as it is kept. Throws PublicRangeRefused. */
export function checkedPublicRange(text: string): string {
  const range = parseCidr(text);
  const words = `'${text}' cannot be the range of public addresses`;
  // Bits beyond its length are none of a block.
  if (!range || formatCidr(range) !== text) throw new PublicRangeRefused(`${words}: it takes a block like ${defaultPublicRange}`);
  if (range.length < lengthLeast || range.length > lengthMost)
    throw new PublicRangeRefused(`${words}: it has between /${lengthLeast} and /${lengthMost} addresses`);
  if (!allowed.some((outer) => contains(cidrOf(outer), range)))
    throw new PublicRangeRefused(`${words}: it lies within ${allowed.join(', ')}, where nothing of the internet is`);
  if (overlaps(range, cidrOf(ownServices))) throw new PublicRangeRefused(`${words}: ${ownServices} is that of the cloud's own services`);
  return text;
}

/** Whether an address is one of a range. */
export const isInRange = (cidr: string, address: string): boolean => holds(cidrOf(cidr), parseAddress(address)!);
