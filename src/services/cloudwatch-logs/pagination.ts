/** Where the next page begins is a key, which callers hold as a token. */

import { invalidParameter } from './errors.ts';

/** The key after which a page begins. Throws InvalidParameterException. */
export function cursorOf(token: string | undefined): { after?: Uint8Array } {
  if (token === undefined) return {};
  if (!/^[A-Za-z0-9_-]{1,4000}$/.test(token)) throw invalidParameter('The specified nextToken is invalid.');
  return { after: Buffer.from(token, 'base64url') };
}

/** The token of the page after this one. */
export const tokenOf = (page: readonly { cursor: Uint8Array }[]): { nextToken?: string } =>
  page.length === 0 ? {} : { nextToken: Buffer.from(page.at(-1)!.cursor).toString('base64url') };
