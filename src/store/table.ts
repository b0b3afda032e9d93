/** Typed records over the key-value store, with indexes kept in the same transaction and records upgraded when read. */

import { decodeValue, encodeValue } from './codec.ts';
import { below, decodeKey, encodeKey, type KeyPart } from './keys.ts';
import type { Key, Range, ReadTransaction, Store, WriteTransaction } from './store.ts';

export type TableOptions<Row, Index extends string> = {
  key: (row: Row) => readonly KeyPart[];
  /** An index function gives the indexed parts, or nothing when the row is to be left out. */
  indexes?: Record<Index, (row: Row) => readonly KeyPart[] | undefined>;
  version?: number;
  /** `upgrade[n]` turns a record of version n - 1 into one of version n. */
  upgrade?: Record<number, (old: any) => unknown>;
};

/** `after` and `before` bound the keys, exclusively; they need not be keys of rows. `after` is where the last page ended, so it follows the direction. */
export type Page = { limit?: number; reverse?: boolean; after?: Key; before?: Key };
export type Scanned<Row> = { row: Row; cursor: Key };

/** Any table, for lists of them. */
export type AnyTable = Table<any, any>;

export function table<Row extends object, Index extends string = never>(name: string, options: TableOptions<Row, Index>): Table<Row, Index> {
  return new Table(name, options);
}

export class Table<Row extends object, Index extends string> {
  readonly name: string;
  readonly version: number;
  #options: TableOptions<Row, Index>;

  constructor(name: string, options: TableOptions<Row, Index>) {
    this.name = name;
    this.version = options.version ?? 1;
    this.#options = options;
  }

  /** What the keys of all rows begin with, for `store.watch`. */
  get prefix(): Key {
    return this.#rowKey([]);
  }

  async get(tx: ReadTransaction, ...key: readonly KeyPart[]): Promise<Row | undefined> {
    const value = await tx.get(this.#rowKey(key));
    return value && this.#decode(value);
  }

  async put(tx: WriteTransaction, row: Row): Promise<void> {
    const key = this.#options.key(row);
    const next = this.#indexKeys(row);
    for (const stale of await this.#storedIndexKeys(tx, key)) {
      if (!next.some((kept) => Buffer.compare(kept, stale) === 0)) await tx.delete(stale);
    }
    for (const indexKey of next) await tx.put(indexKey, encodeKey(...key));
    await tx.put(this.#rowKey(key), encodeValue([this.version, row]));
  }

  async delete(tx: WriteTransaction, ...key: readonly KeyPart[]): Promise<void> {
    for (const stale of await this.#storedIndexKeys(tx, key)) await tx.delete(stale);
    await tx.delete(this.#rowKey(key));
  }

  /** Rows whose primary key begins with the prefix. */
  async scan(tx: ReadTransaction, prefix: readonly KeyPart[] = [], page: Page = {}): Promise<Scanned<Row>[]> {
    const entries = await tx.range(this.#range(this.#rowKey(prefix), page));
    return entries.map(([cursor, value]) => ({ row: this.#decode(value), cursor }));
  }

  /** Rows in the order of an index, whose indexed parts begin with the prefix. */
  async scanIndex(tx: ReadTransaction, index: Index, prefix: readonly KeyPart[] = [], page: Page = {}): Promise<Scanned<Row>[]> {
    const entries = await tx.range(this.#range(this.#indexKey(index, prefix), page));
    const values = await tx.getMany(entries.map(([, key]) => this.#rowKey(decodeKey(key))));
    return entries.map(([cursor], i) => ({ row: this.#decode(values[i]!), cursor }));
  }

  /**
   * Must run before the table is used, when its version has grown: an index function may give other keys than the
   * old code stored, so every index entry is dropped and every record is written again, some at a time.
   */
  async migrate(store: Store, rowsPerWrite = 500): Promise<void> {
    const versionKey = encodeKey('table-version', this.name);
    const stored = await store.read((tx) => tx.get(versionKey));
    if (stored && decodeValue(stored) === this.version) return;
    await store.write((tx) => tx.deleteRange(below(encodeKey('index', this.name))));
    let after: Key | undefined;
    do {
      after = await store.write(async (tx) => {
        const rows = await this.scan(tx, [], { limit: rowsPerWrite, ...(after && { after }) });
        for (const { row } of rows) await this.put(tx, row);
        return rows.at(-1)?.cursor;
      });
    } while (after);
    await store.write((tx) => tx.put(versionKey, encodeValue(this.version)));
  }

  #decode(value: Uint8Array): Row {
    let [version, row] = decodeValue(value) as [number, unknown];
    if (version > this.version) throw new Error(`${this.name}: a newer release wrote version ${version} of this record`);
    while (version < this.version) row = this.#options.upgrade?.[++version]?.(row) ?? row;
    return row as Row;
  }

  async #storedIndexKeys(tx: ReadTransaction, key: readonly KeyPart[]): Promise<Key[]> {
    if (!this.#options.indexes) return [];
    const old = await this.get(tx, ...key);
    return old ? this.#indexKeys(old) : [];
  }

  #indexKeys(row: Row): Key[] {
    const keys: Key[] = [];
    for (const index of Object.keys(this.#options.indexes ?? {}) as Index[]) {
      const parts = this.#options.indexes![index](row);
      if (parts) keys.push(this.#indexKey(index, [...parts, ...this.#options.key(row)]));
    }
    return keys;
  }

  #rowKey(key: readonly KeyPart[]): Key {
    return encodeKey('row', this.name, ...key);
  }

  #indexKey(index: Index, parts: readonly KeyPart[]): Key {
    return encodeKey('index', this.name, index, ...parts);
  }

  #range(prefix: Key, { after, before, ...page }: Page): Range {
    const range = { ...below(prefix), ...page };
    if (before && !page.reverse) range.lt = before;
    if (after && page.reverse) return { ...range, lt: after };
    if (after) return { ...range, gte: Buffer.concat([after, Buffer.of(0)]) };
    return range;
  }
}
