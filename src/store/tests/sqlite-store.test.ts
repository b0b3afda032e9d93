/** What only the embedded driver promises: refusing foreign awaits, rehearsing, one process at a time, clear errors. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeKey } from '../keys.ts';
import { openStore } from '../open-store.ts';
import { ForeignAwait, StoreInUse, StoreUnwritable, TransactionOver, type WriteTransaction } from '../store.ts';

const directory = mkdtempSync(join(tmpdir(), 'haneul-sqlite-'));
after(() => rmSync(directory, { recursive: true }));
const one = encodeKey(1);

describe('foreign awaits', async () => {
  const store = await openStore({ temporary: true });
  after(() => store.close());
  const settled = readFile(import.meta.filename);
  await settled;

  const foreign: Record<string, (tx: WriteTransaction) => Promise<unknown>> = {
    'a timer': () => sleep(0),
    setImmediate: () => new Promise(setImmediate),
    'process.nextTick': () => new Promise<void>((resolve) => process.nextTick(resolve)),
    'nextTick after tx': async (tx) => (await tx.get(one), new Promise<void>((resolve) => process.nextTick(resolve))),
    'a file': () => readFile(import.meta.filename),
    'another write': () => store.write((tx) => tx.put(one, '1')),
    'a digest': () => crypto.subtle.digest('SHA-256', new Uint8Array(1)),
    never: () => new Promise(() => {}),
  };
  for (const [name, wait] of Object.entries(foreign)) {
    test(`refuses to await ${name}, and rolls back`, async () => {
      const key = encodeKey('foreign', name);
      const refused = store.write(async (tx) => {
        await tx.put(key, '1');
        await wait(tx);
      });
      const neighbour = store.write((tx) => tx.put(encodeKey('neighbour', name), '1'));
      await assert.rejects(refused, ForeignAwait);
      await neighbour;
      assert.equal(await store.read((tx) => tx.get(key)), undefined);
      assert.equal(await store.read((tx) => tx.get(encodeKey('neighbour', name))), '1');
      await assert.rejects(
        store.read(async (tx) => (await tx.get(one), wait(tx as WriteTransaction))),
        ForeignAwait,
      );
    });
  }

  const allowed: Record<string, (tx: WriteTransaction) => Promise<unknown>> = {
    nothing: async () => {},
    'a thousand gets': async (tx) => {
      for (let n = 0; n < 1000; n++) await tx.get(one);
    },
    'Promise.all over gets': (tx) => Promise.all([tx.get(one), tx.get(one)]),
    'settled promises': async () => {
      await settled;
      await Promise.resolve();
    },
    'async generators': async (tx) => {
      async function* walk() {
        for (let n = 0; n < 9; n++) yield await tx.get(one);
      }
      for await (const _ of walk());
    },
  };
  for (const [name, wait] of Object.entries(allowed)) {
    test(`allows ${name}, whatever calls it`, async () => {
      await store.write(wait);
      await store.read((tx) => wait(tx as WriteTransaction));
      await new Promise<void>((resolve, reject) => process.nextTick(() => store.write(wait).then(() => resolve(), reject)));
      await new Promise<void>((resolve, reject) =>
        setTimeout(() => store.read((tx) => wait(tx as WriteTransaction)).then(() => resolve(), reject)),
      );
    });
  }

  test('a refused closure cannot touch the store when it wakes up', async () => {
    let wakeUp = (): void => {};
    let late: Promise<unknown> | undefined;
    await assert.rejects(
      store.write(async (tx) => {
        await new Promise<void>((resolve) => (wakeUp = resolve));
        late = tx.put(encodeKey('late'), '1');
        await late;
      }),
      ForeignAwait,
    );
    wakeUp();
    await new Promise(setImmediate);
    await assert.rejects(late!, TransactionOver);
  });

  test('a failure is reported only after what it saw is durable', async () => {
    const order: string[] = [];
    const key = encodeKey('unique');
    const create = async (name: string) => {
      const creation = store.write(async (tx) => {
        if (await tx.get(key)) throw new Error('exists');
        await tx.put(key, '1');
      });
      await creation.then(
        () => order.push(name),
        () => order.push(`${name} failed`),
      );
    };
    await Promise.all([create('first'), create('second')]);
    assert.deepEqual(order, ['first', 'second failed']);
  });
});

test('a rehearsing store runs closures twice and keeps the second run', async () => {
  const store = await openStore({ temporary: true, rehearse: true });
  after(() => store.close());
  let runs = 0;
  await store.write((tx) => tx.put(one, String(++runs)));
  assert.equal(await store.read((tx) => (runs++, tx.get(one))), '2');
  assert.equal(runs, 4);
});

test('a directory in use is refused, naming the process; when that is killed it is free at once', async () => {
  const dataDirectory = join(directory, 'owned');
  const program = `import { openStore } from ${JSON.stringify(new URL('../open-store.ts', import.meta.url).href)};
    await openStore({ dataDirectory: ${JSON.stringify(dataDirectory)} }); console.log('open'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await assert.rejects(
    openStore({ dataDirectory }),
    (error: Error) =>
      error instanceof StoreInUse && error.message.includes(`process ${child.pid}`) && error.message.includes(dataDirectory),
  );
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  const store = await openStore({ dataDirectory });
  await assert.rejects(openStore({ dataDirectory }), StoreInUse);
  await store.close();
});

test('a lease that a killed process held does not keep its successor waiting', async () => {
  const dataDirectory = join(directory, 'leases');
  const first = await openStore({ dataDirectory });
  const lease = await first.lease('reconciler', 3_600_000);
  await first.close();
  const next = await openStore({ dataDirectory });
  assert.ok((await next.lease('reconciler', 1_000)).token > lease.token);
  await next.close();
});

test('a directory that cannot be written is refused with its name and the reason', async (context) => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  await assert.rejects(
    openStore({ dataDirectory: file }),
    (error: Error) => error instanceof StoreUnwritable && error.message.includes(file),
  );
  if (process.getuid!() !== 0) return context.diagnostic('not root: permissions are tested with a file in the way only');
  const locked = mkdtempSync(join(tmpdir(), 'haneul-locked-'));
  after(() => rmSync(locked, { recursive: true }));
  chmodSync(locked, 0o755);
  process.seteuid!(65534);
  try {
    await assert.rejects(
      openStore({ dataDirectory: locked }),
      (error: Error) => error instanceof StoreUnwritable && /EACCES/.test(error.message),
    );
  } finally {
    process.seteuid!(0);
  }
});
