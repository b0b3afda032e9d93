/** Key attributes of items and keys against the table and its indexes. */

import { invalidParameters, validationException } from '../errors.ts';
import { itemBytesMax, partitionKeyBytesMax, sortKeyBytesMax } from '../limits.ts';
import type { KeyAttribute, TableRecord } from '../tables/table.ts';
import type { CompiledUpdate, Mentions } from '../expressions/contract.ts';
import { attributeOf, typeOf, type AttributeValue, type Item } from '../values/attribute-value.ts';
import { checkVectors } from '../vectors/entries.ts';
import { itemBytes } from '../values/size.ts';

const keyMismatch = 'The provided key element does not match the schema';

/** Throws unless the key has exactly the key attributes of the table. */
export function checkKey(table: TableRecord, key: Item): void {
  if (Object.keys(key).length !== table.keys.length) throw validationException(keyMismatch);
  for (const [at, attribute] of table.keys.entries()) checkKeyPart(key, attribute, at === 0);
}

/** Throws unless the item has the table's key attributes, in the words of batches: PutItem tells more. */
export function checkKeysPresent(table: TableRecord, item: Item): void {
  for (const { name, type } of table.keys) if (attributeOf(item, name)?.[type] === undefined) throw validationException(keyMismatch);
}

/** One key attribute of a key, a starting key or a query. */
export function checkKeyPart(key: Item, { name, type }: KeyAttribute, isPartition: boolean): void {
  const value = attributeOf(key, name);
  if (value?.[type] === undefined) throw validationException(keyMismatch);
  if (isEmpty(value)) throw invalidParameters(emptyKey(value, name));
  checkKeySize(value, isPartition);
}

const emptyKey = (value: AttributeValue, name: string): string =>
  `The AttributeValue for a key attribute cannot contain an empty ${emptyKind(value)} value. Key: ${name}`;

/** Throws for a key of a transaction that is empty, which AWS looks at before the transaction has begun. */
export function refuseEmptyKey({ keys }: TableRecord, key: Item): void {
  for (const { name } of keys) {
    const value = attributeOf(key, name);
    if (value && isEmpty(value)) throw validationException(`One or more parameter values are not valid. ${emptyKey(value, name)}`);
  }
}

const isEmpty = (value: AttributeValue): boolean => value.S === '' || value.B?.byteLength === 0;
const emptyKind = (value: AttributeValue): string => (value.S === undefined ? 'binary' : 'string');

const keyBytes = (value: AttributeValue): number => (value.S === undefined ? (value.B?.byteLength ?? 0) : Buffer.byteLength(value.S));

/** Whether an attribute of an item that is there already may stand in a key: of a new index, say, which leaves out what does not fit. */
export function fitsKey(value: AttributeValue | undefined, { type }: KeyAttribute, isPartition: boolean): boolean {
  if (value?.[type] === undefined || isEmpty(value)) return false;
  return keyBytes(value) <= (isPartition ? partitionKeyBytesMax : sortKeyBytesMax);
}

function checkKeySize(value: AttributeValue, isPartition: boolean): void {
  const bytes = keyBytes(value);
  // The missing blank is AWS's.
  if (isPartition && bytes > partitionKeyBytesMax)
    throw invalidParameters(`Size of hashkey has exceeded the maximum size limit of${partitionKeyBytesMax} bytes`);
  if (!isPartition && bytes > sortKeyBytesMax)
    throw invalidParameters(`Aggregated size of all range keys has exceeded the size limit of ${sortKeyBytesMax} bytes`);
}

/** Throws unless an item has the table's key attributes and what indexes need is of the right type. */
export function checkItem(table: TableRecord, item: Item): void {
  for (const [at, { name, type }] of table.keys.entries()) {
    const value = attributeOf(item, name);
    if (!value) throw invalidParameters(`Missing the key ${name} in the item`);
    if (value[type] === undefined) throw invalidParameters(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
    // AWS words this differently for items and for keys.
    if (isEmpty(value)) throw validationException(`One or more parameter values are not valid. ${emptyKey(value, name)}`);
    checkKeySize(value, at === 0);
  }
  checkIndexKeys(table, item);
}

/** Global indexes first, as AWS does. */
export function checkIndexKeys(table: TableRecord, item: Item): void {
  if (table.vectors) checkVectors(table, item);
  if (table.indexes.length === 0) return;
  for (const index of table.indexes.toSorted((a, b) => (a.kind === b.kind ? 0 : a.kind === 'global' ? -1 : 1))) {
    for (const [at, { name, type }] of index.keys.entries()) {
      const value = attributeOf(item, name);
      if (!value) continue;
      if (value[type] === undefined) throw indexTypeMismatch(name, type, typeOf(value)!, index.name);
      if (isEmpty(value))
        throw validationException(
          `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${emptyKind(value)} value. IndexName: ${index.name}, IndexKey: ${name}`,
        );
      checkKeySize(value, at === 0);
    }
  }
}

const indexTypeMismatch = (name: string, expected: string, actual: string, index: string): Error =>
  invalidParameters(`Type mismatch for Index Key ${name} Expected: ${expected} Actual: ${actual} IndexName: ${index}`);

/** What can be said of an update before the item is known. */
export function checkUpdate(table: TableRecord, update: CompiledUpdate): void {
  for (const { name } of table.keys)
    if (update.paths.some((path) => path[0] === name))
      throw invalidParameters(`Cannot update attribute ${name}. This attribute is part of the key`);
  for (const index of table.indexes) {
    for (const { name, type } of index.keys) {
      const actual = update.assignedTypes.get(name);
      if (actual !== undefined && actual !== type) throw indexTypeMismatch(name, type, actual, index.name);
    }
  }
  checkScalarKeys(table, update);
}

/** Throws for paths that reach into key attributes. */
export function checkScalarKeys(table: TableRecord, mentions: Mentions | undefined): void {
  if (!mentions || mentions.nestedHeads.size === 0) return;
  const sentence = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ";
  for (const { name } of table.keys) if (mentions.nestedHeads.has(name)) throw validationException(`${sentence}Key: ${name}`);
  for (const { name } of table.indexes.flatMap((index) => index.keys))
    if (mentions.nestedHeads.has(name)) throw validationException(`${sentence}IndexKey: ${name}`);
}

/** Throws for an item that is too long. */
export function checkItemSize(item: Item, message = 'Item size has exceeded the maximum allowed size'): number {
  const bytes = itemBytes(item);
  if (bytes > itemBytesMax) throw validationException(message);
  return bytes;
}
