/** The audit trail: events gather in memory and are written behind as compressed chunks, one blob for each account and flush. */

import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { AuditEvent, AuditLog, AuditQuery } from '../framework/audit.ts';
import type { BlobRef, BlobStore, Staged } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { table } from '../store/table.ts';
import { createTextBuffer, type TextBuffer } from './text-buffer.ts';

const FLUSH_MILLISECONDS = 500;
const CHUNK_BYTES_MAX = 2 << 20;
/** Beyond this the trail is being written too slowly: no more is taken rather than grow without end. */
const WAITING_BYTES_MAX = 128 << 20;
const CHUNKS_PER_PAGE = 50;
/** What an event is made of is held no longer than until so many wait. */
const UNMADE_MAX = 64;
/** The trail is written at the pace of the calls, so that speed matters more than the last tenth of its size. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
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

/** Events of one account that wait to be written, a line of JSON each. */
type Waiting = { lines: TextBuffer; count: number; from: number; to: number };

/** The events that wait, by account. */
function createGathering() {
  let lastText = '';
  let lastTime = 0;
  /** Most events are of the same second as the one before. */
  const timeOf = (text: string): number => {
    if (text !== lastText) {
      lastTime = Date.parse(text);
      lastText = text;
    }
    return lastTime;
  };
  let waiting = new Map<string, Waiting>();
  let bytes = 0;
  return {
    /** False when too much waits already. Tells else how many bytes wait for this account. */
    add(event: AuditEvent): number | false {
      if (bytes > WAITING_BYTES_MAX) return false;
      const at = timeOf(event.eventTime);
      let chunk = waiting.get(event.recipientAccountId);
      if (!chunk) waiting.set(event.recipientAccountId, (chunk = { lines: createTextBuffer(), count: 0, from: at, to: at }));
      const before = chunk.lines.length;
      chunk.lines.add(JSON.stringify(event));
      chunk.count++;
      chunk.from = Math.min(chunk.from, at);
      chunk.to = Math.max(chunk.to, at);
      bytes += chunk.lines.length - before;
      return chunk.lines.length;
    },
    any: () => waiting.size > 0,
    take(): ReadonlyMap<string, Waiting> {
      const taken = waiting;
      waiting = new Map();
      return taken;
    },
    written(chunk: Waiting): void {
      bytes -= chunk.lines.length;
    },
    /** Not written: it waits again, before what has come since. */
    putBack(account: string, failed: Waiting): void {
      const later = waiting.get(account);
      waiting.set(account, failed);
      if (!later) return;
      failed.lines.addBytes(later.lines.bytes());
      failed.count += later.count;
      failed.to = Math.max(failed.to, later.to);
    },
  };
}

/** Events that are made together, in the order in which their calls ended. */
function createUnmade(append: (event: AuditEvent) => void) {
  let waiting: (() => AuditEvent | undefined)[] = [];
  const make = (): void => {
    const all = waiting;
    waiting = [];
    for (const one of all) {
      const event = one();
      if (event) append(event);
    }
  };
  return {
    make,
    add: (one: () => AuditEvent | undefined): void => {
      if (waiting.push(one) === 1) setImmediate(make);
      else if (waiting.length >= UNMADE_MAX) make();
    },
  };
}

export function openAuditLog(store: Store, blobs: BlobStore, onError: (error: unknown) => void): RunningAuditLog {
  const gathering = createGathering();
  let dropped = 0;
  let writing = false;
  let flushing: Promise<void> = Promise.resolve();
  const listeners = new Set<(event: AuditEvent) => void>();

  const writeBehind = async (): Promise<void> => {
    writing = true;
    for (const [account, chunk] of gathering.take()) {
      try {
        await writeChunk(store, blobs, account, chunk);
        gathering.written(chunk);
      } catch (error) {
        gathering.putBack(account, chunk);
        onError(error);
      }
    }
    if (dropped > 0) onError(new Error(`${dropped} audit events were dropped: the disk is too slow for them, or full`));
    dropped = 0;
    writing = false;
  };
  const flush = (): Promise<void> => {
    unmade.make();
    return (flushing = flushing.then(writeBehind));
  };
  const timer = setInterval(() => {
    if (gathering.any()) void flush();
  }, FLUSH_MILLISECONDS).unref();

  const append = (event: AuditEvent): void => {
    for (const listener of listeners) listener(event);
    const waiting = gathering.add(event);
    if (waiting === false) dropped++;
    else if (waiting > CHUNK_BYTES_MAX && !writing) void flush();
  };
  const unmade = createUnmade(append);

  return {
    append: (event) => {
      unmade.make();
      append(event);
    },
    appendLater: unmade.add,
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

async function writeChunk(store: Store, blobs: BlobStore, account: string, { lines, count, from, to }: Waiting): Promise<void> {
  const staged: Staged = await blobs.stage(await compress(lines.bytes(), compression));
  const chunk: Chunk = { account, from, to, id: staged.ref.id, count, blob: staged.ref };
  await store.write(async (tx) => {
    await blobs.adopt(tx, staged);
    await auditChunks.put(tx, chunk);
  }, 'relaxed');
}

async function readLines(blobs: BlobStore, chunk: Chunk): Promise<string[]> {
  return (await decompress(await blobs.bytes(chunk.blob))).toString('utf8').trimEnd().split('\n');
}

const parse = (line: string): AuditEvent => JSON.parse(line) as AuditEvent;

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
      for (const event of (await readLines(blobs, row)).reverse().map(parse)) {
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
      const lines = (await readLines(blobs, row)).filter((line) => line.includes(requestId));
      const found = lines.map(parse).find((event) => event.requestID === requestId);
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
