/**
 * Reads and writes items and index entries: one value each, or, when they are long, a head and parts. The item lies there as the JSON
 * in which it is answered, behind what is asked of it most: `[2,bytes,pageBytes,parts,binary,{item}]`. In a table with a key of its
 * own the item is sealed (storage/table-keys.ts), and the first number is 3; what stands before it, and the row's key, are in the clear.
 */

import { below, extendKey } from '../../../store/keys.ts';
import type { Key, ReadTransaction, Value, WriteTransaction } from '../../../store/store.ts';
import { itemParts, items } from '../tables.ts';
import { openText, sealOf, sealText } from './table-keys.ts';
import { newItem, type AttributeValue, type Item } from '../values/attribute-value.ts';
import { itemBytes, pageBytes } from '../values/size.ts';

/** UTF-16 units that surely fit a store value, a unit being three bytes at most. */
const unitsPerValue = 21_000;
const version = 2;
const sealedVersion = 3;

/** Version 1: `[1, item]`, `[1, item, 1]` with bytes as base64, or `[1, 0, 0, parts]`, whose parts hold one of the former. */
type First = [version: 1, item: Item | 0, binary?: 0 | 1, parts?: number];

export type Row = {
  /** What it counts against limits and capacity, and against the page of a query. */
  readonly bytes: number;
  readonly pageBytes: number;
  /** Zero for an item that fits one value. */
  readonly parts: number;
  /** Whether the item holds bytes. */
  readonly binary: boolean;
  /** The item as JSON, bytes as base64. Throws where it is sealed and its key is not open. */
  readonly json: string;
  /** Parsed at the first look. */
  readonly item: Item;
  /** Under which table key it is sealed; absent where it lies in the clear. */
  readonly seal?: string;
  /** As it lies there: a copy need not be opened. */
  readonly sealed?: string;
};

class StoredRow implements Row {
  readonly bytes: number;
  readonly pageBytes: number;
  readonly parts: number;
  readonly json: string;
  readonly binary: boolean;
  #item: Item | undefined;

  constructor(bytes: number, counted: number, parts: number, binary: boolean, json: string) {
    this.bytes = bytes;
    this.pageBytes = counted;
    this.parts = parts;
    this.binary = binary;
    this.json = json;
  }

  get item(): Item {
    return (this.#item ??= itemOf(this.json, this.binary));
  }
}

/** A row that is opened when somebody looks inside: its size can be told, and copies of it made, without its key. */
class SealedRow implements Row {
  readonly bytes: number;
  readonly pageBytes: number;
  readonly parts: number;
  readonly binary: boolean;
  readonly seal: string;
  readonly sealed: string;
  #json: string | undefined;
  #item: Item | undefined;

  constructor(bytes: number, counted: number, parts: number, binary: boolean, sealed: string) {
    this.bytes = bytes;
    this.pageBytes = counted;
    this.parts = parts;
    this.binary = binary;
    this.sealed = sealed;
    this.seal = sealOf(sealed);
  }

