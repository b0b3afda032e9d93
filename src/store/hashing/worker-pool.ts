/** Two worker threads at most, started when they are first needed, that hash for the main thread. */

import { Worker } from 'node:worker_threads';
import type { HashName } from '../blob-store.ts';
import type { Digests } from './local-hash.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/** One stream in one worker. */
export type WorkerStream = {
  /** Resolves when the worker has read the slot. */
  update(slot: SharedArrayBuffer, length: number): Promise<void>;
  digest(): Promise<Digests>;
  abort(): void;
};

type Waiting = { resolve: (value: any) => void; reject: (error: Error) => void };
type Hasher = { worker: Worker; /** Sum of the costs of the streams that it hashes. */ load: number; waiting: Map<number, Waiting[]> };

/** Seconds of CPU for a gibibyte, measured: only their proportions count. */
const costs: Record<HashName, number> = {
  ...{ md5: 1.3, sha1: 0.7, sha256: 0.6, sha512: 1.6, crc32: 0.2, crc32c: 0.2, crc64nvme: 0.2 },
  ...{ xxhash64: 0.3, xxhash3: 0.3, xxhash128: 0.3 },
};
/** What costs no more than this is done by the worker that has the bytes anyway: to wake another costs as much. */
const besideMax = 0.2;
const workersMax = 2;
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

const hashers: Hasher[] = [];
let streams = 0;

/** Splits the hashes of one stream among the workers, the costly ones first and each to whom has least to do; cheap ones go with them. */
export function openWorkerStreams(names: readonly HashName[]): WorkerStream[] {
  const shares = new Map<Hasher, HashName[]>();
  for (const name of names.toSorted((a, b) => costs[b] - costs[a])) {
    const [first] = shares.keys();
    const hasher = first && costs[name] <= besideMax ? first : leastBusy();
    hasher.load += costs[name];
    shares.set(hasher, [...(shares.get(hasher) ?? []), name]);
  }
  return [...shares].map(([hasher, share]) => openStream(hasher, share));
}

/** A thread costs some ten mebibytes, so a second one starts only when the first has something to do. */
function leastBusy(): Hasher {
  const best = hashers.reduce<Hasher | undefined>((a, b) => (a && a.load <= b.load ? a : b), undefined);
  if (best && (best.load === 0 || hashers.length === workersMax)) return best;
  const started = startHasher();
  hashers.push(started);
  return started;
}

function openStream(hasher: Hasher, names: readonly HashName[]): WorkerStream {
  const stream = streams++;
  const load = names.reduce((sum, name) => sum + costs[name], 0);
  const ask = <T>(message: ToWorker): Promise<T> =>
    new Promise((resolve, reject) => {
      const waiting = hasher.waiting.get(stream);
      if (!waiting) return reject(new Error('the hashing worker has ended'));
      if (!isBusy(hasher)) hasher.worker.ref(); // the process must not end while an answer is due
      waiting.push({ resolve, reject });
      hasher.worker.postMessage(message);
    });
  const end = (): void => {
    if (hasher.waiting.delete(stream)) hasher.load -= load;
    if (!isBusy(hasher)) hasher.worker.unref();
  };
  hasher.waiting.set(stream, []);
  hasher.worker.postMessage({ type: 'open', stream, names } satisfies ToWorker);
  return {
    update: (slot, length) => ask({ type: 'bytes', stream, slot, length }),
    digest: () => ask<Digests>({ type: 'digest', stream }).finally(end),
    abort() {
      const unanswered = hasher.waiting.get(stream) ?? [];
      end();
      hasher.worker.postMessage({ type: 'abort', stream } satisfies ToWorker);
      for (const { reject } of unanswered) reject(new Error('hashing was aborted'));
    },
  };
}

function startHasher(): Hasher {
  const worker = new Worker(new URL(`./worker${extension}`, import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 },
  });
  worker.unref();
  const hasher: Hasher = { worker, load: 0, waiting: new Map() };
  worker.on('message', (message: FromWorker) => {
    const first = hasher.waiting.get(message.stream)?.shift(); // answers come in the order of the questions
    if (!isBusy(hasher)) worker.unref();
    if (message.type === 'taken') first?.resolve(undefined);
    else first?.resolve(revive(message.digests));
  });
  worker.on('error', (error) => retire(hasher, error as Error));
  worker.on('exit', () => retire(hasher, new Error('the hashing worker has ended')));
  return hasher;
}

/** Fails what it was doing; the next stream starts another. */
function retire(hasher: Hasher, error: Error): void {
  const at = hashers.indexOf(hasher);
  if (at >= 0) hashers.splice(at, 1);
  const unanswered = [...hasher.waiting.values()].flat();
  hasher.waiting.clear();
  for (const { reject } of unanswered) reject(error);
}

function isBusy(hasher: Hasher): boolean {
  for (const waiting of hasher.waiting.values()) if (waiting.length > 0) return true;
  return false;
}

/** A Buffer arrives from another thread as a plain Uint8Array. */
function revive(digests: Digests): Digests {
  return Object.fromEntries(Object.entries(digests).map(([name, bytes]) => [name, Buffer.from(bytes)]));
}
