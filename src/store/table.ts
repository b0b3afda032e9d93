/** Typed records over the key-value store, with indexes kept in the same transaction and records upgraded when read. */

import { decodeValue, encodeValue } from './codec.ts';
import { below, decodeKey, encodeKey, extendKey, justAfter, type KeyPart } from './keys.ts';
import { makeRoom, shareKept } from './make-room.ts';
import {
  NewerRecord,
  NotUnique,
  type Key,
  type Range,
  type ReadTransaction,
  type RollUp,
  type Store,
  type Value,
  type WriteTransaction,
} from './store.ts';

export type TableOptions<Row, Index extends string> = {
  key: (row: Row) => readonly KeyPart[];
  /** An index function gives the indexed parts, or nothing when the row is to be left out. */
  indexes?: Record<Index, (row: Row) => readonly KeyPart[] | undefined>;
  /** Indexes in which no two rows may have the same parts: a put that would make it so throws NotUnique. */
  unique?: readonly NoInfer<Index>[];
  version?: number;
  /** `upgrade[n]` turns a record of version n - 1 into one of version n. */
  upgrade?: Record<number, (old: any) => unknown>;
  packing?: Packing<Row>;
};

/** How rows of a table that may have millions of them are written shorter than with the names of their members. */
export type Packing<Row> = {
  /** The first version whose records are packed; an upgrade to it or to an earlier version sees plain ones. */
  since: number;
  pack: (row: Row) => unknown;
  /** `key` are the parts of the primary key, which need not be packed again. */
  unpack: (packed: any, key: readonly KeyPart[]) => Row;
};

/** `after` and `before` bound the keys, exclusively; they need not be keys of rows. `after` is where the last page ended, so it follows the direction. */
export type Page = { limit?: number; reverse?: boolean; after?: Key; before?: Key };
export type Scanned<Row> = { row: Row; cursor: Key };

/** Any table, for lists of them. */
export type AnyTable = Table<any, any>;

/** Declares a table; `name` is `service/things`. */
export function table<Row extends object, Index extends string = never>(
  name: string,
  options: TableOptions<Row, Index>,
): Table<Row, Index> {
  return new Table(name, options);
}

export class Table<Row extends object, Index extends string> {
  readonly name: string;
  readonly version: number;
  /** What the keys of all rows begin with, for `store.watch`. */
  readonly prefix: Key;
  /** The names of its indexes, sorted; unique ones are marked. */
  readonly indexes: readonly string[];
  readonly #options: TableOptions<Row, Index>;
  readonly #indexes: readonly { prefix: Key; unique: boolean; parts: (row: Row) => readonly KeyPart[] | undefined }[];
  readonly #indexPrefixes: ReadonlyMap<Index, Key>;
  readonly #unique: ReadonlySet<Index>;
  /** Rows by their key, each with the text that it was read of: the same text is the same row for ever, so nothing here is ever stale. */
  readonly #shared = new Map<string, { text: Value; row: Readonly<Row> }>();

