/** The embedded driver: many write closures share one SQLite transaction and one fdatasync. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { closeSync, fdatasync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { acquireLease } from '../../lease.ts';
import {
  StoreClosed,
  StoreFailed,
  StoreUnwritable,
  type Change,
  type Durability,
  type Key,
  type Lease,
  type ReadTransaction,
  type Store,
  type WriteTransaction,
} from '../../store.ts';
import { Watchers } from '../../watchers.ts';
import { Checkpoints } from './checkpoints.ts';
import { diskError } from '../../disk-errors.ts';
import { openReader, openWriter, storePath, type Sync } from './files.ts';
import { withinMicrotasks } from './microtasks.ts';
import { ownDirectory } from './ownership.ts';
import { Snapshot } from './snapshot.ts';
import { prepareBatch, prepareStatements, SqliteTransaction, type BatchStatements, type Statements } from './transaction.ts';

export type SqliteOptions = {
  sync?: Sync;
  /** Pages of 4 KiB in the WAL beyond which it is copied into the database. */
  walFrames?: number;
  /** Runs every closure twice and keeps the second run: shows closures that have effects outside. For tests. */
  rehearse?: boolean;
};

type Closure = (tx: WriteTransaction) => Promise<unknown>;
type Write = {
  run: (tx: WriteTransaction) => Promise<unknown>;
  changes: readonly Change[];
  durability: Durability;
  resolve: (value: any) => void;
  reject: (error: unknown) => void;
};
type Report = (() => void)[];

const batchMillisecondsMax = 5; // then the event loop gets its turn
const walFramesDefault = 4096; // 16 MiB: a longer WAL slows down reads and lengthens the rare pause
const datasync = promisify(fdatasync);

/** Connections of stores whose disk failed: closing them would let SQLite drop the WAL that the next start recovers from. */
const abandoned: unknown[] = [];

export class SqliteStore implements Store {
  #directory: string;
  #lock: DatabaseSync;
  #writer: DatabaseSync;
  #reader: DatabaseSync;
  #statements: Statements;
  #batch: BatchStatements;
  #snapshot: Snapshot;
  #checkpoints: Checkpoints;
  #watchers = new Watchers();
  #wal: number;
  #database: number;
  #sync: Sync;
  #rehearse: boolean;
  #queue: Write[] = [];
  #draining: Promise<void> | undefined;
  #failure: Error | undefined;
  #closed = false;

  /** Throws StoreInUse and StoreUnwritable. */
  constructor(directory: string, { sync = 'thread', walFrames = walFramesDefault, rehearse = false }: SqliteOptions = {}) {
    this.#directory = directory;
    this.#sync = sync;
    this.#rehearse = rehearse;
    this.#lock = ownDirectory(directory);
    try {
      this.#writer = openWriter(directory, sync);
      this.#statements = prepareStatements(this.#writer);
      this.#batch = prepareBatch(this.#writer);
      this.#reader = openReader(directory);
      this.#snapshot = new Snapshot(this.#reader);
      this.#wal = openSync(`${storePath(directory)}-wal`, 'r+');
      this.#database = openSync(storePath(directory), 'r+');
    } catch (cause) {
      this.#lock.close();
      throw new StoreUnwritable(`the store in ${directory} cannot be opened: ${(cause as Error).message}`, { cause });
    }
    this.#checkpoints = new Checkpoints(this.#writer, storePath(directory), this.#database, walFrames, (error) => this.#fail(error));
  }

