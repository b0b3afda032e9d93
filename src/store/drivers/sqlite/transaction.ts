/** A transaction over a node:sqlite connection: every method works at once and returns a settled promise. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { checkSize } from '../../limits.ts';
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

export class SqliteTransaction implements WriteTransaction {
  readonly changes: Change[] = [];
  #statements: Statements;
  #over = false;

  constructor(statements: Statements) {
    this.#statements = statements;
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
    return (this.#statements.get.get(key) as unknown as [Value] | undefined)?.[0];
  }

  #mustBeLive(): void {
    if (this.#over) throw new TransactionOver();
  }
}