  constructor(name: string, options: TableOptions<Row, Index>) {
    this.name = name;
    this.version = options.version ?? 1;
    this.prefix = encodeKey('row', name);
    this.#options = options;
    this.#unique = new Set(options.unique);
    const names = Object.keys(options.indexes ?? {}) as Index[];
    this.#indexPrefixes = new Map(names.map((index) => [index, encodeKey('index', name, index)]));
    this.indexes = names.map((index) => (this.#unique.has(index) ? `${index} unique` : index)).toSorted();
    this.#indexes = names.map((index) => ({
      prefix: this.#indexPrefixes.get(index)!,
      unique: this.#unique.has(index),
      parts: options.indexes![index],
    }));
  }

  /** The row of a primary key. Throws NewerRecord when a newer release wrote it. */
  async get(tx: ReadTransaction, ...key: readonly KeyPart[]): Promise<Row | undefined> {
    return this.#decode(await tx.get(this.#rowKey(key)), () => key);
  }

  /** The same for those who only read: the row is frozen, and shared with everyone who peeks at it, which saves reading its text again. */
  async peek(tx: ReadTransaction, ...key: readonly KeyPart[]): Promise<Readonly<Row> | undefined> {
    const rowKey = this.#rowKey(key);
    return this.#share(rowKey, await tx.get(rowKey));
  }

  /** The rows of many primary keys, in their order. */
  async getMany(tx: ReadTransaction, keys: readonly (readonly KeyPart[])[]): Promise<(Row | undefined)[]> {
    const values = await tx.getMany(keys.map((key) => this.#rowKey(key)));
    return values.map((value, i) => this.#decode(value, () => keys[i]!));
  }

  /** Writes a row, new or not, and its index entries. */
  async put(tx: WriteTransaction, row: Row): Promise<void> {
    const key = extendKey(EMPTY, this.#options.key(row));
    const rowKey = Buffer.concat([this.prefix, key]);
    if (this.#indexes.length > 0) {
      const old = this.#decode(await tx.get(rowKey), () => decodeKey(key));
      await this.#moveIndexEntries(tx, old ? this.#indexEntries(old, key) : [], this.#indexEntries(row, key));
    }
    await tx.put(rowKey, this.#encode(row));
  }

  /** Part of a migration, after `dropIndexes`: writes a row in its present version, and its index entries, of which none are there. */
  async rewrite(tx: WriteTransaction, row: Row): Promise<void> {
    const key = extendKey(EMPTY, this.#options.key(row));
    await this.#moveIndexEntries(tx, [], this.#indexEntries(row, key));
    await tx.put(Buffer.concat([this.prefix, key]), this.#encode(row));
  }

  async delete(tx: WriteTransaction, ...key: readonly KeyPart[]): Promise<void> {
    const rowKey = this.#rowKey(key);
    if (this.#indexes.length > 0) {
      const old = this.#decode(await tx.get(rowKey), () => key);
      if (old) for (const entry of this.#indexEntries(old, extendKey(EMPTY, key))) await tx.delete(entry.key);
    }
    await tx.delete(rowKey);
  }

  /** Rows whose primary key begins with the prefix. Give a limit: without one the whole table is loaded. */
  async scan(tx: ReadTransaction, prefix: readonly KeyPart[] = [], page: Page = {}): Promise<Scanned<Row>[]> {
    const entries = await tx.range(pageRange(this.#rowKey(prefix), page));
    return entries.map(([cursor, value]) => ({ row: this.#decodeAt(cursor, value)!, cursor }));
  }

  /** Rows from one primary key (inclusive) up to another (exclusive), of which either may be the beginning of one. */
  async between(
    tx: ReadTransaction,
    from: readonly KeyPart[],
    to: readonly KeyPart[],
    page: { limit?: number; reverse?: boolean } = {},
  ): Promise<Scanned<Row>[]> {
    const entries = await tx.range({ ...page, gte: this.#rowKey(from), lt: this.#rowKey(to) });
    return entries.map(([cursor, value]) => ({ row: this.#decodeAt(cursor, value)!, cursor }));
  }

  /** Rows of a range of keys, or in their place what several keys begin with, up to and including a mark. */
  async rollUp(tx: ReadTransaction, range: RollUp): Promise<({ row: Row } | { beginning: Key })[]> {
    const found = await tx.rollUp(range);
    return found.map(([key, value]) => (value === undefined ? { beginning: key } : { row: this.#decodeAt(key, value)! }));
  }

  /** Rows in the order of an index, whose indexed parts begin with the prefix. */
  async scanIndex(tx: ReadTransaction, index: Index, prefix: readonly KeyPart[] = [], page: Page = {}): Promise<Scanned<Row>[]> {
    const found = await this.#indexed(tx, index, prefix, page);
    return found.map(({ cursor, key, value }) => ({ row: this.#decodeAt(key, value)!, cursor }));
  }

  /** What `scanIndex` finds, each row as `peek` gives it. */
  async peekIndex(tx: ReadTransaction, index: Index, prefix: readonly KeyPart[] = [], page: Page = {}): Promise<Scanned<Readonly<Row>>[]> {
    const found = await this.#indexed(tx, index, prefix, page);
    return found.map(({ cursor, key, value }) => ({ row: this.#share(key, value)!, cursor }));
  }

  /** The one row with these parts in a unique index; the first in any other. */
  async find(tx: ReadTransaction, index: Index, ...parts: readonly KeyPart[]): Promise<Row | undefined> {
    return (await this.scanIndex(tx, index, parts, { limit: 1 }))[0]?.row;
  }

  /** All rows below a prefix, a page at a time: every page is a snapshot of its own, and the event loop gets its turn between. */
  each(store: Store, prefix: readonly KeyPart[] = [], rowsPerPage = 500): AsyncGenerator<Row, void> {
    return eachOf(store, rowsPerPage, (tx, page) => this.scan(tx, prefix, page));
  }

  /** The same of the rows of an index, in its order. */
  eachIndexed(store: Store, index: Index, prefix: readonly KeyPart[] = [], rowsPerPage = 500): AsyncGenerator<Row, void> {
    return eachOf(store, rowsPerPage, (tx, page) => this.scanIndex(tx, index, prefix, page));
  }

  /** Part of a migration: drops what the indexes of an older version hold. */
  async dropIndexes(tx: WriteTransaction): Promise<void> {
    await tx.deleteRange(below(encodeKey('index', this.name)));
  }

  #encode(row: Row): Value {
    const { packing } = this.#options;
    return encodeValue([this.version, packing ? packing.pack(row) : row]);
  }

  #decodeAt(key: Key, value: Value | undefined): Row | undefined {
    return this.#decode(value, () => decodeKey(key.subarray(this.prefix.length)));
  }

  #share(key: Key, text: Value | undefined): Readonly<Row> | undefined {
    if (text === undefined) return undefined;
    const name = latin1(key);
    const known = this.#shared.get(name);
    if (known?.text === text) return known.row;
    const row = frozen(this.#decodeAt(key, text)!);
    if (!known && this.#shared.size >= SHARED_MAX) this.#forgetShared();
    this.#shared.set(name, { text, row });
    return row;
  }

  #forgetShared(): void {
    const isEnough = (): boolean => this.#shared.size <= SHARED_MAX * shareKept;
    makeRoom(this.#shared, isEnough, (name) => this.#shared.delete(name));
  }

  /** The keys and texts of rows in the order of an index, with the keys of its entries. */
  async #indexed(tx: ReadTransaction, index: Index, prefix: readonly KeyPart[], page: Page): Promise<Indexed[]> {
    const unique = this.#unique.has(index);
    const entries = await tx.range(pageRange(extendKey(this.#indexPrefixes.get(index)!, prefix), page));
    const keys = entries.map(([cursor, value]) => this.#indexedRow(cursor, value, unique));
    const values = await tx.getMany(keys);
    return entries.map(([cursor], at) => ({ cursor, key: keys[at]!, value: values[at] }));
  }

  /** `key` gives the parts of the row's primary key. */
  #decode(value: Value | undefined, key: () => readonly KeyPart[]): Row | undefined {
    if (value === undefined) return undefined;
    let [version, row] = decodeValue(value) as [number, unknown];
    if (version > this.version) throw new NewerRecord(this.name, version, this.version);
    const { packing } = this.#options;
    if (packing && version >= packing.since) row = packing.unpack(row, key());
    while (version < this.version) {
      version++;
      const upgrade = this.#options.upgrade?.[version]; // absent where only an index has changed
      if (upgrade) row = upgrade(row);
    }
    return row as Row;
  }

  /** Entries that stay are not written again; those of the old row that are no more go. */
  async #moveIndexEntries(tx: WriteTransaction, old: readonly IndexEntry[], next: readonly IndexEntry[]): Promise<void> {
    const before = new Set(old.map((entry) => latin1(entry.key)));
    for (const entry of next) {
      if (before.delete(latin1(entry.key))) continue;
      if (entry.unique && ((await tx.get(entry.key)) ?? entry.value) !== entry.value)
        throw new NotUnique(`${this.name}: another row has the same place in a unique index`);
      await tx.put(entry.key, entry.value);
    }
    for (const stale of before) await tx.delete(Buffer.from(stale, 'latin1'));
  }

  /** A unique entry carries its row's key; any other ends with it, and says how long it is. */
  #indexEntries(row: Row, key: Key): IndexEntry[] {
    const entries: IndexEntry[] = [];
    for (const { prefix, unique, parts } of this.#indexes) {
      const indexed = parts(row);
      if (!indexed) continue;
      const start = extendKey(prefix, indexed);
      if (unique) entries.push({ key: start, value: JSON.stringify(Buffer.from(key).toString('base64')), unique });
      else entries.push({ key: Buffer.concat([start, key]), value: String(key.length), unique });
    }
    return entries;
  }

  #indexedRow(entry: Key, value: Value, unique: boolean): Key {
    const key = unique ? Buffer.from(JSON.parse(value) as string, 'base64') : entry.subarray(entry.length - Number(value));
    return Buffer.concat([this.prefix, key]);
  }

  #rowKey(key: readonly KeyPart[]): Key {
    return extendKey(this.prefix, key);
  }
}

async function* eachOf<Row>(
  store: Store,
  rowsPerPage: number,
  read: (tx: ReadTransaction, page: Page) => Promise<Scanned<Row>[]>,
): AsyncGenerator<Row, void> {
  for (let after: Key | undefined; ;) {
    const page = await store.read((tx) => read(tx, { limit: rowsPerPage, ...(after && { after }) }));
    for (const { row } of page) yield row;
    if (page.length < rowsPerPage) return;
    after = page.at(-1)!.cursor;
    await new Promise(setImmediate);
  }
}

type Indexed = { cursor: Key; key: Key; value: Value | undefined };
type IndexEntry = { key: Key; value: Value; unique: boolean };

const EMPTY = new Uint8Array(0);
const SHARED_MAX = 10_000;

/** Freezes a value as a whole. Bytes cannot be frozen: what holds some is as good as its readers are careful. */
export function frozen<Held>(value: Held): Held {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  for (const held of Object.values(value)) frozen(held);
  return Object.freeze(value);
}

function pageRange(prefix: Key, { after, before, ...page }: Page): Range {
  const { gte, lt } = below(prefix);
  const [lower, upper] = page.reverse ? [before, after] : [after, before];
  return { ...page, gte: lower ? later(gte, justAfter(lower)) : gte, lt: upper && Buffer.compare(upper, lt) < 0 ? upper : lt };
}

function later(a: Key, b: Key): Key {
  return Buffer.compare(a, b) < 0 ? b : a;
}

function latin1(key: Key): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