  read<T>(run: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreClosed());
    return this.#rehearse ? this.#snapshot.read(run).then(() => this.#snapshot.read(run)) : this.#snapshot.read(run);
  }

  write<T>(run: (tx: WriteTransaction) => Promise<T>, durability: Durability = 'sync'): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new StoreClosed();
      if (this.#failure) throw this.#failure;
      const inCallersContext = AsyncLocalStorage.snapshot();
      this.#queue.push({ run: (tx) => inCallersContext(run as Closure, tx), changes: [], durability, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  watch(prefix: Key): AsyncIterable<Change> {
    return this.#watchers.watch(prefix);
  }

  lease(name: string, milliseconds: number): Promise<Lease> {
    return acquireLease(this, name, milliseconds);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#draining;
    this.#watchers.close();
    if (this.#failure) {
      abandoned.push(this.#reader, this.#writer, this.#checkpoints);
      return;
    }
    await this.#snapshot.release();
    await this.#checkpoints.close();
    this.#reader.close();
    this.#writer.close();
    closeSync(this.#wal);
    closeSync(this.#database); // only now: closing any descriptor of the file drops the locks SQLite holds on it
    this.#lock.close();
  }

  /** Runs batches until the queue is empty; the writes that arrive during one batch form the next. */
  async #drain(): Promise<void> {
    await new Promise(setImmediate); // let the other requests of this turn join
    while (this.#queue.length > 0) {
      const batch: Write[] = [];
      try {
        if (this.#failure) throw this.#failure;
        await this.#restartWal();
        const report = await this.#commit(batch);
        if (batch.some((write) => write.durability === 'sync')) await this.#makeDurable();
        const changes = batch.flatMap((write) => write.changes);
        await this.#snapshot.advance(changes);
        this.#watchers.publish(changes);
        for (const settle of report) settle();
      } catch (error) {
        this.#abandon(batch, diskError(error, this.#directory));
      }
    }
    this.#draining = undefined;
  }

  /** Fills the batch from the queue and commits it. Even failures are reported only once the batch is durable. */
  async #commit(batch: Write[]): Promise<Report> {
    const report: Report = [];
    const end = performance.now() + batchMillisecondsMax;
    this.#batch.begin.run();
    while (this.#queue.length > 0 && performance.now() < end) {
      const write = this.#queue.shift()!;
      batch.push(write);
      if (this.#rehearse) await this.#attempt(write, () => this.#batch.undo.run());
      report.push(await this.#attempt(write, () => {}));
    }
    this.#batch.commit.run();
    return report;
  }

  /** Runs one closure inside its own savepoint and says how to settle it later. */
  async #attempt(write: Write, finish: () => void): Promise<() => void> {
    const tx = new SqliteTransaction(this.#statements);
    this.#batch.savepoint.run();
    try {
      const value = await withinMicrotasks(() => write.run(tx));
      finish();
      write.changes = tx.changes;
      return () => write.resolve(value);
    } catch (error) {
      // After some disk errors SQLite has rolled the whole batch back by itself.
      if (!this.#writer.isTransaction) throw error;
      this.#batch.undo.run();
      write.changes = [];
      return () => write.reject(diskError(error, this.#directory));
    } finally {
      tx.end();
      if (this.#writer.isTransaction) this.#batch.release.run();
    }
  }

  async #makeDurable(): Promise<void> {
    if (this.#sync !== 'thread') return;
    try {
      await datasync(this.#wal);
    } catch (error) {
      throw this.#fail(error as Error);
    }
  }

  /** After a failed sync nobody knows what is on the disk: no write may be acknowledged any more. */
  #fail(cause: Error): Error {
    return (this.#failure ??= new StoreFailed(
      `the disk of ${this.#directory} failed to sync (${cause.message}): writes are refused until a restart`,
      { cause },
    ));
  }

  async #restartWal(): Promise<void> {
    if (!this.#checkpoints.due()) return;
    await this.#snapshot.release();
    await this.#checkpoints.restart();
    this.#snapshot.pin();
  }

  #abandon(batch: Write[], error: unknown): void {
    if (this.#writer.isTransaction) this.#writer.exec('ROLLBACK');
    for (const write of batch) write.reject(error);
    const hopeless = batch.length === 0 || this.#failure !== undefined;
    if (hopeless) for (const write of this.#queue.splice(0)) write.reject(error);
  }
}
