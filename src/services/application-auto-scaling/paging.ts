/** Pages of what Describe operations list: a token names the last one that was told. */

import { invalidToken, validationException } from './errors.ts';
import { listedMax } from './limits.ts';

type Asked = { MaxResults?: number | undefined; NextToken?: string | undefined };

/** `nameOf` tells rows apart and gives their order. */
export function pageOf<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
  { MaxResults, NextToken }: Asked,
): { page: Row[]; NextToken?: string } {
  const max = MaxResults ?? listedMax;
  if (max < 1 || max > listedMax) throw validationException(`MaxResults must be between 1 and ${listedMax}`);
  const after = NextToken === undefined ? undefined : Buffer.from(NextToken, 'base64url').toString();
  const start = after === undefined ? 0 : rows.findIndex((row) => nameOf(row) === after) + 1;
  if (after !== undefined && start === 0) throw invalidToken();
  const page = rows.slice(start, start + max);
  const isMore = start + max < rows.length;
  return { page, ...(isMore && { NextToken: Buffer.from(nameOf(page.at(-1)!)).toString('base64url') }) };
}
