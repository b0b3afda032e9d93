/** The shared driver: serialisable PostgreSQL transactions, run again after a conflict. */

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { acquireLease } from '../../lease.ts';
import {
  StoreAway,
  StoreClosed,
  StoreFull,
  TooManyConflicts,
  type Change,
  type Durability,
  type Key,
  type Lease,
  type ReadTransaction,
  type Store,
  type WriteTransaction,
} from '../../store.ts';
import { openNotices, type Notices } from './notices.ts';
import { PostgresTransaction } from './transaction.ts';

export type PostgresOptions = {
  connections?: number;
  /** Runs every closure twice and keeps the second run: shows closures that have effects outside. For tests. */
  rehearse?: boolean;
};

const attemptsMax = 100;
const backoffMillisecondsMax = 50;
const conflictCodes: readonly (string | undefined)[] = ['40001', '40P01']; // serialization failure, deadlock
const createdMeanwhileCodes: readonly (string | undefined)[] = ['23505', '42P07', '42710']; // another process created the table, or its row type, at the same moment
const diskFullCode = '53100';
const shutDownCodes: readonly (string | undefined)[] = ['57P01', '57P02', '57P03']; // by its administrator, by a crash, still starting
const createTable = 'CREATE TABLE IF NOT EXISTS haneul_kv (k bytea PRIMARY KEY, v text NOT NULL)';
const beginRead = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
const beginWrite = 'BEGIN ISOLATION LEVEL SERIALIZABLE';
const beginRelaxed = `${beginWrite}; SET LOCAL synchronous_commit = off`;

export class PostgresStore implements Store {
  /** How many transactions had to be run again; for tests and metrics. */
  conflicts = 0;
  #pool: pg.Pool;
  #notices: Notices;
  #rehearse: boolean;
  #closed = false;

  private constructor(pool: pg.Pool, notices: Notices, rehearse: boolean) {
    this.#pool = pool;
    this.#notices = notices;
    this.#rehearse = rehearse;
  }

  /** Rejects with what PostgreSQL says when it cannot be reached or does not let us in. */
  static async open(connectionString: string, { connections = 16, rehearse = false }: PostgresOptions = {}): Promise<PostgresStore> {
    const pool = new pg.Pool({ connectionString, max: connections, keepAlive: true });
    pool.on('error', () => {}); // an idle connection that breaks is replaced by the pool
    try {
      await pool.query(createTable).catch((error) => {
        if (!createdMeanwhileCodes.includes(codeOf(error))) throw error;
      });
      return new PostgresStore(pool, await openNotices(connectionString), rehearse);
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  async read<T>(run: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    return this.#attempt(beginRead, run, () => {});
  }

  async write<T>(run: (tx: WriteTransaction) => Promise<T>, durability: Durability = 'sync'): Promise<T> {
    const begin = durability === 'sync' ? beginWrite : beginRelaxed;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(begin, run, (changes) => this.#notices.announce(changes));
      } catch (error) {
        if (!conflictCodes.includes(codeOf(error))) throw error;
        if (attempt === attemptsMax) throw new TooManyConflicts('the transaction kept conflicting', { cause: error });
        this.conflicts++;
        await sleep(Math.random() * Math.min(2 ** attempt, backoffMillisecondsMax));
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
    if (this.#closed) return;
    this.#closed = true;
    await this.#notices.close();
    await this.#pool.end();
  }

  async #attempt<T>(begin: string, run: (tx: WriteTransaction) => Promise<T>, committed: (changes: Change[]) => void): Promise<T> {
    if (this.#closed) throw new StoreClosed();
    const connection = await this.#begin(begin);
    const { client } = connection;
    try {
      if (this.#rehearse) await rehearse(client, run);
      const { value, changes } = await runOnce(client, run);
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT') throw new Error('PostgreSQL rolled the transaction back');
      committed(changes);
      return value;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure) => (connection.lost = failure));
      if (connection.lost || shutDownCodes.includes(codeOf(error))) throw away(error);
      throw codeOf(error) === diskFullCode
        ? new StoreFull('the disk of PostgreSQL is full: the write was refused, what was stored before is safe', { cause: error })
        : error;
    } finally {
      connection.release();
    }
  }

  /** After a restart of PostgreSQL all idle connections of the pool are dead: each is passed over, since nothing has been said on it yet. */
  async #begin(begin: string): Promise<Connection> {
    for (let left = this.#pool.options.max; ; left--) {
      const connection = checkedOut(
        await this.#pool.connect().catch((error: unknown) => {
          throw away(error);
        }),
      );
      try {
        await connection.client.query(begin);
        return connection;
      } catch (error) {
        connection.lost = error as Error;
        connection.release();
        if (left === 0) throw away(error);
      }
    }
  }
}

type Connection = { client: pg.PoolClient; lost: Error | undefined; release(): void };

/** Hears of the connection's loss while it is out of the pool: unheard, it would end the process. */
function checkedOut(client: pg.PoolClient): Connection {
  const lose = (error: Error): void => void (connection.lost = error);
  const connection: Connection = {
    client,
    lost: undefined,
    release() {
      if (!connection.lost) client.off('error', lose);
      client.release(connection.lost);
    },
  };
  client.on('error', lose);
  return connection;
}

async function runOnce<T>(client: pg.PoolClient, run: (tx: WriteTransaction) => Promise<T>): Promise<{ value: T; changes: Change[] }> {
  const tx = new PostgresTransaction(client);
  try {
    const value = await run(tx);
    await tx.flush();
    // A closure that caught a failed query would otherwise hide a conflict.
    if (tx.failure) throw tx.failure;
    return { value, changes: tx.changes };
  } catch (error) {
    throw tx.failure ?? error;
  } finally {
    tx.end();
  }
}

async function rehearse(client: pg.PoolClient, run: (tx: WriteTransaction) => Promise<unknown>): Promise<void> {
  await client.query('SAVEPOINT rehearsal');
  await runOnce(client, run).catch((error) => {
    if (conflictCodes.includes(codeOf(error))) throw error; // the whole transaction is lost
  });
  await client.query('ROLLBACK TO rehearsal');
}

function away(error: unknown): StoreAway {
  return new StoreAway(`PostgreSQL cannot be reached: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
