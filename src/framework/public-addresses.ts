/** Public addresses of the whole cloud: the range that they come from, and those that are in use, whoever's they are. */

import { table } from '../store/table.ts';

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
  const range = parse(text);
  const words = `'${text}' cannot be the range of public addresses`;
  if (!range) throw new PublicRangeRefused(`${words}: it takes a block like ${defaultPublicRange}`);
  if (range.length < lengthLeast || range.length > lengthMost)
    throw new PublicRangeRefused(`${words}: it has between /${lengthLeast} and /${lengthMost} addresses`);
  if (!allowed.some((outer) => isWithin(range, parse(outer)!)))
    throw new PublicRangeRefused(`${words}: it lies within ${allowed.join(', ')}, where nothing of the internet is`);
  const own = parse(ownServices)!;
  if (isWithin(range, own) || isWithin(own, range))
    throw new PublicRangeRefused(`${words}: ${ownServices} is that of the cloud's own services`);
  return text;
}

/** Whether an address is one of a range. */
export function isInRange(cidr: string, address: string): boolean {
  return isWithin(parse(`${address}/32`)!, parse(cidr)!);
}

type Range = { first: number; length: number };

/** Undefined for what is no block: bits beyond its length are none of it. */
function parse(text: string): Range | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!found) return undefined;
  const [a, b, c, d, length] = found.slice(1).map(Number) as [number, number, number, number, number];
  if ([a, b, c, d].some((part) => part > 255) || length > 32) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  return first % 2 ** (32 - length) === 0 ? { first, length } : undefined;
}

const isWithin = (inner: Range, outer: Range): boolean =>
  inner.length >= outer.length && Math.floor(inner.first / 2 ** (32 - outer.length)) === outer.first / 2 ** (32 - outer.length);
