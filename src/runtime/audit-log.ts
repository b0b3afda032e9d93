/** The audit trail: events gather in memory and are written behind as compressed chunks, one blob for each account and flush. */

import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { AuditEvent, AuditLog, AuditQuery } from '../framework/audit.ts';
import type { BlobRef, BlobStore, Staged } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { table } from '../store/table.ts';

const FLUSH_MILLISECONDS = 500;
const EVENTS_PER_CHUNK_MAX = 2_000;
/** Beyond this many waiting events the oldest chunk is being written too slowly: stop taking more rather than grow without end. */
const EVENTS_WAITING_MAX = 200_000;
const CHUNKS_PER_PAGE = 50;
/** How long events are kept: CloudTrail's event history goes back 90 days. */
export const retentionMilliseconds = 90 * 86_400_000;

type Chunk = { account: string; from: number; to: number; id: string; count: number; blob: BlobRef };

export const auditChunks = table<Chunk, 'byTime'>('haneul/audit-chunks', {
  key: (row) => [row.account, row.to, row.id],
  indexes: { byTime: (row) => [row.to] },
});

export type RunningAuditLog = AuditLog & {
  flush(): Promise<void>;
  /** Forgets chunks whose last event is older than the moment given. */
  forgetBefore(time: number): Promise<number>;
  /** Told of every event as it is appended, for event streams. */
  onAppend(listener: (event: AuditEvent) => void): () => void;
  close(): Promise<void>;
};

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export function openAuditLog(store: Store, blobs: BlobStore, onError: (error: unknown) => void): RunningAuditLog {
  let waiting: AuditEvent[] = [];
  let dropped = 0;
  let flushing: Promise<void> = Promise.resolve();
  const listeners = new Set<(event: AuditEvent) => void>();

  const writeBehind = async (): Promise<void> => {
    while (waiting.length > 0) {
      const events = waiting.splice(0, EVENTS_PER_CHUNK_MAX);
      try {
        for (const [account, some] of byAccount(events)) await writeChunk(store, blobs, account, some);
      } catch (error) {
        waiting = [...events, ...waiting];
        onError(error);
        return;
      }
    }
    if (dropped > 0) onError(new Error(`${dropped} audit events were dropped: the disk is too slow for them`));
    dropped = 0;
  };
  const flush = (): Promise<void> => (flushing = flushing.then(writeBehind));
  const timer = setInterval(() => {
    if (waiting.length > 0) void flush();
  }, FLUSH_MILLISECONDS).unref();

  return {
    append: (event) => {
      for (const listener of listeners) listener(event);
      if (waiting.length < EVENTS_WAITING_MAX) waiting.push(event);
      else dropped++;
    },
    lookup: async (query) => {
      await flush();
      return lookup(store, blobs, query);
    },
    find: async (requestId) => {
      await flush();
      return find(store, blobs, requestId);
    },
    flush,
    forgetBefore: (time) => forgetBefore(store, blobs, time),
    onAppend: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}

function byAccount(events: readonly AuditEvent[]): Map<string, AuditEvent[]> {
  const accounts = new Map<string, AuditEvent[]>();
  for (const event of events) {
    const some = accounts.get(event.recipientAccountId);
    if (some) some.push(event);
    else accounts.set(event.recipientAccountId, [event]);
  }
  return accounts;
}

async function writeChunk(store: Store, blobs: BlobStore, account: string, events: readonly AuditEvent[]): Promise<void> {
  const staged: Staged = await blobs.stage(await compress(JSON.stringify(events)));
  const times = events.map((event) => Date.parse(event.eventTime));
  const chunk: Chunk = {
    account,
    from: Math.min(...times),
    to: Math.max(...times),
    id: staged.ref.id,
    count: events.length,
    blob: staged.ref,
  };
  await store.write(async (tx) => {
    await blobs.adopt(tx, staged);
    await auditChunks.put(tx, chunk);
  }, 'relaxed');
}

async function readChunk(blobs: BlobStore, chunk: Chunk): Promise<AuditEvent[]> {
  return JSON.parse((await decompress(await blobs.bytes(chunk.blob))).toString('utf8')) as AuditEvent[];
}

/** Newest first. The continuation names the last event that was given out. */
async function lookup(store: Store, blobs: BlobStore, query: AuditQuery): Promise<{ events: AuditEvent[]; next?: string }> {
  const { from = 0, to = Infinity } = query;
  const events: AuditEvent[] = [];
  let skipping = query.after !== undefined;
  let after: Uint8Array | undefined;
  for (;;) {
    const page = await store.read((tx) =>
      auditChunks.scan(tx, [query.account], { limit: CHUNKS_PER_PAGE, reverse: true, ...(after && { after }) }),
    );
    for (const { row } of page) {
      if (row.from > to) continue;
      if (row.to < from) return { events };
      for (const event of (await readChunk(blobs, row)).reverse()) {
        if (skipping) {
          skipping = event.eventID !== query.after;
          continue;
        }
        const at = Date.parse(event.eventTime);
        if (at < from || at > to || (query.region && event.awsRegion !== query.region) || query.matches?.(event) === false) continue;
        if (events.length === query.limit) return { events, next: events.at(-1)!.eventID };
        events.push(event);
      }
    }
    if (page.length < CHUNKS_PER_PAGE) return { events };
    after = page.at(-1)!.cursor;
  }
}

/** Request ids begin with their time (UUID version 7, or 12 hex digits in S3's form), so only chunks around it are read. */
async function find(store: Store, blobs: BlobStore, requestId: string): Promise<AuditEvent | undefined> {
  const hex = requestId.replaceAll('-', '');
  if (!/^[0-9a-f]{16,32}$/i.test(hex)) return undefined;
  const second = Math.floor(Number.parseInt(hex.slice(0, 12), 16) / 1_000) * 1_000; // event times have whole seconds
  let after: Uint8Array | undefined;
  for (;;) {
    const page = await store.read((tx) =>
      auditChunks.scanIndex(tx, 'byTime', [], { limit: CHUNKS_PER_PAGE, reverse: true, ...(after && { after }) }),
    );
    for (const { row } of page) {
      if (row.from > second) continue;
      const found = (await readChunk(blobs, row)).find((event) => event.requestID === requestId);
      if (found || row.to < second - 3_600_000) return found;
    }
    if (page.length < CHUNKS_PER_PAGE) return undefined;
    after = page.at(-1)!.cursor;
  }
}

async function forgetBefore(store: Store, blobs: BlobStore, time: number): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const old = await store.write(async (tx) => {
      const page = await auditChunks.scanIndex(tx, 'byTime', [], { limit: CHUNKS_PER_PAGE });
      const gone = page.map(({ row }) => row).filter((row) => row.to < time);
      for (const row of gone) {
        await auditChunks.delete(tx, row.account, row.to, row.id);
        await blobs.remove(tx, row.blob);
      }
      return gone.length;
    });
    forgotten += old;
    if (old < CHUNKS_PER_PAGE) return forgotten;
  }
}
