/** Marker, MaxItems and IsTruncated, for every list of IAM. */

import type { KeyPart } from '../../store/keys.ts';
import { encodeKey } from '../../store/keys.ts';
import type { Key, ReadTransaction } from '../../store/store.ts';
import type { AnyTable, Table } from '../../store/table.ts';
import { limits } from './limits.ts';

export type PageInput = { Marker?: string; MaxItems?: number };
export type PageOutput = { IsTruncated: boolean; Marker?: string };

/** One page of rows below a key prefix, in key order. `keep` leaves rows out; the page is still filled. */
export async function tablePage<Row extends object>(
  tx: ReadTransaction,
  table: Table<Row, any>,
  prefix: readonly KeyPart[],
  input: PageInput,
  keep: (row: Row) => boolean = () => true,
): Promise<PageOutput & { rows: Row[] }> {
  const size = input.MaxItems ?? limits.pageItemsDefault;
  const start = startOf(table, prefix);
  let after: Key | undefined = input.Marker === undefined ? undefined : Buffer.concat([start, Buffer.from(input.Marker, 'base64url')]);
  const found: { row: Row; cursor: Key }[] = [];
  while (found.length <= size) {
    const limit = Math.max(size + 1 - found.length, 50);
    const scanned = await table.scan(tx, prefix, { limit, ...(after && { after }) });
    found.push(...scanned.filter(({ row }) => keep(row)));
    if (scanned.length < limit) break;
    after = scanned.at(-1)!.cursor;
  }
  const page = found.slice(0, size);
  const rows = page.map(({ row }) => row);
  if (found.length <= size) return { rows, IsTruncated: false };
  // The marker is the part of the key after the prefix: it cannot point outside of the caller's own rows.
  return { rows, IsTruncated: true, Marker: Buffer.from(page.at(-1)!.cursor.subarray(start.length)).toString('base64url') };
}

function startOf(table: AnyTable, prefix: readonly KeyPart[]): Buffer {
  return Buffer.concat([table.prefix, encodeKey(...prefix)]);
}

/** One page of a list that is already in memory, in the order of `keyOf`. */
export function page<Item>(items: readonly Item[], input: PageInput, keyOf: (item: Item) => string): PageOutput & { items: Item[] } {
  const size = input.MaxItems ?? limits.pageItemsDefault;
  const after = input.Marker === undefined ? undefined : Buffer.from(input.Marker, 'base64url').toString();
  const keyed = items.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const rest = after === undefined ? keyed : keyed.filter(({ key }) => key > after);
  const cut = rest.slice(0, size);
  const output = { items: cut.map(({ item }) => item) };
  if (rest.length <= size) return { ...output, IsTruncated: false };
  return { ...output, IsTruncated: true, Marker: Buffer.from(cut.at(-1)!.key).toString('base64url') };
}

/** One page of rows that an index finds, all of which are few (the groups of one user, the profiles of one role). */
export async function indexRows<Row extends object, Index extends string>(
  tx: ReadTransaction,
  table: Table<Row, Index>,
  index: Index,
  parts: readonly KeyPart[],
): Promise<Row[]> {
  return (await table.scanIndex(tx, index, parts)).map(({ row }) => row);
}
