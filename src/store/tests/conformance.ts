/** What every driver promises: the suite that all of them run. */

import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { below, decodeKey, encodeKey } from '../keys.ts';
import {
  KeyTooLarge,
  LeaseHeld,
  LeaseLost,
  StoreClosed,
  TransactionOver,
  ValueTooLarge,
  keyBytesMax,
  valueBytesMax,
  type Change,
  type ReadTransaction,
  type RolledUp,
  type Store,
  type WriteTransaction,
} from '../store.ts';

/** `open` gives an empty store, which the suite closes. */
export function conformance(name: string, open: () => Promise<Store>): void {
  describe(name, async () => {
    const store = await open();
    after(() => store.close());
    values(store);
    ranges(store);
    transactions(store);
    serialisability(store);
    watching(store);
    leases(store);
    test('a closed store refuses everything', async () => {
      const other = await open();
      await other.close();
      await assert.rejects(
        other.read((tx) => tx.get(encodeKey('x'))),
        StoreClosed,
      );
      await assert.rejects(
        other.write((tx) => tx.put(encodeKey('x'), '1')),
        StoreClosed,
      );
    });
  });
}

function values(store: Store): void {
  test('get, put, delete, getMany, empty values', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((part) => encodeKey('basic', part)) as [Uint8Array, Uint8Array, Uint8Array];
    await store.write(async (tx) => {
      await tx.put(a, '1');
      await tx.put(b, '');
      await tx.put(c, '3');
      await tx.delete(c);
      assert.equal(await tx.get(a), '1');
      assert.equal(await tx.get(c), undefined);
      assert.deepEqual(await Promise.all([tx.get(a), tx.getMany([b, c])]), ['1', ['', undefined]]);
    });
    assert.deepEqual(await store.read((tx) => tx.getMany([c, b, a, a])), [undefined, '', '1', '1']);
  });

  test('text of every script survives, and so does what looks like SQL', async () => {
    const texts = ['하늘', '😀', "'; DROP TABLE kv; --", '\\x00', '{"a":"\\u0000"}', '\u007f\u0080\uffff'];
    await store.write(async (tx) => {
      for (const [n, text] of texts.entries()) await tx.put(encodeKey('text', n), text);
    });
    assert.deepEqual(
      (await store.read((tx) => tx.range(below(encodeKey('text'))))).map(([, value]) => value),
      texts,
    );
  });

  test('sizes are guarded', async () => {
    const key = encodeKey('size');
    const longest = '하'.repeat(Math.floor(valueBytesMax / 3));
    await store.write((tx) => tx.put(key, longest));
    assert.equal(await store.read((tx) => tx.get(key)), longest);
    await assert.rejects(
      store.write((tx) => tx.put(key, `${longest}하`)),
      ValueTooLarge,
    );
    await store.write((tx) => tx.put(Buffer.alloc(keyBytesMax, 7), '1'));
    await assert.rejects(
      store.write((tx) => tx.put(Buffer.alloc(keyBytesMax + 1, 7), '1')),
      KeyTooLarge,
    );
  });
}

