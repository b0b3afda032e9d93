/** Tells all processes on one PostgreSQL database which keys have changed, by LISTEN/NOTIFY after the commit. */

import pg from 'pg';
import type { Change, Key } from '../../store.ts';
import { Watchers } from '../../watchers.ts';

const channel = 'haneul_kv';
const pauseMilliseconds = 5;
const reconnectMilliseconds = 500;
const payloadCharactersMax = 7_900; // PostgreSQL allows 7,999 bytes

export type Notices = {
  watch(prefix: Key): AsyncIterable<Change>;
  announce(changes: readonly Change[]): void;
  close(): Promise<void>;
};

/**
 * NOTIFY inside a transaction takes one lock for the whole database at COMMIT and so puts all writers in a queue.
 * Hence the keys of many commits are sent afterwards, by one connection. What a crash or a lost connection swallows is only a hint:
 * after a new connection every watcher is told that anything may have changed.
 */
export async function openNotices(connectionString: string): Promise<Notices> {
  const watchers = new Watchers();
  const keys = new Set<string>();
  let client = await connect();
  let flushTimer: NodeJS.Timeout | undefined;
  let reconnectTimer: NodeJS.Timeout | undefined;
  let sent: Promise<void> = Promise.resolve();
  let closed = false;

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({ connectionString, keepAlive: true });
    fresh.on('notification', ({ payload = '' }) =>
      watchers.publish(payload.split(' ').map((key) => ({ key: Buffer.from(key, 'base64url') }))),
    );
    fresh.on('error', () => reconnect(fresh));
    fresh.on('end', () => reconnect(fresh));
    await fresh.connect();
    await fresh.query(`LISTEN ${channel}`);
    return fresh;
  }

  function reconnect(lost: pg.Client): void {
    if (closed || lost !== client || reconnectTimer) return;
    watchers.publishUnknown(); // from here on changes go by unheard
    reconnectTimer = setTimeout(() => {
      reconnectTimer = undefined;
      connect().then(
        (fresh) => {
          if (closed) return void fresh.end();
          client = fresh;
          watchers.publishUnknown();
        },
        () => reconnect(lost), // the database is still away; the store's own calls say so to whoever needs it
      );
    }, reconnectMilliseconds);
  }

  function flush(): Promise<void> {
    clearTimeout(flushTimer);
    flushTimer = undefined;
    return (sent = sent.then(send)); // one query at a time
  }

  async function send(): Promise<void> {
    const waiting = [...keys];
    keys.clear();
    for (const payload of payloads(waiting)) {
      await client.query('SELECT pg_notify($1, $2)', [channel, payload]).catch(() => reconnect(client)); // only a hint
    }
  }

  return {
    watch: (prefix) => watchers.watch(prefix),
    announce(changes) {
      for (const { key } of changes) keys.add(Buffer.from(key).toString('base64url'));
      if (changes.length > 0) flushTimer ??= setTimeout(() => void flush(), pauseMilliseconds);
    },
    async close() {
      await flush();
      closed = true;
      clearTimeout(reconnectTimer);
      watchers.close();
      await client.end();
    },
  };
}

function* payloads(keys: readonly string[]): Generator<string> {
  let payload = '';
  for (const key of keys) {
    if (payload.length + key.length > payloadCharactersMax) {
      yield payload;
      payload = '';
    }
    payload += payload === '' ? key : ` ${key}`;
  }
  if (payload !== '') yield payload;
}
