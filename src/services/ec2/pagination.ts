/** Pages of Describe calls: a token says where the last page ended, and only for the same kind of list. */

import { invalidParameterValue } from './errors.ts';

export type PageInput = { MaxResults?: number | undefined; NextToken?: string | undefined };
export type PageLimits = { min: number; max: number };

const standard: PageLimits = { min: 5, max: 1000 };

/** How many rows a page has at most, and after which key it begins. */
export function pageOf(list: string, input: PageInput, { min, max }: PageLimits = standard): { limit?: number; after?: Uint8Array } {
  const limit = input.MaxResults;
  if (limit !== undefined && (!Number.isInteger(limit) || limit < min))
    throw invalidParameterValue(`Value ( ${limit} ) for parameter maxResults is invalid. Expecting a value greater than ${min}.`);
  return {
    ...(limit !== undefined && { limit: Math.min(limit, max) }),
    ...(input.NextToken && { after: cursorOf(list, input.NextToken) }),
  };
}

type Reader<Row> = (page: { limit: number; after?: Uint8Array }) => Promise<readonly { row: Row; cursor: Uint8Array }[]>;

const rowsPerRead = 500;

/**
 * Reads on until as many are found as a page may have, with a token where more rows come after them.
 * @param take gives what is shown of a row, or nothing.
 * @param rows those with which the first page begins.
 */
export async function readPage<Row, Shown>(
  list: string,
  { limit = Infinity, after }: { limit?: number | undefined; after?: Uint8Array | undefined },
  read: Reader<Row>,
  take: (row: Row) => Shown | undefined | Promise<Shown | undefined>,
  rows: Shown[] = [],
): Promise<{ rows: Shown[]; next: { NextToken?: string } }> {
  for (let from = after; ;) {
    const page = await read({ limit: rowsPerRead, ...(from && { after: from }) });
    for (const [at, { row, cursor }] of page.entries()) {
      const shown = await take(row);
      if (shown !== undefined) rows.push(shown);
      const more = at < page.length - 1 || page.length === rowsPerRead;
      if (rows.length >= limit && more) return { rows, next: { NextToken: tokenOf(list, cursor) } };
    }
    if (page.length < rowsPerRead) return { rows, next: {} };
    from = page.at(-1)!.cursor;
  }
}

export function tokenOf(list: string, cursor: Uint8Array): string {
  return Buffer.from(JSON.stringify([list, Buffer.from(cursor).toString('base64')])).toString('base64url');
}

function cursorOf(list: string, token: string): Uint8Array {
  try {
    const [name, cursor] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, string];
    if (name === list && typeof cursor === 'string' && cursor.length <= 4000) return Buffer.from(cursor, 'base64');
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw invalidParameterValue('Unable to parse pagination token');
}