  get json(): string {
    return (this.#json ??= openText(this.sealed));
  }

  get item(): Item {
    return (this.#item ??= itemOf(this.json, this.binary));
  }
}

/** What is to be written of an item; under which table key, where it is to be sealed. */
export type Encoded = { bytes: number; pageBytes: number; binary: boolean; json: string; seal?: string; sealed?: string };

/** `sortKey` names the table's sort key. */
export function encodeRow(item: Item, sortKey: string | undefined, seal?: string): Encoded {
  const binary = hasBytes(item);
  const json = JSON.stringify(binary ? withPlainBytes(item) : item);
  const encoded = { bytes: itemBytes(item), pageBytes: pageBytes(item, sortKey), binary, json };
  return seal === undefined ? encoded : { ...encoded, seal };
}

/** What a row holds, to be written under another key, or in the clear. */
export function sealedAs({ bytes, pageBytes: counted, binary, json }: Row, seal: string | undefined): Encoded {
  const plain = { bytes, pageBytes: counted, binary, json };
  return seal === undefined ? plain : { ...plain, seal };
}

const valueOf = ({ bytes, pageBytes: counted, binary, seal }: Encoded, parts: number, text: string): Value =>
  `[${seal === undefined ? version : sealedVersion},${bytes},${counted},${parts},${binary ? 1 : 0}${text}]`;

/** Writes an item, new or over an old one. `oldParts` is how many parts the old one had. */
export async function putRow(tx: WriteTransaction, key: Key, row: Encoded, oldParts = 0): Promise<void> {
  const json = row.seal === undefined ? row.json : (row.sealed ?? sealText(row.seal, row.json));
  if (json.length <= unitsPerValue) {
    if (oldParts > 0) await dropParts(tx, key);
    await tx.put(key, valueOf(row, 0, `,${json}`));
    return;
  }
  await dropParts(tx, key);
  let parts = 0;
  for (let at = 0; at < json.length; parts++) {
    let end = Math.min(at + unitsPerValue, json.length);
    if (isHighSurrogate(json.charCodeAt(end - 1)) && end < json.length) end--;
    await tx.put(partKey(key, parts), json.slice(at, end));
    at = end;
  }
  await tx.put(key, valueOf(row, parts, ''));
}

export async function deleteRow(tx: WriteTransaction, key: Key, oldParts = 0): Promise<void> {
  if (oldParts > 0) await dropParts(tx, key);
  await tx.delete(key);
}

export async function getRow(tx: ReadTransaction, key: Key, sortKey?: string): Promise<Row | undefined> {
  const value = await tx.get(key);
  return value === undefined ? undefined : (wholeRow(value, sortKey) ?? longRow(tx, key, value, sortKey));
}

/** The row of a value that a range read has brought; fetches its parts when it has any. */
export async function decodeRow(tx: ReadTransaction, key: Key, value: Value, sortKey?: string): Promise<Row> {
  return wholeRow(value, sortKey) ?? longRow(tx, key, value, sortKey);
}

/** The row of a value that holds it whole; undefined for one that has parts. `sortKey` is asked for by rows of version 1 alone. */
export function wholeRow(value: Value, sortKey?: string): Row | undefined {
  if (value.startsWith('[1,')) {
    const [, item, binary, parts = 0] = JSON.parse(value) as First;
    return parts > 0 ? undefined : firstRow(item as Item, binary === 1, 0, sortKey);
  }
  const begin = value.indexOf('{');
  if (begin < 0) return undefined;
  const [kind, bytes, counted, , binary] = headOf(value, begin);
  const text = value.slice(begin, -1);
  return kind === sealedVersion
    ? new SealedRow(bytes!, counted!, 0, binary === 1, text)
    : new StoredRow(bytes!, counted!, 0, binary === 1, text);
}

/** Whether the row of a value has parts beside it. */
export function hasParts(value: Value): boolean {
  return value.startsWith('[1,') ? value.startsWith('[1,0,') : !value.includes('{');
}

async function longRow(tx: ReadTransaction, key: Key, value: Value, sortKey: string | undefined): Promise<Row> {
  const head = headOf(value, value.length);
  const parts = head[3]!;
  const texts = await tx.getMany(Array.from({ length: parts }, (_, n) => partKey(key, n)));
  const text = texts.join('');
  if (head[0] === sealedVersion) return new SealedRow(head[1]!, head[2]!, parts, head[4] === 1, text);
  if (head[0] !== 1) return new StoredRow(head[1]!, head[2]!, parts, head[4] === 1, text);
  const [, item, binary] = JSON.parse(text) as First;
  return firstRow(item as Item, binary === 1, parts, sortKey);
}

function firstRow(item: Item, binary: boolean, parts: number, sortKey: string | undefined): Row {
  const json = JSON.stringify(item);
  const revived = itemOf(json, binary);
  return new StoredRow(itemBytes(revived), pageBytes(revived, sortKey), parts, binary, json);
}

/** The numbers before the item: this is read for every row of every page. */
function headOf(text: string, end: number): number[] {
  const numbers: number[] = [];
  let number = 0;
  for (let at = 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 44 || code === 93) {
      numbers.push(number);
      number = 0;
    } else number = number * 10 + code - 48;
  }
  return numbers;
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

/** The item that a row's JSON says. */
export function itemOf(json: string, binary: boolean): Item {
  const item = JSON.parse(json) as Item;
  return binary ? mapValues(item, (value) => changeBytes(value, (text) => Buffer.from(text as string, 'base64'))) : item;
}

function changeBytes(value: AttributeValue, change: (bytes: unknown) => unknown): AttributeValue {
  if (value.B !== undefined) return { B: change(value.B) as Uint8Array };
  if (value.BS !== undefined) return { BS: value.BS.map((bytes) => change(bytes) as Uint8Array) };
  if (value.M !== undefined) return { M: mapValues(value.M, (member) => changeBytes(member, change)) };
  if (value.L !== undefined) return { L: value.L.map((member) => changeBytes(member, change)) };
  return value;
}

function mapValues(item: Item, change: (value: AttributeValue) => AttributeValue): Item {
  const changed = newItem();
  for (const name of Object.keys(item)) changed[name] = change(item[name]!);
  return changed;
}
