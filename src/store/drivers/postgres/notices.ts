/** Tells all processes on one PostgreSQL database which keys have changed, by LISTEN/NOTIFY after the commit. */

import pg from 'pg';
import type { Change, Key } from '../../store.ts';
import { Watchers } from '../../watchers.ts';

const CHANNEL = 'kv';
const PAUSE_MILLISECONDS = 5;
const MOST_PAYLOAD_CHARACTERS = 7_900; // PostgreSQL allows 7,999 bytes

/**
 * NOTIFY inside a transaction takes one lock for the whole database at COMMIT and so puts all writers in a queue.
 * Hence the keys of many commits are sent afterwards, by one connection; a crash in between loses the hint.
 */
export class PostgresNotices {
  #client: pg.Client;
  #watchers = new Watchers();
  #keys = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #sent: Promise<void> = Promise.resolve();

  private constructor(client: pg.Client) {
    this.#client = client;
    client.on('notification', ({ payload = '' }) => {
      this.#watchers.publish(payload.split(' ').map((key) => ({ key: Buffer.from(key, 'base64url') })));
    });
  }

  static async open(connectionString: string): Promise<PostgresNotices> {
    const client = new pg.Client({ connectionString });
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    return new PostgresNotices(client);
  }

  watch(prefix: Key): AsyncIterable<Change> {
    return this.#watchers.watch(prefix);
  }

  announce(changes: readonly Change[]): void {
    for (const { key } of changes) this.#keys.add(Buffer.from(key).toString('base64url'));
    this.#timer ??= setTimeout(() => void this.#flush(), PAUSE_MILLISECONDS);
  }

  async close(): Promise<void> {
    await this.#flush();
    this.#watchers.close();
    await this.#client.end();
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return (this.#sent = this.#sent.then(() => this.#send())); // one query at a time
  }

  async #send(): Promise<void> {
    const keys = [...this.#keys];
    this.#keys.clear();
    let payload = '';
    for (const key of keys) {
      if (payload.length + key.length > MOST_PAYLOAD_CHARACTERS) {
        await this.#notify(payload);
        payload = '';
      }
      payload += payload === '' ? key : ` ${key}`;
    }
    if (payload !== '') await this.#notify(payload);
  }

  async #notify(payload: string): Promise<void> {
    await this.#client.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]).catch(() => {}); // only a hint
  }
}
