/** One transaction over a PostgreSQL connection; writes are buffered and sent together, to save round trips. */

import type { PoolClient } from 'pg';
import { checkSize } from '../../limits.ts';
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

const selectOne = 'SELECT v FROM haneul_kv WHERE k = $1';
const selectMany = 'SELECT k, v FROM haneul_kv WHERE k = ANY($1)';
const selectForward = 'SELECT k, v FROM haneul_kv WHERE k >= $1 AND k < $2 ORDER BY k LIMIT $3';
const selectBackward = 'SELECT k, v FROM haneul_kv WHERE k >= $1 AND k < $2 ORDER BY k DESC LIMIT $3';
/** The key `k` up to and including the first mark; nothing when there is none. */
const marked = (k: string): string => `CASE position($5::bytea IN substring(${k} FROM $4::int)) WHEN 0 THEN NULL
  ELSE substring(${k} FROM 1 FOR $4::int + position($5::bytea IN substring(${k} FROM $4::int)) - 2 + length($5::bytea)) END`;
/** Each step seeks behind the key or the beginning before it. */
const rollUp = `
  WITH RECURSIVE found(k) AS (
    (SELECT k FROM haneul_kv WHERE k >= $1 AND k < $2 ORDER BY k LIMIT 1)
    UNION ALL
    SELECT (
      SELECT kv.k FROM haneul_kv kv WHERE kv.k < $2
        AND kv.k >= coalesce(${marked('found.k')} || '\\xff'::bytea, found.k || '\\x00'::bytea) ORDER BY kv.k LIMIT 1
    ) FROM found WHERE found.k IS NOT NULL
  )
  SELECT coalesce(${marked('k')}, k) AS k, CASE WHEN ${marked('k')} IS NULL THEN (SELECT v FROM haneul_kv kv WHERE kv.k = found.k) END AS v
  FROM found WHERE k IS NOT NULL LIMIT $3`;
const upsertAll = 'INSERT INTO haneul_kv SELECT * FROM unnest($1::bytea[], $2::text[]) ON CONFLICT (k) DO UPDATE SET v = excluded.v';
const deleteAll = 'DELETE FROM haneul_kv WHERE k = ANY($1)';
const deleteBetween = 'DELETE FROM haneul_kv WHERE k >= $1 AND k < $2';

type Buffered = { key: Key; value: Value | undefined };

export class PostgresTransaction implements WriteTransaction {
  readonly changes: Change[] = [];
  #client: PoolClient;
  #buffer = new Map<string, Buffered>();
  /** The first query that failed: the transaction is lost, whatever the closure makes of it. */
  failure: Error | undefined;
  #over = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: PoolClient) {
    this.#client = client;
  }

  end(): void {
    this.#over = true;
  }

  async get(key: Key): Promise<Value | undefined> {
    const buffered = this.#buffer.get(name(key));
    if (buffered) return buffered.value;
    const [row] = await this.#query('get', selectOne, [key]);
    return row?.v;
  }

  async getMany(keys: readonly Key[]): Promise<(Value | undefined)[]> {
    await this.flush();
    const rows = await this.#query('getMany', selectMany, [keys]);
    const found = new Map(rows.map((row) => [name(row.k), row.v]));
    return keys.map((key) => found.get(name(key)));
  }

  async range({ gte, lt, limit, reverse = false }: Range): Promise<Entry[]> {
    await this.flush();
    const rows = await this.#query(reverse ? 'backward' : 'forward', reverse ? selectBackward : selectForward, [gte, lt, limit ?? null]);
    return rows.map((row) => [row.k, row.v]);
  }

  async rollUp({ gte, lt, limit, from, mark }: RollUp): Promise<RolledUp[]> {
    await this.flush();
    const rows: { k: Key; v: Value | null }[] = await this.#query('rollUp', rollUp, [gte, lt, limit, from + 1, mark]);
    return rows.map((row) => [row.k, row.v ?? undefined]);
  }

  async put(key: Key, value: Value): Promise<void> {
    checkSize(key, value);
    this.#write(key, value);
  }

  async delete(key: Key): Promise<void> {
    this.#write(key, undefined);
  }

  async deleteRange({ gte, lt }: { gte: Key; lt: Key }): Promise<void> {
    await this.flush();
    const rows = await this.#query('deleteRange', `${deleteBetween} RETURNING k`, [gte, lt]);
    this.changes.push(...rows.map((row) => ({ key: row.k })));
  }

  /** Sends the buffered writes, sorted by key so that concurrent transactions lock rows in one order. */
  async flush(): Promise<void> {
    if (this.#buffer.size === 0) return;
    const writes = [...this.#buffer.values()].sort((a, b) => Buffer.compare(a.key, b.key));
    this.#buffer.clear();
    const puts = writes.filter((write) => write.value !== undefined);
    const deletes = writes.filter((write) => write.value === undefined);
    // Both are queued before anything else can be: a read that starts now must see them.
    await Promise.all([
      puts.length > 0 && this.#query('put', upsertAll, [puts.map((put) => put.key), puts.map((put) => put.value)]),
      deletes.length > 0 && this.#query('delete', deleteAll, [deletes.map((write) => write.key)]),
    ]);
  }

  #write(key: Key, value: Value | undefined): void {
    if (this.#over) throw new TransactionOver();
    this.#buffer.set(name(key), { key, value });
    this.changes.push(value === undefined ? { key } : { key, value });
  }

  async #query(statement: string, text: string, values: unknown[]): Promise<{ k: Buffer; v: string }[]> {
    if (this.#over) throw new TransactionOver();
    // One at a time: a closure may start several at once, but the connection takes them in turn.
    const result = this.#last.then(() => this.#client.query({ name: statement, text, values }));
    this.#last = result.catch((error: Error) => (this.failure ??= error));
    return (await result).rows;
  }
}

function name(key: Key): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
