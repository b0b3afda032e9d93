/** Worker thread that moves pages from the WAL into the database, so that the main thread never waits for it. */

import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

const db = new DatabaseSync(workerData as string, { timeout: 10_000 });
db.exec('PRAGMA synchronous = NORMAL');

parentPort!.on('message', (mode: 'PASSIVE' | 'RESTART' | 'close') => {
  if (mode === 'close') {
    db.close();
    parentPort!.close();
    return;
  }
  try {
    db.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
    parentPort!.postMessage(undefined);
  } catch (error) {
    parentPort!.postMessage((error as Error).message);
  }
});
