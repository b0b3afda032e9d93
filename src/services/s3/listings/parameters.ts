/** The parameters that all listings share: how many, how encoded, and where the next page begins. */

import { badToken, invalidArgument } from '../errors.ts';
import { listedKeysMax } from '../limits.ts';

/** How many to list: at most 1,000, whatever was asked. */
export function pageSize(asked: number | undefined, name: string): number {
  if (asked === undefined) return listedKeysMax;
  if (!Number.isInteger(asked) || asked < 0 || asked > 0x7fffffff)
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, asked);
  return Math.min(asked, listedKeysMax);
}

/** How names are written in the answer: keys may hold characters that XML cannot. */
export function encoder(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
  return urlEncoded;
}

const kept = new Map([
  ['%2F', '/'],
  ['!', '%21'],
  ["'", '%27'],
  ['(', '%28'],
  [')', '%29'],
]);

/** Percent-encodes all but letters, digits and `-_.~*` and the slash. */
function urlEncoded(text: string): string {
  return encodeURIComponent(text).replace(/%2F|[!'()]/g, (found) => kept.get(found)!);
}

/** A continuation token carries the name after which the next page begins. */
export function tokenAfter(name: string): string {
  return `1${Buffer.from(name).toString('base64url')}`;
}

export function nameOfToken(token: string): string {
  const name = Buffer.from(token.slice(1), 'base64url').toString();
  if (token[0] !== '1' || tokenAfter(name) !== token) throw badToken();
  return name;
}
