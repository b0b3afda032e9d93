/** Reconcilers: what wakes them, and what happens when one fails. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reconciler, ReconcilerContext } from '../../framework/reconciler.ts';
import { openStore } from '../../store/open-store.ts';
import { table } from '../../store/table.ts';
import type { Store } from '../../store/store.ts';
import { openClock, type RunningClock } from '../clock.ts';
import { createReconcilerRunner, type ReconcilerRunner } from '../reconciler-runner.ts';

type Wish = { name: string };
const wishes = table<Wish>('test/wishes', { key: (row) => [row.name] });

async function withRunner(
  run: (parts: { store: Store; clock: RunningClock; runner: ReconcilerRunner; lines: string[] }) => Promise<void>,
  leases = false,
): Promise<void> {
  const store = await openStore({ temporary: true });
  const clock = await openClock(store, 'manual');
  const lines: string[] = [];
  const context = (signal: AbortSignal, log: (message: string) => void): Omit<ReconcilerContext, 'now' | 'giveWay'> =>
    ({ store, clock, signal, log }) as unknown as Omit<ReconcilerContext, 'now' | 'giveWay'>;
  const runner = createReconcilerRunner({ store, clock, leases, context, log: (line) => lines.push(line) });
  try {
    await run({ store, clock, runner, lines });
  } finally {
    await runner.close();
    clock.close();
    await store.close();
  }
}

for (const leases of [false, true]) {
  test(`a commit to a watched table wakes a reconciler${leases ? ', under a lease' : ''}`, async () => {
    await withRunner(async ({ store, runner }) => {
      const seen: number[] = [];
      let told = (): void => {};
      const reconciler: Reconciler = {
        name: 'test/wishes',
        watches: [wishes],
        run: async (context) => {
          seen.push((await context.store.read((tx) => wishes.scan(tx))).length);
          told();
        },
      };
      runner.start([reconciler]);
      await runner.settled();
      assert.deepEqual(seen, [0]);
      const woken = new Promise<void>((resolve) => (told = resolve));
      await store.write((tx) => wishes.put(tx, { name: 'a' }));
      await woken;
      assert.equal(seen.at(-1), 1);
    }, leases);
  });
}

test('the clock wakes a reconciler at the moment that it named, and every so often', async () => {
  await withRunner(async ({ clock, runner }) => {
    const runs: number[] = [];
    const begun = clock.now();
    runner.start([
      { name: 'test/once', run: async ({ now }) => (runs.push(now - begun), now === begun ? { nextAt: begun + 60_000 } : undefined) },
      { name: 'test/hourly', every: 3_600_000, run: async ({ now }) => void runs.push(now - begun + 0.5) },
    ]);
    await runner.settled();
    await clock.advance(60_000);
    await runner.settled();
    await clock.advance(3_540_000);
    await runner.settled();
    assert.deepEqual(
      runs.sort((a, b) => a - b),
      [0, 0.5, 60_000, 3_600_000.5],
    );
  });
});

test('one that rests is not hurried by commits, and what they changed is seen when all is settled', async () => {
  await withRunner(async ({ store, runner }) => {
    const passes: { begun: number; took: number; seen: number }[] = [];
    runner.start([
      {
        name: 'test/resting',
        watches: [wishes],
        rests: true,
        run: async (context) => {
          const begun = performance.now();
          while (performance.now() - begun < 10) await new Promise(setImmediate);
          const seen = (await context.store.read((tx) => wishes.scan(tx))).length;
          passes.push({ begun, took: performance.now() - begun, seen });
        },
      },
    ]);
    await runner.settled();
    for (const name of ['a', 'b', 'c']) await store.write((tx) => wishes.put(tx, { name }));
    await runner.settled();
    assert.equal(passes.at(-1)!.seen, 3);
    const [first, second] = passes;
    assert.ok(second!.begun - first!.begun >= 4 * first!.took);
  });
});

test('a failure is shown, logged, and held off', async () => {
  await withRunner(async ({ runner, lines }) => {
    runner.start([
      {
        name: 'test/broken',
        run: async () => {
          throw new Error('no such disk');
        },
      },
    ]);
    await runner.settled();
    const [status] = runner.status();
    assert.equal(status!.state, 'failing');
    assert.equal(status!.lastError, 'no such disk');
    assert.match(lines.join('\n'), /test\/broken failed \(1\): Error: no such disk/);
  });
});

test('a lease that cannot be given back stops nobody', async () => {
  const store = await openStore({ temporary: true });
  const clock = await openClock(store, 'manual');
  const lines: string[] = [];
  const release = async (): Promise<void> => {
    throw new Error('the database is away');
  };
  const leasing = {
    lease: async () => ({ token: 1n, check: async () => {}, renew: async () => {}, release }),
    watch: store.watch.bind(store),
  };
  const context = () => ({ store, clock }) as unknown as Omit<ReconcilerContext, 'now' | 'giveWay'>;
  const runner = createReconcilerRunner({
    store: leasing as unknown as Store,
    clock,
    leases: true,
    context,
    log: (line) => lines.push(line),
  });
  let runs = 0;
  runner.start([{ name: 'test/leased', every: 1_000, run: async () => void runs++ }]);
  await runner.settled();
  await clock.advance(1_000);
  await runner.settled();
  await runner.close();
  assert.equal(runs, 2);
  assert.match(lines.join('\n'), /its lease was not given back: Error: the database is away/);
  clock.close();
  await store.close();
});
