/**
 * Entries of vector indexes: what an index carries of an item, and its vector as 32-bit floats beside it. They lie in the order of their
 * partitions, where the index has any, then of the table's keys.
 */

import { extendKey } from '../../../store/keys.ts';
import type { Key, WriteTransaction } from '../../../store/store.ts';
import { invalidParameters } from '../errors.ts';
import { partitionPart, spacePrefix, tableKeyParts } from '../storage/keys.ts';
import { dropParts, encodeRow, putRow } from '../storage/rows.ts';
import type { TableRecord } from '../tables/table.ts';
import { attributeOf, newItem, typeOf, type AttributeValue, type Item } from '../values/attribute-value.ts';
import { encodeKeyValue } from '../values/key-encoding.ts';
import { itemBytes } from '../values/size.ts';
import { projectedByVector, typedAttributes, vectorIndexes, type VectorIndex } from './vector-index.ts';

/** The numbers of a vector as 32-bit floats. Throws ValidationException for what is none. */
export function vectorOf(value: AttributeValue | readonly AttributeValue[], dimensions: number, name: string): Float32Array {
  const members = Array.isArray(value) ? (value as readonly AttributeValue[]) : (value as AttributeValue).L;
  if (members?.some((member) => member.N === undefined) !== false)
    throw invalidParameters(`Vector attribute ${name} must be a list of numbers`);
  if (members!.length !== dimensions)
    throw invalidParameters(`Vector attribute ${name} must have ${dimensions} dimensions, but has ${members!.length}`);
  const floats = Float32Array.from(members!, (member) => Number(member.N));
  if (!floats.every(Number.isFinite))
    throw invalidParameters(`Vector attribute ${name} has a value that does not fit a 32-bit floating point number`);
  return floats;
}

/** Throws ValidationException unless what vector indexes need of an item is of the right form. */
export function checkVectors(table: TableRecord, item: Item): void {
  for (const index of vectorIndexes(table)) {
    const value = attributeOf(item, index.attribute);
    if (value) vectorOf(value, index.dimensions, index.attribute);
    for (const { name, type } of typedAttributes(index)) {
      const held = attributeOf(item, name);
      if (held && held[type] === undefined)
        throw invalidParameters(`Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(held)} IndexName: ${index.name}`);
    }
  }
}

/** Whether an index has an entry of an item: it needs its vector, and its partition. An item may be older than the index. */
function isIndexed(index: VectorIndex, item: Item): boolean {
  const value = attributeOf(item, index.attribute);
  if (value?.L?.length !== index.dimensions || value.L.some(({ N }) => N === undefined || !Number.isFinite(Math.fround(Number(N)))))
    return false;
  return index.partition === undefined || attributeOf(item, index.partition.name)?.[index.partition.type] !== undefined;
}

/** The keys of one partition, or of the whole index where it has none. */
export function vectorPrefix(table: TableRecord, index: VectorIndex, partition: AttributeValue | undefined): Key {
  const prefix = spacePrefix(table, index.space);
  return partition ? extendKey(prefix, [partitionPart(encodeKeyValue(partition))]) : prefix;
}

function entryKey(table: TableRecord, index: VectorIndex, item: Item): Key {
  const prefix = vectorPrefix(table, index, index.partition && item[index.partition.name]!);
  return extendKey(prefix, tableKeyParts(table, item));
}

/** An entry as it lies there. */
export type VectorEntry = { item: { M: Item }; vector: { B: Uint8Array } };

function entryOf(table: TableRecord, index: VectorIndex, item: Item): Item {
  const projected = projectedByVector(table, index);
  const carried = newItem();
  // The vector stands beside, in the precision that the index has.
  for (const name of Object.keys(item)) if (name !== index.attribute && (projected?.has(name) ?? true)) carried[name] = item[name]!;
  const floats = vectorOf(item[index.attribute]!, index.dimensions, index.attribute);
  const entry = newItem();
  entry['item'] = { M: carried };
  entry['vector'] = { B: Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength) };
  return entry;
}

/** Brings an index up to date; gives the bytes that were written, zero where nothing was to be. */
export async function changeVectorEntry(
  tx: WriteTransaction,
  table: TableRecord,
  index: VectorIndex,
  old: Item | undefined,
  next: Item | undefined,
): Promise<number> {
  const before = old && isIndexed(index, old) ? { key: entryKey(table, index, old), entry: entryOf(table, index, old) } : undefined;
  const after = next && isIndexed(index, next) ? { key: entryKey(table, index, next), entry: entryOf(table, index, next) } : undefined;
  if (!before && !after) return 0;
  const seal = table.sse?.dataKey;
  const encoded = after && encodeRow(after.entry, undefined, seal);
  const isSame = before && after && Buffer.compare(before.key, after.key) === 0;
  if (isSame && encodeRow(before.entry, undefined).json === encoded!.json) return 0;
  if (before) {
    await dropParts(tx, before.key);
    if (!isSame) await tx.delete(before.key);
  }
  if (encoded) await putRow(tx, after.key, encoded);
  return itemBytes((after ?? before)!.entry);
}
