/** Key attributes of items and keys against the table and its indexes. */

import { invalidParameters, validationException } from '../errors.ts';
import { itemBytesMax, partitionKeyBytesMax, sortKeyBytesMax } from '../limits.ts';
import type { KeyAttribute, KeySchema, TableRecord } from '../tables/table.ts';
import type { CompiledUpdate, Mentions } from '../expressions/contract.ts';
import { attributeOf, typeOf, type AttributeValue, type Item } from '../values/attribute-value.ts';
import { checkVectors } from '../vectors/entries.ts';
import { isPartitionKey } from '../values/key-schema.ts';
import { itemBytes, valueBytes } from '../values/size.ts';

const keyMismatch = 'The provided key element does not match the schema';

/** Throws unless the key has exactly the key attributes of the table. */
export function checkKey(table: TableRecord, key: Item): void {
  if (Object.keys(key).length !== table.keys.length) throw validationException(keyMismatch);
  checkKeyParts(table.keys, key);
}

/** Throws unless the key attributes of a schema are in a key, as they have to be. */
export function checkKeyParts(keys: KeySchema, key: Item): void {
  const counted = newKeySizes();
  for (const [at, attribute] of keys.entries()) checkKeyPart(key, attribute, isPartitionKey(attribute, at), counted);
}

/** Throws unless the item has the table's key attributes, in the words of batches: PutItem tells more. */
export function checkKeysPresent(table: TableRecord, item: Item): void {
  for (const { name, type } of table.keys) if (attributeOf(item, name)?.[type] === undefined) throw validationException(keyMismatch);
}

/** One key attribute of a key, a starting key or a query. */
export function checkKeyPart(key: Item, { name, type }: KeyAttribute, isPartition: boolean, counted: KeySizes): void {
  const value = attributeOf(key, name);
  if (value?.[type] === undefined) throw validationException(keyMismatch);
  if (isEmpty(value)) throw invalidParameters(emptyKey(value, name));
  checkKeySize(value, isPartition, counted);
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

/** What the attributes of a key that were looked at have taken, in bytes. */
export type KeySizes = { partition: number; sort: number };
export const newKeySizes = (): KeySizes => ({ partition: 0, sort: 0 });

/** Partition attributes count together, and so do sort attributes. */
function countKey(value: AttributeValue, isPartition: boolean, counted: KeySizes): void {
  counted[isPartition ? 'partition' : 'sort'] += valueBytes(value);
}

/** Whether an item that is there already may stand in an index by its keys: in a new one, say, which leaves out what does not fit. */
export function fitsKeys(item: Item, keys: KeySchema): boolean {
  const counted = newKeySizes();
  for (const [at, key] of keys.entries()) {
    const value = attributeOf(item, key.name);
    if (value?.[key.type] === undefined || isEmpty(value)) return false;
    countKey(value, isPartitionKey(key, at), counted);
  }
  return counted.partition <= partitionKeyBytesMax && counted.sort <= sortKeyBytesMax;
}

function checkKeySize(value: AttributeValue, isPartition: boolean, counted: KeySizes): void {
  countKey(value, isPartition, counted);
  // The missing blank is AWS's.
  if (counted.partition > partitionKeyBytesMax)
    throw invalidParameters(`Size of hashkey has exceeded the maximum size limit of${partitionKeyBytesMax} bytes`);
  if (counted.sort > sortKeyBytesMax)
    throw invalidParameters(`Aggregated size of all range keys has exceeded the size limit of ${sortKeyBytesMax} bytes`);
}

/** Throws unless an item has the table's key attributes and what indexes need is of the right type. */
export function checkItem(table: TableRecord, item: Item): void {
  const counted = newKeySizes();
  for (const [at, { name, type }] of table.keys.entries()) {
    const value = attributeOf(item, name);
    if (!value) throw invalidParameters(`Missing the key ${name} in the item`);
    if (value[type] === undefined) throw invalidParameters(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
    // AWS words this differently for items and for keys.
    if (isEmpty(value)) throw validationException(`One or more parameter values are not valid. ${emptyKey(value, name)}`);
    checkKeySize(value, at === 0, counted);
  }
  checkIndexKeys(table, item);
}

/** Global indexes first, as AWS does. */
export function checkIndexKeys(table: TableRecord, item: Item): void {
  if (table.vectors) checkVectors(table, item);
  if (table.indexes.length === 0) return;
  for (const index of table.indexes.toSorted((a, b) => (a.kind === b.kind ? 0 : a.kind === 'global' ? -1 : 1))) {
    const counted = newKeySizes();
    for (const [at, key] of index.keys.entries()) {
      const { name, type } = key;
      const value = attributeOf(item, name);
      if (!value) continue;
      if (value[type] === undefined) throw indexTypeMismatch(name, type, typeOf(value)!, index.name);
      if (isEmpty(value))
        throw validationException(
          `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${emptyKind(value)} value. IndexName: ${index.name}, IndexKey: ${name}`,
        );
      checkKeySize(value, isPartitionKey(key, at), counted);
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
