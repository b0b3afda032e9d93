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
