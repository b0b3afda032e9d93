/** Lists of a hundred: where the next page begins is a key, which callers hold as a token. */

import { invalidParameter } from './errors.ts';
import { pageRows } from './limits.ts';

/** The key after which a page begins. Throws InvalidParameter. */
export function cursorOf(token: string | undefined): { after?: Uint8Array } {
  if (token === undefined || token === '') return {};
  if (!/^[A-Za-z0-9_+/=-]{1,4000}$/.test(token)) throw invalidParameter('NextToken');
  return { after: Buffer.from(token, 'base64') };
}

/** The token of the next page, when this one is full. */
export function tokenOf(page: readonly { cursor: Uint8Array }[], rows = pageRows): { NextToken?: string } {
  return page.length < rows ? {} : { NextToken: Buffer.from(page.at(-1)!.cursor).toString('base64') };
}
