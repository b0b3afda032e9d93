/** Pages of lists that are made anew for each call: the token is the position of what comes next. */

import { validation } from './errors.ts';
import { perPageMax } from './limits.ts';

type Wanted = { nextToken?: string | undefined; maxResults?: number | undefined };

/** Throws ValidationException. A size of nothing is the greatest, as AWS has it. */
export function pageOf<Row>(all: readonly Row[], { nextToken: token, maxResults: wanted }: Wanted): { page: Row[]; nextToken?: string } {
  if (wanted !== undefined && (wanted < 0 || wanted > perPageMax)) throw validation(`maxResults must be from 1 to ${perPageMax}.`);
  const position = token === undefined ? '0' : Buffer.from(token, 'base64').toString();
  if (!/^\d{1,9}$/.test(position)) throw validation('The nextToken is not valid.');
  const start = Number(position);
  const end = start + (wanted || perPageMax);
  return {
    page: all.slice(start, end),
    ...(end < all.length && { nextToken: Buffer.from(String(end)).toString('base64') }),
  };
}
