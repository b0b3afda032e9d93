/** Decides when the WAL is copied into the database, and keeps it from growing without limit. */

import { once } from 'node:events';
import { fdatasync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const retryMilliseconds = 1_000;
const datasync = promisify(fdatasync);

/**
 * A passive checkpoint never blocks the writer, but a writer that never pauses would never let the WAL start over.
 * So the bulk is copied and synced while writing goes on, and then the writer pauses while the worker copies what
 * has come since. RESTART keeps the file's blocks, which makes later fdatasyncs cheaper than TRUNCATE would.
 * A checkpoint that fails (a full disk) loses nothing: the WAL still holds everything, and grows until one succeeds.
 */
export class Checkpoints {
  #path: string;
  #worker: Worker | undefined;
  #length: StatementSync;
  #framesMax: number;
  #database: number;
  #failed: (error: Error) => void;
  #state: 'idle' | 'copying' | 'copied' = 'idle';
  #retryAt = 0;
  #copy: Promise<void> = Promise.resolve();

  /** `failed` is told when a sync of the database fails: from then on nobody knows what the disk holds of it. */
  constructor(writer: DatabaseSync, path: string, database: number, framesMax: number, failed: (error: Error) => void) {
    this.#path = path;
    this.#length = writer.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#database = database;
    this.#framesMax = framesMax;
    this.#failed = failed;
  }

  /** Called before each write batch; true when the writer should pause for `restart`. */
  due(): boolean {
    if (this.#state === 'idle' && this.#uncopiedFrames() > this.#framesMax && performance.now() >= this.#retryAt)
      this.#copy = this.#copyPassively();
    return this.#state === 'copied';
  }

  async restart(): Promise<void> {
    await this.#attempt('RESTART');
    this.#state = 'idle';
  }

  async close(): Promise<void> {
    await this.#copy;
    if (!this.#worker) return;
    const exit = once(this.#worker, 'exit');
    this.#worker.ref(); // or the process may end before the worker has
    this.#worker.postMessage('close');
    await exit;
  }

  #uncopiedFrames(): number {
    const { log, checkpointed } = this.#length.get() as { log: number; checkpointed: number };
    return log - checkpointed;
  }

  /** SQLite leaves the sync of the database to the checkpoint that catches up; here it is done before the pause. */
  async #copyPassively(): Promise<void> {
    this.#state = 'copying';
    if (!(await this.#attempt('PASSIVE'))) {
      this.#state = 'idle';
      return;
    }
    try {
      await datasync(this.#database);
      this.#state = 'copied';
    } catch (error) {
      this.#failed(error as Error); // stays `copying`: the WAL must never start over now
    }
  }

  async #attempt(mode: 'PASSIVE' | 'RESTART'): Promise<boolean> {
    this.#worker ??= new Worker(new URL(`./checkpoint-worker${extension}`, import.meta.url), { workerData: this.#path });
    this.#worker.ref();
    this.#worker.postMessage(mode);
    const [problem] = (await once(this.#worker, 'message')) as [string | undefined];
    this.#worker.unref();
    if (problem !== undefined) this.#retryAt = performance.now() + retryMilliseconds;
    return problem === undefined;
  }
}
