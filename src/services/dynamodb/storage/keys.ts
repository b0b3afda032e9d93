/** Where items and index entries lie in the store. */

import { hash } from 'node:crypto';
import { below, encodeKey, extendKey, justAfter } from '../../../store/keys.ts';
import type { Key } from '../../../store/store.ts';
import type { KeySchema, TableIndex, TableRecord } from '../tables/table.ts';
import { items } from '../tables.ts';
import type { AttributeValue, Item } from '../values/attribute-value.ts';
import { encodeKeyValue } from '../values/key-encoding.ts';
import { partitionKeys, sortKeys, valuesOf } from '../values/key-schema.ts';

/** Longer partition keys, and longer ends of index entries, are replaced by a hash: store keys are bounded. */
const partitionBytesInKeyMax = 64;
const suffixBytesMax = 128;
const wholeMark = Buffer.of(1);
const hashedMark = Buffer.of(2);

/** What the keys of one table's items, or one index's entries, begin with. */
export function spacePrefix(table: { account: string; region: string }, space: string): Key {
  return extendKey(items.prefix, [table.account, table.region, space]);
}

/** The keys of a space, from behind the one that a cursor stands for. */
export function spaceRange(table: { account: string; region: string }, space: string, cursor: string | undefined): { gte: Key; lt: Key } {
  const { gte, lt } = below(spacePrefix(table, space));
  return { gte: cursor === undefined ? gte : justAfter(Buffer.from(cursor, 'base64')), lt };
}

/** A key as records keep it, of work that goes on behind it. */
export const cursorOf = (key: Key): string => Buffer.from(key).toString('base64');

/** 32 bits of a hash, by which partitions are spread: scans go in its order, and segments are ranges of it. */
export function partitionHash(bytes: Uint8Array): Buffer {
  return hash('md5', Buffer.concat([Buffer.from('Outliers'), bytes]), 'buffer').subarray(0, 4);
}

/** The part of a key that stands for the partition key: its hash, then itself or, when long, a SHA-256 of it. */
export function partitionPart(bytes: Uint8Array): Buffer {
  const short = bytes.length <= partitionBytesInKeyMax;
  return Buffer.concat([partitionHash(bytes), short ? wholeMark : hashedMark, short ? bytes : hash('sha256', bytes, 'buffer')]);
}

/** The key of an item, of which only its key attributes are looked at: they have been checked. */
export function itemKey(table: TableRecord, item: Item): Key {
  return extendKey(spacePrefix(table, table.space), keyParts(table.keys, item));
}

function keyParts(keys: KeySchema, item: Item): Uint8Array[] {
  const partition = partitionPart(partitionBytes(valuesOf(partitionKeys(keys), item)));
  return [partition, ...valuesOf(sortKeys(keys), item).map(encodeKeyValue)];
}

/** The bytes of a partition key: of its one value, or of a tuple of its values. */
export function partitionBytes(values: readonly AttributeValue[]): Uint8Array {
  return values.length === 1 ? encodeKeyValue(values[0]!) : encodeKey(...values.map(encodeKeyValue));
}

/** What tells the items of a table apart, as the end of an entry's key. */
export const tableKeyParts = (table: TableRecord, item: Item): Uint8Array[] => keyParts(table.keys, item).map(bounded);

/** The key of an item's entry in an index: the index's keys, then the table's, of which a hash comes first, for that is AWS's order. */
export function indexEntryKey(table: TableRecord, index: TableIndex, item: Item): Key {
  const order = partitionHash(Buffer.concat(table.keys.map(({ name }) => encodeKeyValue(item[name]!))));
  const own = [order, ...tableKeyParts(table, item)];
  return extendKey(spacePrefix(table, index.space), [...keyParts(index.keys, item), ...own]);
}

function bounded(bytes: Uint8Array): Uint8Array {
  return bytes.length <= suffixBytesMax ? bytes : hash('sha256', bytes, 'buffer');
}

/** All rows of one partition of a table or index. */
export function partitionPrefix(table: TableRecord, space: string, partition: Uint8Array): Key {
  return extendKey(spacePrefix(table, space), [partitionPart(partition)]);
}
