/** Reads and writes items and index entries: one value each, or, when they are long, a head and parts. */

import { below, extendKey } from '../../../store/keys.ts';
import type { Key, ReadTransaction, Value, WriteTransaction } from '../../../store/store.ts';
import { itemParts, items } from '../tables.ts';
import type { AttributeValue, Item } from '../values/attribute-value.ts';

/** UTF-16 units that surely fit a store value, a unit being three bytes at most. */
const unitsPerValue = 21_000;
const version = 1;

/** `[version, item]`, `[version, item, 1]` with bytes as base64, or `[version, 0, 0, parts]`. */
type Stored = [version: number, item: Item | 0, binary?: 0 | 1, parts?: number];

/** Writes an item, new or over an old one. `oldParts` is how many parts the old one had. */
export async function putRow(tx: WriteTransaction, key: Key, item: Item, oldParts = 0): Promise<void> {
  const text = encodeItem(item);
  if (text.length <= unitsPerValue) {
    if (oldParts > 0) await dropParts(tx, key);
    await tx.put(key, text);
    return;
  }
  await dropParts(tx, key);
  let parts = 0;
  for (let at = 0; at < text.length; parts++) {
    let end = Math.min(at + unitsPerValue, text.length);
    if (isHighSurrogate(text.charCodeAt(end - 1)) && end < text.length) end--;
    await tx.put(partKey(key, parts), text.slice(at, end));
    at = end;
  }
  await tx.put(key, JSON.stringify([version, 0, 0, parts] satisfies Stored));
}

export async function deleteRow(tx: WriteTransaction, key: Key, oldParts = 0): Promise<void> {
  if (oldParts > 0) await dropParts(tx, key);
  await tx.delete(key);
}

export type Row = { item: Item; /** Zero for an item that fits one value. */ parts: number };

export async function getRow(tx: ReadTransaction, key: Key): Promise<Row | undefined> {
  const value = await tx.get(key);
  return value === undefined ? undefined : decodeRow(tx, key, value);
}

/** The row of a value that a range read has brought; fetches its parts when it has any. */
export async function decodeRow(tx: ReadTransaction, key: Key, value: Value): Promise<Row> {
  const stored = JSON.parse(value) as Stored;
  const parts = stored[3] ?? 0;
  if (parts === 0) return { item: revive(stored), parts };
  const texts = await tx.getMany(Array.from({ length: parts }, (_, n) => partKey(key, n)));
  return { item: revive(JSON.parse(texts.join('')) as Stored), parts };
}

export async function dropParts(tx: WriteTransaction, key: Key): Promise<void> {
  await tx.deleteRange(below(partsPrefix(key)));
}

function partsPrefix(key: Key): Key {
  return Buffer.concat([itemParts.prefix, key.subarray(items.prefix.length)]);
}

function partKey(key: Key, part: number): Key {
  return extendKey(partsPrefix(key), [part]);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function encodeItem(item: Item): string {
  if (!hasBytes(item)) return JSON.stringify([version, item] satisfies Stored);
  return JSON.stringify([version, withPlainBytes(item), 1]);
}

function hasBytes(item: Record<string, AttributeValue>): boolean {
  for (const name in item) if (valueHasBytes(item[name]!)) return true;
  return false;
}

function valueHasBytes(value: AttributeValue): boolean {
  if (value.B !== undefined || value.BS !== undefined) return true;
  if (value.M !== undefined) return hasBytes(value.M);
  return value.L !== undefined && value.L.some(valueHasBytes);
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

function withPlainBytes(item: Item): Item {
  return mapValues(item, (value) => changeBytes(value, (bytes) => base64(bytes as Uint8Array)));
}

function revive([, item, binary]: Stored): Item {
  if (!binary) return item as Item;
  return mapValues(item as Item, (value) => changeBytes(value, (text) => Buffer.from(text as string, 'base64')));
}

function changeBytes(value: AttributeValue, change: (bytes: unknown) => unknown): AttributeValue {
  if (value.B !== undefined) return { B: change(value.B) as Uint8Array };
  if (value.BS !== undefined) return { BS: value.BS.map((bytes) => change(bytes) as Uint8Array) };
  if (value.M !== undefined) return { M: mapValues(value.M, (member) => changeBytes(member, change)) };
  if (value.L !== undefined) return { L: value.L.map((member) => changeBytes(member, change)) };
  return value;
}

function mapValues(item: Item, change: (value: AttributeValue) => AttributeValue): Item {
  const changed = Object.create(null) as Item;
  for (const name of Object.keys(item)) changed[name] = change(item[name]!);
  return changed;
}
