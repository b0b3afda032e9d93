/** IPv6 addresses and ranges as numbers, and questions that are asked of ranges of either family. */

import { compileRange, ipv6Words } from '../../../framework/policy/ip-range.ts';

const bits = 128;
const wordBits = 16n;

export type Cidr6 = { /** The first address, as a number. */ first: bigint; length: number };

/** The number of an IPv6 address, or undefined for what is none. */
export function parseAddress6(text: string): bigint | undefined {
  const plain = text.toLowerCase();
  // What the range compiler takes for IPv4 is none here: mapped addresses stand for those.
  if (!plain.includes(':') || plain.includes('/') || plain.includes('.') || !compileRange(plain)) return undefined;
  return ipv6Words(plain).reduce((number, word) => (number << wordBits) | BigInt(word), 0n);
}

/** As RFC 5952 writes it: lower case, and the first of the longest runs of zeros left out. The kernel's tools print the same. */
export function formatAddress6(number: bigint): string {
  const words = Array.from({ length: 8 }, (_, at) => ((number >> (BigInt(7 - at) * wordBits)) & 0xffffn).toString(16));
  let run = { start: 0, length: 1 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === '0') length++;
    if (length > run.length) run = { start, length };
  }
  if (run.length < 2) return words.join(':');
  return `${words.slice(0, run.start).join(':')}::${words.slice(run.start + run.length).join(':')}`;
}

const hostBits = (length: number): bigint => BigInt(bits - length);

/** A range in CIDR notation, of which bits behind the prefix are cleared; undefined for what is none. */
export function parseCidr6(text: string): Cidr6 | undefined {
  const match = /^([0-9a-f:]+)\/(\d{1,3})$/i.exec(text);
  const address = match ? parseAddress6(match[1]!) : undefined;
  const length = Number(match?.[2]);
  if (address === undefined || length > bits) return undefined;
  return { first: (address >> hostBits(length)) << hostBits(length), length };
}

/** For ranges that a record holds, which were checked when they came. */
export function cidr6Of(text: string): Cidr6 {
  const cidr = parseCidr6(text);
  if (!cidr) throw new Error(`${text} is no IPv6 CIDR block`);
  return cidr;
}

export const formatCidr6 = ({ first, length }: Cidr6): string => `${formatAddress6(first)}/${length}`;
export const lastOf6 = ({ first, length }: Cidr6): bigint => first + (1n << hostBits(length)) - 1n;
export const holds6 = (cidr: Cidr6, address: bigint): boolean => address >= cidr.first && address <= lastOf6(cidr);
export const contains6 = (outer: Cidr6, inner: Cidr6): boolean => holds6(outer, inner.first) && inner.length >= outer.length;
export const overlaps6 = (a: Cidr6, b: Cidr6): boolean => a.first <= lastOf6(b) && b.first <= lastOf6(a);

/** As records write it; an address of IPv4, or no address, stays as it is. */
export function canonicalAddress(text: string): string {
  const number = parseAddress6(text);
  return number === undefined ? text : formatAddress6(number);
}

export const isIpv6 = (text: string): boolean => text.includes(':');
