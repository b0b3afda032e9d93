/** The shared driver: serialisable PostgreSQL transactions, run again after a conflict. */

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { acquireLease } from '../../lease.ts';
import { PostgresNotices } from './notices.ts';
import { PostgresTransaction } from './transaction.ts';
import { TooManyConflicts, type Change, type Durability, type Key, type Lease, type ReadTransaction, type Store, type WriteTransaction } from '../../store.ts';

const MOST_ATTEMPTS = 100;
const LONGEST_BACKOFF_MILLISECONDS = 50;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const BEGIN_READ = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
const BEGIN_WRITE = 'BEGIN ISOLATION LEVEL SERIALIZABLE';
const BEGIN_RELAXED = `${BEGIN_WRITE}; SET LOCAL synchronous_commit = off`;

export class PostgresStore implements Store {
  /** How many transactions had to be run again; for tests and metrics. */
  conflicts = 0;
  #pool: pg.Pool;
  #notices: PostgresNotices;

  private constructor(pool: pg.Pool, notices: PostgresNotices) {
    this.#pool = pool;
    this.#notices = notices;
  }

  static async open(connectionString: string, { connections = 16 }: { connections?: number; rehearse?: boolean } = {}): Promise<PostgresStore> {
    const pool = new pg.Pool({ connectionString, max: connections });
    pool.on('error', () => {}); // an idle connection that breaks is replaced by the pool
    await pool.query('CREATE TABLE IF NOT EXISTS kv (k bytea PRIMARY KEY, v text NOT NULL)');
    return new PostgresStore(pool, await PostgresNotices.open(connectionString));
  }

  read<T>(run: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    return this.#attempt(BEGIN_READ, run, () => {});
  }

  async write<T>(run: (tx: WriteTransaction) => Promise<T>, durability: Durability = 'sync'): Promise<T> {
    const begin = durability === 'sync' ? BEGIN_WRITE : BEGIN_RELAXED;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(begin, run, (changes) => this.#notices.announce(changes));
      } catch (error) {
        if (!isConflict(error)) throw error;
        if (attempt === MOST_ATTEMPTS) throw new TooManyConflicts('the transaction kept conflicting', { cause: error });
        this.conflicts++;
        await sleep(Math.random() * Math.min(2 ** attempt, LONGEST_BACKOFF_MILLISECONDS));
      }
    }
  }

  watch(prefix: Key): AsyncIterable<Change> {
    return this.#notices.watch(prefix);
  }

  lease(name: string, milliseconds: number): Promise<Lease> {
    return acquireLease(this, name, milliseconds);
  }

  async close(): Promise<void> {
    await this.#notices.close();
    await this.#pool.end();
  }

  async #attempt<T>(begin: string, run: (tx: WriteTransaction) => Promise<T>, committed: (changes: Change[]) => void): Promise<T> {
    const client = await this.#pool.connect();
    const tx = new PostgresTransaction(client);
    let broken: Error | undefined;
    try {
      await client.query(begin);
      const value = await run(tx);
      await tx.flush();
      await client.query('COMMIT');
      committed(tx.changes);
      return value;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure) => (broken = failure));
      throw error;
    } finally {
      tx.end();
      client.release(broken);
    }
  }
}

function isConflict(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === SERIALIZATION_FAILURE || code === DEADLOCK;
}
