/** Pages of KMS's lists: a marker is where the page before ended. */

import type { ReadTransaction } from '../../store/store.ts';
import type { Page, Scanned } from '../../store/table.ts';
import { constraint, invalidMarker } from './errors.ts';
import { listedDefault, listedMax } from './limits.ts';
import type { ServiceRequest } from '../../framework/request.ts';

type PageInput = { Limit?: number | undefined; Marker?: string | undefined };
type Limits = { standard: number; max: number };

/** One page of what `scan` reads. Throws ValidationException, InvalidMarkerException. */
export async function page<Row>(
  request: ServiceRequest,
  input: PageInput,
  scan: (tx: ReadTransaction, page: Page) => Promise<Scanned<Row>[]>,
  { standard, max }: Limits = { standard: listedDefault, max: listedMax },
): Promise<{ rows: Row[]; next: { Truncated: boolean; NextMarker?: string } }> {
  const limit = input.Limit ?? standard;
  if (!Number.isInteger(limit) || limit < 1) throw constraint('limit', limit, 'have value greater than or equal to 1');
  if (limit > max) throw constraint('limit', limit, `have value less than or equal to ${max}`);
  const after = input.Marker === undefined ? undefined : cursorOf(input.Marker);
  const found = await request.store.read((tx) => scan(tx, { limit: limit + 1, ...(after && { after }) }));
  const shown = found.slice(0, limit);
  const more = found.length > limit;
  return {
    rows: shown.map(({ row }) => row),
    next: { Truncated: more, ...(more && { NextMarker: Buffer.from(shown.at(-1)!.cursor).toString('base64url') }) },
  };
}

function cursorOf(marker: string): Uint8Array {
  const cursor = Buffer.from(marker, 'base64url');
  if (cursor.length === 0 || cursor.length > 2000 || cursor.toString('base64url') !== marker) throw invalidMarker();
  return cursor;
}
