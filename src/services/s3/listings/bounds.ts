/** Bounds of a listing as keys of the store. */

import { extendKey, type KeyPart } from '../../../store/keys.ts';
import type { Key, ReadTransaction } from '../../../store/store.ts';
import type { Table } from '../../../store/table.ts';
import type { Bound, Scan } from './list.ts';

/** Scans a table whose key is a bucket's name and then the parts of a bound. */
export function scanBucket<Row extends object, Index extends string>(
  table: Table<Row, Index>,
  tx: ReadTransaction,
  bucket: string,
): Scan<Row> {
  const key = (bound: Bound): Key => extendKey(table.prefix, [bucket, ...(bound as readonly string[])]);
  return async (from, to, limit) => {
    // A string's key ends with a zero, and `after` begins at the zero behind it: without its own it begins at itself.
    const after = key(from).subarray(0, -1);
    const rows = await table.scan(tx, [bucket], { limit, after, ...(to && { before: key(to) }) });
    return rows.map(({ row }) => row);
  };
}

/** Rows with a number at the end of their key, from one number up to another, exclusive. */
export async function scanNumbers<Row extends object>(
  table: Table<Row, never>,
  tx: ReadTransaction,
  prefix: readonly KeyPart[],
  from: number,
  to: number,
  limit?: number,
): Promise<Row[]> {
  const key = (number: number): Key => extendKey(table.prefix, [...prefix, number]);
  const rows = await table.scan(tx, prefix, { after: key(from - 1), before: key(to), ...(limit !== undefined && { limit }) });
  return rows.map(({ row }) => row);
}
