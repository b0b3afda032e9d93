/** Pages of Glacier's lists: a marker names the first entry of the page that follows. */

import { invalidLimit } from './errors.ts';

/** How many entries a page may have. Throws InvalidParameterValueException. */
export function pageLimit(limit: number | undefined, max: number): number {
  if (limit === undefined) return max;
  if (!Number.isInteger(limit) || limit < 1 || limit > max) throw invalidLimit(limit);
  return limit;
}

/** The entries of one page, of which one more than `limit` was read, and the marker of the next. */
export function pageOf<Row>(rows: readonly Row[], limit: number, markerOf: (row: Row) => string): { rows: Row[]; Marker?: string } {
  const next = rows[limit];
  return { rows: rows.slice(0, limit), ...(next !== undefined && { Marker: markerOf(next) }) };
}
