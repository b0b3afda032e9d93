/** Where the next page begins is a key, which callers hold as a token. */

import type { Page, Scanned } from '../../store/table.ts';
import { constraint, invalidParameter } from './errors.ts';

/** The key after which a page begins. Throws InvalidParameterException. */
export function cursorOf(token: string | undefined): { after?: Uint8Array } {
  if (token === undefined) return {};
  if (!/^[A-Za-z0-9_-]{1,4000}$/.test(token)) throw invalidParameter('The specified nextToken is invalid.');
  return { after: Buffer.from(token, 'base64url') };
}

/** The token of the page after this one. */
export const tokenOf = (page: readonly { cursor: Uint8Array }[]): { nextToken?: string } =>
  page.length === 0 ? {} : { nextToken: Buffer.from(page.at(-1)!.cursor).toString('base64url') };

/** How many are asked for: as many as are allowed where the call does not say. Throws InvalidParameterException. */
export function checkLimit(limit: number | undefined, max: number): number {
  if (limit === undefined) return max;
  if (limit < 1) throw constraint('limit', String(limit), 'Member must have value greater than or equal to 1');
  if (limit > max) throw constraint('limit', String(limit), `Member must have value less than or equal to ${max}`);
  return limit;
}

const scannedRows = 200;

/** The next rows that are wanted, up to a limit, and the token of those behind them. */
export async function wantedRows<Row>(
  scan: (page: Page) => Promise<Scanned<Row>[]>,
  wanted: (row: Row) => boolean,
  limit: number,
  token: string | undefined,
): Promise<{ rows: Row[]; nextToken?: string }> {
  const found: Scanned<Row>[] = [];
  for (let from = cursorOf(token); ;) {
    const page = await scan({ limit: scannedRows, ...from });
    found.push(...page.filter(({ row }) => wanted(row)));
    if (found.length > limit || page.length < scannedRows) break;
    from = { after: page.at(-1)!.cursor };
  }
  const shown = found.slice(0, limit);
  return { rows: shown.map(({ row }) => row), ...(found.length > limit && tokenOf(shown)) };
}
