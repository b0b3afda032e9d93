/** Reads one page of a table or index: at most 1 MB of what lies in a range of keys, filtered and cut to what was asked for. */

import { below, extendKey, justAfter } from '../../../store/keys.ts';
import type { Key, ReadTransaction } from '../../../store/store.ts';
import type { KeyRange } from '../expressions/contract.ts';
import { newUnits, readFactor, readUnits, type Units } from '../items/capacity.ts';
import { pageBytesMax } from '../limits.ts';
import { itemKey, partitionBytes, partitionPrefix } from '../storage/keys.ts';
import { decodeRow, getRow, wholeRow, type Row } from '../storage/rows.ts';
import type { TableIndex, TableRecord } from '../tables/table.ts';
import { newItem, type Item } from '../values/attribute-value.ts';
import { encodeKeyValue } from '../values/key-encoding.ts';

/** Keys of the store, from one to before another. */
export type Stretch = { gte: Key; lt: Key };

export type PageRequest = {
  table: TableRecord;
  index: TableIndex | undefined;
  range: Stretch;
  reverse: boolean;
  limit: number | undefined;
  consistent: boolean | undefined;
  /** Whole items are fetched for a local index that does not carry them. */
  whole: boolean;
};

export type Page = { rows: Row[]; /** Where the next page begins. */ last: Item | undefined; units: Units };

const rowsPerRead = 200;

/** `forward` ranges begin after the starting key, others end before it. */
export function startAt(range: Stretch, start: Key, reverse: boolean): Stretch {
  if (reverse) return Buffer.compare(start, range.lt) < 0 ? { gte: range.gte, lt: start } : range;
  const after = justAfter(start);
  return Buffer.compare(after, range.gte) > 0 ? { gte: after, lt: range.lt } : range;
}

/** Where the items, or entries of an index, lie that key conditions ask for. */
export function stretchOf(table: TableRecord, index: TableIndex | undefined, { partition, equal, sort }: KeyRange): Stretch {
  const whole = partitionPrefix(table, index?.space ?? table.space, partitionBytes(partition));
  const prefix = extendKey(whole, equal.map(encodeKeyValue));
  const all = below(prefix);
  if (!sort) return all;
  const { gte, gt, lte, lt } = sort.bounds;
  const at = (bytes: Uint8Array): Stretch => below(extendKey(prefix, [bytes]));
  return {
    gte: gte ? at(gte).gte : gt ? at(gt).lt : all.gte,
    lt: lte ? at(lte).lt : lt ? at(lt).gte : all.lt,
  };
}

export async function readPage(tx: ReadTransaction, request: PageRequest): Promise<Page> {
  const { table, index, reverse, whole } = request;
  const sortKey = table.keys[1]?.name;
  const limit = request.limit ?? Infinity;
  const rows: Row[] = [];
  const sizes = { counted: 0, bytes: 0, units: 0 };
  let { range } = request;
  for (let full = false; !full;) {
    const wanted = Math.min(rowsPerRead, limit - rows.length);
    const entries = await tx.range({ ...range, reverse, limit: wanted });
    for (const [key, value] of entries) {
      // Most rows are whole, and a promise for each would cost more than the row.
      const row = wholeRow(value, sortKey) ?? (await decodeRow(tx, key, value, sortKey));
      sizes.bytes += row.bytes;
      sizes.counted += row.pageBytes;
      rows.push(whole ? await wholeItem(tx, request, row.item, sizes) : row);
      full = sizes.counted >= pageBytesMax || rows.length >= limit;
      if (full) return { rows, last: startKeyOf(table, index, row.item), units: unitsOf(request, sizes) };
    }
    if (entries.length < wanted) break;
    range = startAt(range, entries.at(-1)![0], reverse);
  }
  return { rows, last: undefined, units: unitsOf(request, sizes) };
}

/** The item that a local index's entry stands for; each is read, and paid for, by itself. */
async function wholeItem(tx: ReadTransaction, { table, consistent }: PageRequest, entry: Item, sizes: { units: number }): Promise<Row> {
  const row = (await getRow(tx, itemKey(table, entry)))!;
  sizes.units += readUnits(row.bytes, readFactor(consistent));
  return row;
}

function unitsOf({ index, consistent }: PageRequest, sizes: { bytes: number; units: number }): Units {
  const units = newUnits('read');
  const read = readUnits(sizes.bytes, readFactor(consistent));
  if (index) units[index.kind].set(index.name, read);
  else units.table = read;
  units.table += sizes.units;
  return units;
}

/** The key attributes of the table and of the index. */
function startKeyOf(table: TableRecord, index: TableIndex | undefined, item: Item): Item {
  const key = newItem();
  for (const { name } of [...table.keys, ...(index?.keys ?? [])]) key[name] = item[name]!;
  return key;
}
