/** IP addresses and CIDR ranges of both families, for IpAddress conditions. */

import { isIPv4, isIPv6 } from 'node:net';

type Address = { family: 4 | 6; words: readonly number[] };

/** A range as a test, or undefined when the text is no address and no CIDR range. */
export function compileRange(text: string): ((address: string) => boolean) | undefined {
  const [host, length, ...rest] = text.split('/');
  const network = parseAddress(host!);
  if (!network || rest.length > 0) return undefined;
  const widthMax = network.family === 4 ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const bits = length === undefined ? widthMax : Number(length);
  if (bits > widthMax) return undefined;
  return (candidate) => {
    const address = parseAddress(candidate);
    return address !== undefined && address.family === network.family && sharesPrefix(address.words, network.words, bits);
  };
}

function sharesPrefix(a: readonly number[], b: readonly number[], bits: number): boolean {
  for (let i = 0; bits > 0; i++, bits -= 16) {
    const mask = bits >= 16 ? 0xffff : (0xffff << (16 - bits)) & 0xffff;
    if (((a[i]! ^ b[i]!) & mask) !== 0) return false;
  }
  return true;
}

/** IPv4 addresses mapped into IPv6 (`::ffff:192.0.2.1`, as dual-stack sockets show them) count as IPv4. */
function parseAddress(text: string): Address | undefined {
  const plain = text.toLowerCase().startsWith('::ffff:') && isIPv4(text.slice(7)) ? text.slice(7) : text;
  if (isIPv4(plain)) return { family: 4, words: ipv4Words(plain) };
  if (!isIPv6(plain) || plain.includes('%')) return undefined;
  return { family: 6, words: ipv6Words(plain) };
}

/** The eight groups of a well-formed IPv6 address without a zone. */
export function ipv6Words(plain: string): number[] {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  const hex = dotted
    ? dotted[1]! +
      ipv4Words(dotted[2]!)
        .map((word) => word.toString(16))
        .join(':')
    : plain;
  const [head, tail] = hex.split('::');
  const front = head ? head.split(':') : [];
  const back = tail ? tail.split(':') : [];
  const zeros = hex.includes('::') ? Array<string>(8 - front.length - back.length).fill('0') : [];
  return [...front, ...zeros, ...back].map((word) => Number.parseInt(word, 16));
}

function ipv4Words(text: string): number[] {
  const [a, b, c, d] = text.split('.').map(Number);
  return [a! * 256 + b!, c! * 256 + d!];
}
