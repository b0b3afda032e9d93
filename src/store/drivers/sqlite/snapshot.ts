/** The one snapshot that all reads share: it shows durable data only and moves forward between write batches. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { createHotRows } from './hot-rows.ts';
import { withinMicrotasks } from './microtasks.ts';
import { prepareStatements, SqliteTransaction, type Statements } from './transaction.ts';
import type { Change, ReadTransaction } from '../../store.ts';

export class Snapshot {
  #statements: Statements;
  #begin: StatementSync;
  #pin: StatementSync;
  #commit: StatementSync;
  #rows = createHotRows();
  #pinned = false;
  #readers = 0;

  constructor(db: DatabaseSync) {
    this.#statements = prepareStatements(db);
    this.#begin = db.prepare('BEGIN');
    this.#pin = db.prepare('SELECT 1 FROM kv LIMIT 1'); // BEGIN alone does not take the snapshot
    this.#commit = db.prepare('COMMIT');
    this.pin();
  }

  read<T>(run: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    const tx = new SqliteTransaction(this.#statements, this.#rows);
    this.#readers++;
    return withinMicrotasks(
      () => run(tx),
      () => {
        this.#readers--;
        tx.end();
      },
    );
  }

  /** Shows the latest commit, which made these changes, to all later reads; a read in progress ends within this turn of the event loop. */
  async advance(changes: readonly Change[]): Promise<void> {
    if (this.#readers > 0) await new Promise(setImmediate);
    this.#unpin();
    this.#rows.forget(changes);
    this.pin();
  }

  /** Lets a checkpoint reset the WAL. Reads go on without a pin, so no write may commit until `pin`. */
  async release(): Promise<void> {
    if (this.#readers > 0) await new Promise(setImmediate);
    this.#unpin();
  }

  #unpin(): void {
    if (this.#pinned) this.#commit.run();
    this.#pinned = false;
  }

  pin(): void {
    this.#begin.run();
    this.#pin.get();
    this.#pinned = true;
  }
}
