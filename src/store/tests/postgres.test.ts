/** The PostgreSQL driver runs the conformance suite, and two stores on one database act as one. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { PostgresStore } from '../drivers/postgres/postgres-store.ts';
import { encodeKey } from '../keys.ts';
import { migrateTables } from '../migrate.ts';
import { openStore } from '../open-store.ts';
import { LeaseHeld, LeaseLost, type Store } from '../store.ts';
import { table } from '../table.ts';
import { conformance } from './conformance.ts';
import { startPostgres } from './postgres-server.ts';

const server = startPostgres();

if (server) {
  after(() => server.close());
  let databases = 0;
  const freshDatabase = async (): Promise<string> => {
    const name = `haneul${databases++}`;
    const client = new pg.Client({ connectionString: server.url });
    try {
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
    } finally {
      await client.end();
    }
    return server.url.replace('/postgres?', `/${name}?`);
  };
  conformance('postgres', async () => openStore({ url: await freshDatabase() }));
  conformance('postgres, each closure run twice', async () => openStore({ url: await freshDatabase(), rehearse: true }));
  twoProcesses(freshDatabase);
} else {
  test('PostgreSQL', { skip: 'PostgreSQL is not installed, and this user may not install it' }, () => {});
}

function twoProcesses(freshDatabase: () => Promise<string>): void {
  describe('two stores on one PostgreSQL', () => {
    const opened: PostgresStore[] = [];
    let a: PostgresStore;
    let b: PostgresStore;
    let url: string;
    before(async () => {
      url = await freshDatabase();
      const outcomes = await Promise.allSettled([PostgresStore.open(url), PostgresStore.open(url)]);
      // One that is open while the other is not would keep this process alive.
      opened.push(...outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value as PostgresStore] : [])));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
      [a, b] = opened as [PostgresStore, PostgresStore];
    });
    after(() => Promise.all(opened.map((store) => store.close())));

    test('one watches what the other writes', async () => {
      const changes = b.watch(encodeKey('shared'))[Symbol.asyncIterator]();
      await a.write((tx) => tx.put(encodeKey('shared', 1), '"from a"'));
      const { value } = await changes.next();
      assert.deepEqual(Buffer.from(value!.key), encodeKey('shared', 1));
      assert.equal(await b.read((tx) => tx.get(encodeKey('shared', 1))), '"from a"');
      await changes.return!();
    });

    test('a lease of one keeps the other out, and the fence holds across them', async () => {
      const lease = await a.lease('reconciler', 60_000);
      await assert.rejects(b.lease('reconciler', 60_000), LeaseHeld);
      await lease.release();
      const next = await b.lease('reconciler', 60_000);
      assert.ok(next.token > lease.token);
      await assert.rejects(
        a.write((tx) => lease.check(tx)),
        LeaseLost,
      );
    });

    test('their conflicting writes are serialised', async () => {
      const key = encodeKey('both');
      const increment = (store: Store) => store.write(async (tx) => tx.put(key, String(Number((await tx.get(key)) ?? 0) + 1)));
      await Promise.all(Array.from({ length: 200 }, (_, n) => increment(n % 2 === 0 ? a : b)));
      assert.equal(await a.read((tx) => tx.get(key)), '200');
      assert.ok(a.conflicts + b.conflicts > 0);
    });

    test('both may migrate at the same time', async () => {
      type Thing = { id: string; size: number };
      const old = table<Thing>('test/things', { key: (row) => [row.id] });
      await migrateTables(a, [old]);
      await a.write(async (tx) => {
        for (let n = 0; n < 700; n++) await old.put(tx, { id: `t${n}`, size: n % 7 });
      });
      const things = table<Thing, 'bySize'>('test/things', {
        key: (row) => [row.id],
        indexes: { bySize: (row) => [row.size] },
        version: 2,
      });
      await Promise.all([migrateTables(a, [things]), migrateTables(b, [things])]);
      assert.equal((await b.read((tx) => things.scanIndex(tx, 'bySize', [3]))).length, 100);
    });

    test('a lost connection only delays the hints', async () => {
      const changes = b.watch(encodeKey('after-the-loss'))[Symbol.asyncIterator]();
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
      );
      await client.end();
      const { value } = await changes.next(); // nothing has changed: it is told that anything may have
      assert.deepEqual(Buffer.from(value!.key), encodeKey('after-the-loss'));
      await a.write((tx) => tx.put(encodeKey('after-the-loss', 1), '1'));
      assert.equal(await b.read((tx) => tx.get(encodeKey('after-the-loss', 1))), '1');
      await changes.return!();
    });
  });
}
