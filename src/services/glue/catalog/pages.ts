/** Lists of the catalog, a hundred at a time at most; where the next page begins is a name, which callers hold as a token. */

import { invalidInput } from '../errors.ts';
import { listedMax } from '../limits.ts';

type Wanted = { NextToken?: string | undefined; MaxResults?: number | undefined };

/** How many are asked for, and after which cursor. Throws InvalidInputException. */
export function pageOf({ NextToken: token, MaxResults: count = listedMax }: Wanted): { limit: number; after?: Uint8Array } {
  if (!Number.isInteger(count) || count < 1 || count > listedMax) throw invalidInput(`MaxResults must be between 1 and ${listedMax}.`);
  if (!token) return { limit: count };
  if (!/^[A-Za-z0-9_-]{1,4000}$/.test(token)) throw invalidInput('The NextToken is not valid.');
  return { limit: count, after: Buffer.from(token, 'base64url') };
}

export function nextToken(page: readonly { cursor: Uint8Array }[], limit: number): { NextToken?: string } {
  return page.length < limit ? {} : { NextToken: Buffer.from(page.at(-1)!.cursor).toString('base64url') };
}
