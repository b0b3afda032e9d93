/** One request by a client whose heap is new: a generator that has made a hundred thousand requests before collects garbage while it should read. */

import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { load, type LoadResult } from './load.ts';

type Single = { port: number; request: Uint8Array };

/** Sends a request, whole, head and body, on a connection of its own, in a thread of its own. */
export async function loadOnce(single: Single): Promise<LoadResult> {
  const worker = new Worker(import.meta.filename, { workerData: single });
  const [[result]] = (await Promise.all([once(worker, 'message'), once(worker, 'exit')])) as [[LoadResult], unknown];
  return result;
}

if (!isMainThread) {
  const { port, request } = workerData as Single;
  parentPort!.postMessage(await load({ port, connections: 1, total: 1, request: () => Buffer.from(request) }));
}
