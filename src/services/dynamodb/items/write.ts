/** One change of one item inside a transaction: condition, row, index entries. Every call that writes comes through here. */

import type { Key, WriteTransaction } from '../../../store/store.ts';
import { appendChange, type Moment } from '../change-feeds/append.ts';
import type { CompiledCondition, CompiledUpdate } from '../expressions/contract.ts';
import { conditionFailed } from '../errors.ts';
import { indexEntryKey, itemKey } from '../storage/keys.ts';
import { deleteRow, dropParts, encodeRow, getRow, putRow, type Row } from '../storage/rows.ts';
import { indexKeyTypes, projectedAttributes, type TableIndex, type TableRecord } from '../tables/table.ts';
import { attributeOf, newItem, type Item } from '../values/attribute-value.ts';
import { itemBytes } from '../values/size.ts';
import { changeVectorEntry } from '../vectors/entries.ts';
import { addUnits, newUnits, writeUnits, type Units } from './capacity.ts';
import { checkIndexKeys, checkItemSize } from './key-checks.ts';

/** What is to be done with the item of a key. `key` may be the whole item; it has been checked. */
export type Change = {
  key: Item;
  condition?: CompiledCondition | undefined;
  /** A failed condition tells the item. */
  tellItem?: boolean;
} & ({ kind: 'put'; item: Item } | { kind: 'delete' } | { kind: 'update'; update: CompiledUpdate | undefined } | { kind: 'check' });

/** `old` is parsed when it is looked at. */
export type Changed = { readonly old: Item | undefined; next: Item | undefined; units: Units };

/** Throws ConditionalCheckFailedException; ValidationException for an update that does not fit the item. */
export async function changeItem(tx: WriteTransaction, table: TableRecord, change: Change, moment: Moment, factor = 1): Promise<Changed> {
  const key = itemKey(table, change.key);
  const row = await getRow(tx, key);
  if (change.condition && !change.condition.matches(row?.item)) throw conditionFailed(change.tellItem ? row?.item : undefined);
  const units = newUnits('write');
  if (change.kind === 'check') {
    units.table = writeUnits(row?.bytes ?? 0, factor);
    return { old: row?.item, next: row?.item, units };
  }
  const next = nextItem(table, change, row);
  const encoded = next && encodeRow(next, table.keys[1]?.name, table.sse?.dataKey);
  units.table = writeUnits(Math.max(encoded?.bytes ?? 0, row?.bytes ?? 0), factor);
  if (encoded) await putRow(tx, key, encoded, row?.parts);
  else if (row) await deleteRow(tx, key, row.parts);
  for (const index of table.indexes) {
    if (index.status === 'DELETING') continue;
    const used = await changeEntry(tx, table, index, row?.item, next);
    if (used > 0) addUnits(units[index.kind], index.name, used * factor);
  }
  for (const index of table.vectors ?? []) {
    const bytes = await changeVectorEntry(tx, table, index, row?.item, next);
    if (bytes > 0) addUnits((units.vector ??= new Map()), index.name, bytes);
  }
  if (table.feeds) await appendChange(tx, table, { row, next, encoded }, moment);
  return {
    get old() {
      return row?.item;
    },
    next,
    units,
  };
}

function nextItem(table: TableRecord, change: Exclude<Change, { kind: 'check' }>, row: Row | undefined): Item | undefined {
  if (change.kind === 'put') return change.item;
  if (change.kind === 'delete') return undefined;
  const before = row?.item ?? keyOf(table, change.key);
  if (!change.update) return before;
  const next = change.update.apply(before, table.indexes.length > 0 ? indexKeyTypes(table) : undefined);
  // What takes away from an item that is not there makes none.
  if (!row && change.update.paths.length > 0 && Object.keys(next).length === table.keys.length) return undefined;
  checkIndexKeys(table, next);
  checkItemSize(next, 'Item size to update has exceeded the maximum allowed size');
  return next;
}

/** The key attributes of an item. */
export function keyOf(table: TableRecord, item: Item): Item {
  const key = newItem();
  for (const { name } of table.keys) key[name] = item[name]!;
  return key;
}

/** What an index holds of an item; undefined when the item lacks one of its keys. */
export function entryOf(table: TableRecord, index: TableIndex, item: Item | undefined): Item | undefined {
  if (!item || index.keys.some(({ name }) => attributeOf(item, name) === undefined)) return undefined;
  const projected = projectedAttributes(table, index);
  if (!projected) return item;
  const entry = newItem();
  for (const name of Object.keys(item)) if (projected.has(name)) entry[name] = item[name]!;
  return entry;
}

/** Brings an index up to date; gives the units that it took. */
export async function changeEntry(
  tx: WriteTransaction,
  table: TableRecord,
  index: TableIndex,
  old: Item | undefined,
  next: Item | undefined,
): Promise<number> {
  const [before, after] = [entryOf(table, index, old), entryOf(table, index, next)];
  if (!before && !after) return 0;
  const beforeKey = before && indexEntryKey(table, index, before);
  const afterKey = after && indexEntryKey(table, index, after);
  if (beforeKey && afterKey && Buffer.compare(beforeKey, afterKey) === 0) {
    if (sameItem(before!, after!)) return 0;
    await dropPartsOfLong(tx, beforeKey, before!);
    const { bytes } = await putEntry(tx, table, afterKey, after!);
    return writeUnits(Math.max(itemBytes(before!), bytes));
  }
  let units = 0;
  if (beforeKey) {
    await dropPartsOfLong(tx, beforeKey, before!);
    await tx.delete(beforeKey);
    units += writeUnits(itemBytes(before!));
  }
  if (afterKey) {
    units += writeUnits((await putEntry(tx, table, afterKey, after!)).bytes);
  }
  return units;
}

/** Writes an item's entry in an index. */
export async function putEntry(tx: WriteTransaction, table: TableRecord, key: Key, entry: Item): Promise<{ bytes: number }> {
  const encoded = encodeRow(entry, table.keys[1]?.name, table.sse?.dataKey);
  await putRow(tx, key, encoded);
  return encoded;
}

/** An entry is not read before it is written, so its parts are dropped when it may have had some. */
const mayHavePartsBytes = 2_000;

async function dropPartsOfLong(tx: WriteTransaction, key: Key, item: Item): Promise<void> {
  if (itemBytes(item) > mayHavePartsBytes) await dropParts(tx, key);
}

function sameItem(a: Item, b: Item): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
