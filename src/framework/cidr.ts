/** IPv4 addresses and ranges as numbers. */

export type Cidr = { /** The first address, as a number. */ first: number; length: number };

/** The number of an address in dotted form, or undefined. */
export function parseAddress(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let number = 0;
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    number = number * 256 + Number(part);
  }
  return number;
}

export function formatAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** A range in CIDR notation, of which bits behind the prefix are cleared; undefined for what is none. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text);
  const address = match ? parseAddress(match[1]!) : undefined;
  const length = Number(match?.[2]);
  if (address === undefined || length > 32) return undefined;
  const size = 2 ** (32 - length);
  return { first: Math.floor(address / size) * size, length };
}

/** For ranges that a record holds, which were checked when they came. */
export function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`${text} is no CIDR block`);
  return cidr;
}

export const formatCidr = ({ first, length }: Cidr): string => `${formatAddress(first)}/${length}`;
export const sizeOf = ({ length }: Cidr): number => 2 ** (32 - length);
export const lastOf = (cidr: Cidr): number => cidr.first + sizeOf(cidr) - 1;
export const contains = (outer: Cidr, inner: Cidr): boolean => inner.first >= outer.first && lastOf(inner) <= lastOf(outer);
export const overlaps = (a: Cidr, b: Cidr): boolean => a.first <= lastOf(b) && b.first <= lastOf(a);
export const holds = (cidr: Cidr, address: number): boolean => address >= cidr.first && address <= lastOf(cidr);