function ranges(store: Store): void {
  test('ranges are ordered, half-open, limited, reversible and deletable', async () => {
    const key = (n: number) => encodeKey('range', n);
    await store.write(async (tx) => {
      for (const n of [5, 3, -1, 4, 2.5]) await tx.put(key(n), String(n));
      await tx.deleteRange({ gte: key(3), lt: key(5) });
      await tx.put(key(3.5), '3.5');
    });
    const read = (extra: object) =>
      store.read(async (tx) => (await tx.range({ ...below(encodeKey('range')), ...extra })).map(([, value]) => value));
    assert.deepEqual(await read({}), ['-1', '2.5', '3.5', '5']);
    assert.deepEqual(await read({ limit: 2 }), ['-1', '2.5']);
    assert.deepEqual(await read({ limit: 2, reverse: true }), ['5', '3.5']);
    assert.deepEqual(await read({ lt: key(5) }), ['-1', '2.5', '3.5']);
    assert.deepEqual(await read({ gte: key(2.5), lt: key(2.5) }), []);
  });

  test('ranges are rolled up at a mark, own writes included', async () => {
    const key = (name: string) => encodeKey('rolled', name);
    const names = ['a', 'a/', 'a/1', 'a/2/x', 'b', 'b\0/y', 'c//z', 'd0', 'e/1', 'é/ü', 'é/ü/1', '\u{10ffff}/'];
    await store.write(async (tx) => {
      for (const name of names.slice(1)) await tx.put(key(name), JSON.stringify(name));
    });
    const read = (tx: ReadTransaction, prefix: string, mark: string, extra: object = {}) =>
      tx.rollUp({
        ...below(encodeKey('rolled')),
        ...{ limit: 100, from: key(prefix).length - 1, mark: Buffer.from(mark), ...extra },
      });
    const shown = (found: readonly RolledUp[]) =>
      found.map(([at, value]) => (value === undefined ? [decodeKey(Buffer.concat([at, Buffer.of(0)]))[1]] : (JSON.parse(value) as string)));
    const all = await store.write(async (tx) => {
      await tx.put(key('a'), '"a"');
      return read(tx, '', '/');
    });
    const whole = ['a', ['a/'], 'b', ['b\0/'], ['c/'], 'd0', ['e/'], ['é/'], ['\u{10ffff}/']];
    assert.deepEqual(shown(all), whole);
    assert.deepEqual(shown(await store.read((tx) => read(tx, '', '/', { limit: 4 }))), whole.slice(0, 4));
    assert.deepEqual(shown(await store.read((tx) => read(tx, '', '/', { gte: key('b'), lt: key('e') }))), whole.slice(2, 6));
    assert.deepEqual(shown(await store.read((tx) => read(tx, 'a/', '/', { gte: key('a/'), lt: key('a0') }))), ['a/', 'a/1', ['a/2/']]);
    assert.deepEqual(shown(await store.read((tx) => read(tx, '', '//'))), [...names.slice(0, 6), ['c//'], ...names.slice(7)]);
    assert.deepEqual(await store.read((tx) => read(tx, '', '/', { gte: key('f'), lt: key('g') })), []);
  });

  test('a transaction sees its own writes in ranges', async () => {
    const seen = await store.write(async (tx) => {
      await tx.put(encodeKey('own', 1), 'a');
      await tx.put(encodeKey('own', 2), 'b');
      await tx.delete(encodeKey('own', 1));
      return tx.range(below(encodeKey('own')));
    });
    assert.deepEqual(
      seen.map(([, value]) => value),
      ['b'],
    );
  });
}

