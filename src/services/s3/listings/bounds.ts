/** Bounds of a listing as keys of the store. */

import { below, decodeKey, extendKey, type KeyPart } from '../../../store/keys.ts';
import type { Key, ReadTransaction } from '../../../store/store.ts';
import type { Table } from '../../../store/table.ts';
import type { Bound, RollUp, Scan } from './list.ts';

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

/** The same for a table of whose key the name is the last part: it can roll up. */
export function rollUpBucket<Row extends object, Index extends string>(
  table: Table<Row, Index>,
  tx: ReadTransaction,
  bucket: string,
): RollUp<Row> {
  const key = (text: string): Key => extendKey(table.prefix, [bucket, text]);
  return async (from, to, { prefix, delimiter, limit }) => {
    const found = await table.rollUp(tx, {
      gte: key(from[0]),
      lt: to ? key(to[0]) : below(extendKey(table.prefix, [bucket])).lt,
      // A text's key ends with a zero.
      from: key(prefix).length - 1,
      mark: Buffer.from(delimiter),
      limit,
    });
    return found.map((one) => ('row' in one ? one : { commonPrefix: textOf(one.beginning, table.prefix) }));
  };
}

/** The name in a key that was cut off inside it. */
function textOf(beginning: Key, prefix: Key): string {
  return decodeKey(Buffer.concat([beginning.subarray(prefix.length), Buffer.of(0)]))[1] as string;
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
