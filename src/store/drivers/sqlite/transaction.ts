/** A transaction over a node:sqlite connection: every method works at once and returns a settled promise. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { checkSize } from '../../limits.ts';
import type { HotRows } from './hot-rows.ts';
import { TransactionOver, type Change, type Entry, type Key, type Range, type Value, type WriteTransaction } from '../../store.ts';

export type Statements = {
  get: StatementSync;
  forward: StatementSync;
  backward: StatementSync;
  keys: StatementSync;
  put: StatementSync;
  delete: StatementSync;
  deleteRange: StatementSync;
};

export function prepareStatements(db: DatabaseSync): Statements {
  const get = db.prepare('SELECT v FROM kv WHERE k = ?');
  const forward = db.prepare('SELECT k, v FROM kv WHERE k >= ? AND k < ? ORDER BY k LIMIT ?');
  const backward = db.prepare('SELECT k, v FROM kv WHERE k >= ? AND k < ? ORDER BY k DESC LIMIT ?');
  get.setReturnArrays(true);
  forward.setReturnArrays(true);
  backward.setReturnArrays(true);
  return {
    get,
    forward,
    backward,
    keys: db.prepare('SELECT k FROM kv WHERE k >= ? AND k < ?'),
    put: db.prepare('INSERT INTO kv VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v'),
    delete: db.prepare('DELETE FROM kv WHERE k = ?'),
    deleteRange: db.prepare('DELETE FROM kv WHERE k >= ? AND k < ?'),
  };
}

/** What brackets a batch of closures, and each closure in it. */
export type BatchStatements = Record<'begin' | 'savepoint' | 'undo' | 'release' | 'commit', StatementSync>;

export function prepareBatch(db: DatabaseSync): BatchStatements {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    savepoint: db.prepare('SAVEPOINT closure'),
    undo: db.prepare('ROLLBACK TO closure'),
    release: db.prepare('RELEASE closure'),
    commit: db.prepare('COMMIT'),
  };
}

export class SqliteTransaction implements WriteTransaction {
  readonly changes: Change[] = [];
  #statements: Statements;
  #rows: HotRows | undefined;
  #over = false;

  /** `rows` for a transaction that only reads: it is what memory knows of the connection's snapshot. */
  constructor(statements: Statements, rows?: HotRows) {
    this.#statements = statements;
    this.#rows = rows;
  }

  /** After this every use throws: a closure's stray continuation must not touch the next transaction. */
  end(): void {
    this.#over = true;
  }

  async get(key: Key): Promise<Value | undefined> {
    return this.#get(key);
  }

  async getMany(keys: readonly Key[]): Promise<(Value | undefined)[]> {
    return keys.map((key) => this.#get(key));
  }

  async range({ gte, lt, limit = -1, reverse = false }: Range): Promise<Entry[]> {
    this.#mustBeLive();
    const statement = reverse ? this.#statements.backward : this.#statements.forward;
    return statement.all(gte, lt, limit) as unknown as Entry[];
  }

  async put(key: Key, value: Value): Promise<void> {
    this.#mustBeLive();
    checkSize(key, value);
    this.#statements.put.run(key, value);
    this.changes.push({ key, value });
  }

  async delete(key: Key): Promise<void> {
    this.#mustBeLive();
    this.#statements.delete.run(key);
    this.changes.push({ key });
  }

  async deleteRange({ gte, lt }: { gte: Key; lt: Key }): Promise<void> {
    this.#mustBeLive();
    for (const { k } of this.#statements.keys.iterate(gte, lt)) this.changes.push({ key: k as Key });
    this.#statements.deleteRange.run(gte, lt);
  }

  #get(key: Key): Value | undefined {
    this.#mustBeLive();
    return this.#rows ? this.#rows.get(key, () => this.#fetch(key)) : this.#fetch(key);
  }

  #fetch(key: Key): Value | undefined {
    return (this.#statements.get.get(key) as unknown as [Value] | undefined)?.[0];
  }

  #mustBeLive(): void {
    if (this.#over) throw new TransactionOver();
  }
}