function transactions(store: Store): void {
  test('a throwing closure rolls back itself and nothing else', async () => {
    const put = (n: number) =>
      store.write(async (tx) => {
        await tx.put(encodeKey('throw', n), String(n));
        if (n === 1) throw new Error('no');
      });
    const results = await Promise.allSettled([0, 1, 2].map(put));
    assert.deepEqual(
      results.map((result) => result.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    const entries = await store.read((tx) => tx.range(below(encodeKey('throw'))));
    assert.deepEqual(
      entries.map(([, value]) => value),
      ['0', '2'],
    );
  });

  test('a transaction is dead after its closure', async () => {
    let leaked: WriteTransaction | undefined;
    await store.write(async (tx) => void (leaked = tx));
    await assert.rejects(leaked!.put(encodeKey('leak'), '1'), TransactionOver);
    await assert.rejects(leaked!.get(encodeKey('leak')), TransactionOver);
  });

  test('a closure runs in the async context of its caller', async () => {
    const context = new AsyncLocalStorage<number>();
    const inContext = (n: number) => context.run(n, () => store.write(async (tx) => (await tx.get(encodeKey('x')), context.getStore())));
    assert.deepEqual(await Promise.all([1, 2, 3].map(inContext)), [1, 2, 3]);
  });
}

function serialisability(store: Store): void {
  test('an acknowledged write is read, and no snapshot shows half a transaction', async () => {
    const [left, right] = [encodeKey('pair', 'left'), encodeKey('pair', 'right')];
    let stop = false;
    const writer = async () => {
      for (let n = 1; n <= 200; n++) {
        await store.write(
          async (tx) => {
            await tx.put(left, String(n));
            await tx.get(left);
            await tx.put(right, String(n));
          },
          n % 3 === 0 ? 'relaxed' : 'sync',
        );
        assert.equal(await store.read((tx) => tx.get(right)), String(n));
      }
      stop = true;
    };
    const reader = async () => {
      let count = 0;
      for (; !stop; count++) {
        const [l, r] = await store.read(async (tx) => [await tx.get(left), await tx.get(right)]);
        assert.equal(l, r);
        if (count % 8 === 0) await sleep(0);
        else if (count % 3 === 0) await new Promise(setImmediate);
      }
      return count;
    };
    const [, count] = await Promise.all([writer(), reader(), reader()]);
    assert.ok(count > 20);
  });

  test('concurrent increments all count', async () => {
    const keys = [0, 1, 2].map((n) => encodeKey('counter', n));
    const increment = (n: number) =>
      store.write(async (tx) => {
        const value = Number((await tx.get(keys[n % 3]!)) ?? 0);
        await tx.put(keys[n % 3]!, String(value + 1));
      });
    await Promise.all(Array.from({ length: 300 }, (_, n) => increment(n)));
    assert.deepEqual(await store.read((tx) => tx.getMany(keys)), ['100', '100', '100']);
  });

  test('write skew does not happen: of two doctors one stays on call', async () => {
    for (let round = 0; round < 20; round++) {
      const doctors = ['a', 'b'].map((doctor) => encodeKey('on-call', round, doctor));
      await store.write(async (tx) => {
        for (const doctor of doctors) await tx.put(doctor, 'yes');
      });
      const leave = (mine: Uint8Array) =>
        store.write(async (tx) => {
          const others = await tx.range(below(encodeKey('on-call', round)));
          if (others.length > 1) await tx.delete(mine);
        });
      await Promise.all(doctors.map(leave));
      assert.equal((await store.read((tx) => tx.range(below(encodeKey('on-call', round))))).length, 1);
    }
  });
}

function watching(store: Store): void {
  test('watch tells of committed changes below its prefix', async () => {
    const seen: Change[] = [];
    const changes = store.watch(encodeKey('watched'));
    const reading = (async () => {
      for await (const change of changes) if (seen.push(change) === 2) break;
    })();
    await store.write((tx) => tx.put(encodeKey('unwatched'), '0'));
    await store.write(async (tx) => (await tx.put(encodeKey('watched', 0), '0'), Promise.reject(new Error('no')))).catch(() => {});
    await store.write((tx) => tx.put(encodeKey('watched', 1), '1'));
    // PostgreSQL gathers the keys of a few milliseconds, and tells of each but once.
    while (seen.length === 0) await new Promise(setImmediate);
    await store.write((tx) => tx.delete(encodeKey('watched', 1)));
    await reading;
    assert.deepEqual(
      seen.map(({ key }) => Buffer.from(key)),
      [encodeKey('watched', 1), encodeKey('watched', 1)],
    );
  });

  test('a watcher that reads the range after it has begun misses no write in flight', async () => {
    for (let n = 0; n < 30; n++) {
      const key = encodeKey('race', n);
      const writing = store.write((tx) => tx.put(key, String(n)));
      if (n % 3 > 0) await new Promise(setImmediate);
      const changes = store.watch(key)[Symbol.asyncIterator]();
      const seen = await store.read((tx) => tx.get(key));
      if (!seen) assert.deepEqual(Buffer.from((await changes.next()).value!.key), key);
      await changes.return!();
      await writing;
    }
  });

  test('a watcher that waits can be ended', async () => {
    const changes = store.watch(encodeKey('silent'))[Symbol.asyncIterator]();
    const next = changes.next();
    await changes.return!();
    assert.equal((await next).done, true);
  });

  test('a watcher that lags gets one change for all', async () => {
    const prefix = encodeKey('lag');
    const changes = store.watch(prefix)[Symbol.asyncIterator]();
    await store.write(async (tx) => {
      for (let n = 0; n < 12_000; n++) await tx.put(encodeKey('lag', n), '1');
    }, 'relaxed');
    const seen: Buffer[] = [];
    for (let last = Buffer.alloc(0); !last.equals(encodeKey('lag', 11_999)) && !last.equals(prefix); seen.push(last))
      last = Buffer.from((await changes.next()).value!.key);
    await changes.return!();
    assert.ok(seen.at(-1)!.equals(prefix) || seen.length === 12_000);
  });
}

function leases(store: Store): void {
  test('a lease excludes, expires, and fences its former owner', async () => {
    await store.lease('held', 60_000);
    await assert.rejects(store.lease('held', 60_000), LeaseHeld);
    const first = await store.lease('leader', 50);
    let second = await store.lease('leader', 60_000).catch(() => undefined);
    while (!second) second = await store.lease('leader', 60_000).catch(() => undefined);
    assert.ok(second.token > first.token);
    await assert.rejects(
      store.write((tx) => first.check(tx)),
      LeaseLost,
    );
    await assert.rejects(first.renew(), LeaseLost);
    await store.write((tx) => second.check(tx));
    await second.renew();
    await second.release();
    const third = await store.lease('leader', 50);
    assert.ok(third.token > second.token);
  });

  test('only one of many takes a lease', async () => {
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => store.lease('one', 60_000)));
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
  });
}
