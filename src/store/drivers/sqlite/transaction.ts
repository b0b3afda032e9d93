/** A transaction over a node:sqlite connection: every method works at once and returns a settled promise. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { checkSize } from '../../limits.ts';
import type { HotRows } from './hot-rows.ts';
import {
  TransactionOver,
  type Change,
  type Entry,
  type Key,
  type Range,
  type RolledUp,
  type RollUp,
  type Value,
  type WriteTransaction,
} from '../../store.ts';

export type Statements = {
  get: StatementSync;
  forward: StatementSync;
  backward: StatementSync;
  keys: StatementSync;
  rollUp: StatementSync;
  put: StatementSync;
  delete: StatementSync;
  deleteRange: StatementSync;
};

/** The key `k` up to and including the first mark, in bytes; nothing when there is none. */
const marked = (k: string): string => `CASE instr(substr(${k}, :from), :mark) WHEN 0 THEN NULL
  ELSE substr(${k}, 1, :from + instr(substr(${k}, :from), :mark) - 2 + length(:mark)) END`;

/** Each step seeks behind the key or the beginning before it. `||` makes text, whose bytes are those of its parts. */
const rollUp = `
  WITH RECURSIVE found(k) AS (
    SELECT min(k) FROM kv WHERE k >= :gte AND k < :lt
    UNION ALL
    SELECT (
      SELECT min(kv.k) FROM kv WHERE kv.k < :lt
        AND kv.k >= CAST(coalesce(${marked('found.k')} || x'ff', found.k || x'00') AS BLOB)
    ) FROM found WHERE found.k IS NOT NULL
    LIMIT :limit
  )
  SELECT coalesce(${marked('k')}, k), CASE WHEN ${marked('k')} IS NULL THEN (SELECT v FROM kv WHERE kv.k = found.k) END
  FROM found WHERE k IS NOT NULL`;

export function prepareStatements(db: DatabaseSync): Statements {
  const get = db.prepare('SELECT v FROM kv WHERE k = ?');
  const forward = db.prepare('SELECT k, v FROM kv WHERE k >= ? AND k < ? ORDER BY k LIMIT ?');
  const backward = db.prepare('SELECT k, v FROM kv WHERE k >= ? AND k < ? ORDER BY k DESC LIMIT ?');
  get.setReturnArrays(true);
  forward.setReturnArrays(true);
  backward.setReturnArrays(true);
  const rolledUp = db.prepare(rollUp);
  rolledUp.setReturnArrays(true);
  return {
    get,
    forward,
    backward,
    rollUp: rolledUp,
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

  async rollUp({ gte, lt, limit, from, mark }: RollUp): Promise<RolledUp[]> {
    this.#mustBeLive();
    const rows = this.#statements.rollUp.all({ gte, lt, limit, from: from + 1, mark }) as unknown as [Key, Value | null][];
    return rows.map(([key, value]) => [key, value ?? undefined]);
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
